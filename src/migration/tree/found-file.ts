/** A distribution in a tree of files, with what the tree says of it. */
import { parseFilename, type FileName } from '#python/filename'
import type { ProjectName } from '#python/name'
import { printVersion } from '#python/version'

export interface FoundFile {
  readonly path: string
  /** Below the tree, for people. */
  readonly shown: string
  readonly filename: string
  /** Where a page names it. */
  readonly project?: ProjectName | undefined
  /** What the file must have, by algorithm. */
  readonly hashes: Readonly<Record<string, string>>
  /** RFC 3339 with `Z`; where nobody tells, the file's own time counts. */
  readonly uploadedAt?: string | undefined
  readonly requiresPython?: string | undefined
  readonly yanked?: true | string | undefined
}

/** What is in a tree: a distribution, or what cannot be one, with the reason. */
export type Found = FoundFile | { readonly shown: string; readonly problem: string }

export interface NamedFile {
  readonly project: ProjectName
  readonly version: string
  readonly parsed: FileName
}

/** Project and version by the file's name. Undefined for what names none. */
export function readName(filename: string, project?: ProjectName): NamedFile | undefined {
  const parsed = parseFilename(filename, project)
  const { name, version, versionText } = parsed ?? {}
  const text = version ? printVersion(version) : versionText
  if (!parsed || name === undefined || text === undefined || text === '') return undefined
  return { project: name, version: text, parsed }
}

/** Names that become part of keys and addresses. */
export const isPlain = (filename: string): boolean =>
  filename.length <= 240 &&
  filename.isWellFormed() &&
  !/[/\\\p{Cc}\u2028\u2029]|\.\./u.test(filename) &&
  !filename.startsWith('.')
