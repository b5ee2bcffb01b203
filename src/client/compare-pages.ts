/** A project's page, in the form in which two servers' can be compared: what decides which file is installed. */
import { parseProjectHtml } from '#python/html-page-reader'
import { parseProjectJson } from '#python/simple-page-json'
import { normalizeName } from '#python/name'
import type { PageText } from './client.ts'
import { pathFrom } from './compare-releases.ts'

export interface FileView {
  /** From the server's root on. */
  readonly path: string
  readonly hashes: Readonly<Record<string, string>>
  readonly requiresPython: string | undefined
  /** `true`, or the reason. */
  readonly yanked: boolean | string | undefined
}

/** By file name. */
export function readFiles(page: PageText): Record<string, FileView> {
  const { files } = (page.isJson ? parseProjectJson : parseProjectHtml)(page.text, page.url)
  return Object.fromEntries(
    files.map(({ filename, url, hashes, requiresPython, yanked }) => [
      filename,
      {
        ...{ path: pathFrom(url), hashes },
        requiresPython: requiresPython === '' ? undefined : requiresPython,
        yanked: yanked === false ? undefined : yanked,
      },
    ]),
  )
}

/** The projects that an index lists, in normal form. */
export function readNames({ text, isJson }: PageText): string[] {
  const names = isJson
    ? (JSON.parse(text) as { projects: readonly { name: string }[] }).projects.map(
        ({ name }) => name,
      )
    : [...text.matchAll(/<a\s[^>]*>([^<]+)<\/a>/g)].map(([, name = '']) => name)
  return names.map((name) => normalizeName(name))
}
