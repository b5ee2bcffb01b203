/** The page of a project: links to bytes. */
import { escapeHtml } from '#python/html-escape'
import type { PageFile } from '#python/simple-page'
import { writeProjectHtml } from '#python/simple-page-html'
import { writeProjectJson } from '#python/simple-page-json'
import type { ProjectName } from '#python/name'
import type { Steps } from '#python/steps'
import { compareRead, readVersion, sortByVersion } from '#python/version-order'
import { fileFolder } from '#registry/file-path'
import { offeredMetadata, type FileEntry } from '#registry/files'
import { makesMetadata, type IndexName, type NamedIndex } from '#registry/indexes'
import type { Link, ProjectLinks, Scope } from '#registry/links'
import type { SimpleFormat } from './format.ts'

/** Where links point from: they are relative to it, unless there is an absolute `root`. */
export interface LinkPlace {
  readonly index: IndexName
  /** How many `../` lead from the page to its index. */
  readonly depth: number
  readonly root?: string | undefined
  /** Whether all files are served by this index, which has policies to enforce, and not by those that hold them. */
  readonly isPoliced?: boolean
  /** The indexes that make core metadata where upstream has none. */
  readonly makers?: ReadonlySet<IndexName>
}

export interface PagePlace extends LinkPlace {
  readonly scope: Scope
  readonly format: SimpleFormat
  /** With the owners of files, the newest first, and what people may want to know and do (devpi-http 4.9). */
  readonly isForPeople: boolean
}

/** In steps: a page may have very many files. */
export function* renderProjectPage(
  found: ProjectLinks,
  project: ProjectName,
  place: PagePlace,
): Steps<string> {
  const { status, upstreamSerial, isPoliced } = found
  const links = place.isForPeople ? newestFirst(found.links) : found.links
  const linkPlace = { ...place, isPoliced, makers: makersAmong(found.sources.order) }
  const files: PageFile[] = []
  for (const link of links) {
    files.push(pageFile(link, linkPlace))
    yield
  }
  const page = {
    name: project,
    versions: listVersions(links),
    files,
    ...(status ? { status } : {}),
    ...(upstreamSerial === undefined ? {} : { lastSerial: upstreamSerial }),
  }
  if (place.format === 'json') return yield* writeProjectJson(page)
  return yield* writeProjectHtml(page, {
    title: `${place.index}: links for ${project}`,
    ...(place.isForPeople && {
      intro: introOf(found, place),
      labels: links.map(({ index }) => index),
    }),
  })
}

export const makersAmong = (indexes: readonly NamedIndex[]): ReadonlySet<IndexName> =>
  new Set(indexes.filter(({ entry }) => makesMetadata(entry)).map(({ name }) => name))

/** By version, then by what follows it in the file's name: of one release, sdists come before wheels. */
function newestFirst(links: readonly Link[]): Link[] {
  return links
    .map((link) => ({
      link,
      version: readVersion(link.file.version),
      ending: endingOf(link.filename),
    }))
    .sort(
      (a, b) =>
        compareRead(b.version, a.version) ||
        Number(a.ending < b.ending) - Number(a.ending > b.ending),
    )
    .map(({ link }) => link)
}

const endingOf = (filename: string): string =>
  /(?:-[^-]+){3}\.whl$|(?:\.tar)?\.[^.]*$/.exec(filename)?.[0] ?? ''

/** A button, where mirrors have the project; a word for each that is not asked. As devpi writes them. */
function introOf(
  { sources: { order, blocked }, holders }: ProjectLinks,
  { scope }: PagePlace,
): string {
  const isMirror = order[0]?.entry.type === 'mirror'
  const hasMirror =
    scope === 'all' &&
    order.some(({ name, entry }) => entry.type === 'mirror' && holders.includes(name))
  const button = `<input name="refresh" type="submit" value="Refresh${isMirror ? '' : ' mirror links'}">`
  const form = hasMirror ? `<form action="refresh" method="post">${button}</form>\n` : ''
  const notices = blocked.map(
    (name) =>
      `<p><strong>INFO:</strong> Because this project isn't in the <code>mirror_whitelist</code>, no releases from <strong>${escapeHtml(name)}</strong> are included.</p>\n`,
  )
  return form + notices.join('')
}

/** Every version that has a file, oldest first (PEP 700). */
const listVersions = (links: readonly Link[]): string[] =>
  sortByVersion(new Set(links.map(({ file }) => file.version)), (version) => version)

export function pageFile({ index, filename, file }: Link, place: LinkPlace): PageFile {
  const { size, uploadedAt, requiresPython, yanked, upstream } = file
  const metadata = offeredMetadata(file, filename, place.makers?.has(index) ?? false)
  return {
    filename,
    url: `${urlOfIndex(place.isPoliced ? place.index : index, place)}${fileFolder(file)}/${encodeFilename(filename)}`,
    hashes: shownHashes(file),
    ...(size === undefined ? {} : { size }),
    ...(uploadedAt === undefined ? {} : { uploadedAt }),
    ...(requiresPython ? { requiresPython } : {}),
    ...(yanked === undefined ? {} : { yanked }),
    ...(metadata === undefined
      ? {}
      : { coreMetadata: metadata === true ? true : { sha256: metadata } }),
    ...(upstream?.provenance === undefined ? {} : { provenance: upstream.provenance }),
  }
}

/** Those that are listed, with the SHA-256 that a mirrored file turned out to have. */
const shownHashes = ({ hashes, digest }: FileEntry): FileEntry['hashes'] =>
  digest === undefined || hashes['sha256'] !== undefined ? hashes : { sha256: digest, ...hashes }

/** As short as it gets, as devpi has it: up to what both addresses share. */
function urlOfIndex(index: IndexName, { index: from, depth, root }: LinkPlace): string {
  const [user = '', name = ''] = index.split('/').map(encodeURIComponent)
  if (root !== undefined) return `${root}/${user}/${name}/`
  if (index === from) return '../'.repeat(depth)
  const isSameUser = from.startsWith(index.slice(0, index.indexOf('/') + 1))
  return isSameUser
    ? `${'../'.repeat(depth + 1)}${name}/`
    : `${'../'.repeat(depth + 2)}${user}/${name}/`
}

/** pip quotes `+` and `!` itself: written so, the page and the request agree (index-standards 1.1). */
const encodeFilename = (filename: string): string =>
  encodeURIComponent(filename).replaceAll('!', '%21')
