/** A release in devpi's shape: its metadata, with `+links` and `+shadowing` (devpi-http 4.13). */
import type { ReleaseLink } from '#registry/release-links'
import type { ReleaseView } from '#registry/release-views'
import { LongObject } from './long-json.ts'

/** `root`: the server's absolute URL, which the links begin with. */
export function printRelease(view: ReleaseView, root: string): Record<string, unknown> {
  const { metadata, links, shadowing } = view
  return {
    ...metadata,
    ...(links && { '+links': links.map((link) => printLink(link, root)) }),
    ...(shadowing.length > 0 && {
      '+shadowing': shadowing.map((other) => printRelease(other, root)),
    }),
  }
}

/** By version. */
export const printReleases = (
  releases: ReadonlyMap<string, ReleaseView>,
  root: string,
): LongObject =>
  new LongObject(() =>
    releases.entries().map(([version, view]) => [version, printRelease(view, root)] as const),
  )

function printLink(link: ReleaseLink, root: string) {
  const { rel, path, hashSpec, hashes, log } = link
  return {
    rel,
    href: absoluteUrl(path, root),
    hash_spec: hashSpec,
    hashes,
    ...(link.rel === 'toxresult' && { for_href: absoluteUrl(link.of.path, root) }),
    ...(log && { log }),
  }
}

/** Segments are encoded, but a `+` stays as it is: clients take addresses apart at `+f`. */
export function absoluteUrl(path: string, root: string): string {
  const encoded = path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replaceAll('%2B', '+'))
  return `${root}/${encoded.join('/')}`
}
