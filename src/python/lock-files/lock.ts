/** What all kinds of lock files have in common. */
import type { ProjectName } from '../name.ts'

export interface LockedFile {
  readonly project: ProjectName
  readonly version: string | undefined
  /** Absent where a requirement names a hash alone. */
  readonly filename?: string | undefined
  /** Absent where an index is to tell. */
  readonly url?: string | undefined
  /** Lower-case hex by algorithm; never empty. */
  readonly hashes: Readonly<Record<string, string>>
  readonly size?: number | undefined
  /** From 1. */
  readonly line: number
}

export interface LockedPackage {
  readonly name: ProjectName
  /** Absent where an address alone is locked. */
  readonly version: string | undefined
  /** The index it was taken from, where the file says so. */
  readonly index?: string | undefined
  /** Empty for what is no index's: repositories, folders, local files. */
  readonly files: readonly LockedFile[]
  readonly marker?: string | undefined
  /** In place of one marker: it is meant where any of these holds. */
  readonly forks?: readonly string[]
  /** Of other packages; absent where the file does not tell. */
  readonly needs?: readonly LockedNeed[]
  /** A project that was locked with all that it needs. */
  readonly isRoot?: boolean
  /** From 1: where it begins. */
  readonly line: number
}

export interface LockedNeed {
  readonly name: ProjectName
  /** Where the file has several. */
  readonly version?: string | undefined
  readonly marker?: string | undefined
}

/** An address in the text of a lock file, which can be replaced there without touching anything else. */
export interface LockAddress {
  readonly kind: 'index' | 'file' | 'find-links'
  readonly url: string
  /** Of which package; absent where it is for the whole file. */
  readonly project?: ProjectName | undefined
  /** In characters, from 0, without quotes. */
  readonly start: number
  readonly end: number
  readonly line: number
}

export interface LockFile {
  readonly kind: 'uv.lock' | 'pylock.toml' | 'requirements'
  readonly packages: readonly LockedPackage[]
  /** In the order of the text. */
  readonly addresses: readonly LockAddress[]
  /** Other files that a requirements file reads. */
  readonly includes: readonly string[]
}

/** A lock file that cannot be understood. */
export class UnreadableLock extends Error {
  readonly line: number
  /** Completes "line 7: …". */
  readonly problem: string

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`)
    this.name = 'UnreadableLock'
    this.line = line
    this.problem = problem
  }
}

export const quoted = (text: string): string => JSON.stringify(text.slice(0, 100))

export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text)

/** The file's own name at the end of its address. Throws for one that leads elsewhere. */
export function filenameOf(address: string, line: number): string {
  const path = address.replace(/[?#].*$/s, '')
  let name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  try {
    name = decodeURIComponent(name)
  } catch {
    throw new UnreadableLock(line, `${quoted(address)} is no address of a file`)
  }
  return assertFilename(name, line)
}

export function assertFilename(name: string, line: number): string {
  const isSafe = name !== '' && name.length <= 255 && !/[/\\\p{Cc}]|\.\./u.test(name)
  if (!isSafe) throw new UnreadableLock(line, `${quoted(name)} is no name of a file`)
  return name
}

const DIGITS: Readonly<Record<string, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
}

export function assertHash(algorithm: string, digest: string, line: number): [string, string] {
  const name = algorithm.toLowerCase()
  const digits = DIGITS[name] ?? (/^blake2b$/.test(name) ? 128 : 0)
  if (digest.length !== digits || !/^[0-9a-f]+$/i.test(digest)) {
    throw new UnreadableLock(line, `${quoted(`${algorithm}:${digest}`)} is no hash`)
  }
  return [name, digest.toLowerCase()]
}
