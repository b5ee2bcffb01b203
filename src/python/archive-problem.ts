/** Why an archive's metadata could not be read, and the limits every archive reader keeps. */

/**
 * - `unreadable`: no archive at all (not a zip, cut short).
 * - `missing`: an archive without the file looked for.
 * - `hostile`: bombs, path tricks, duplicates; must always be refused.
 */
export type ArchiveProblemKind = 'unreadable' | 'missing' | 'hostile'

export class ArchiveProblem extends Error {
  readonly kind: ArchiveProblemKind
  /** A sentence without its full stop, for the uploader. */
  readonly reason: string

  constructor(kind: ArchiveProblemKind, reason: string, options?: { readonly cause?: unknown }) {
    super(reason, options)
    this.name = 'ArchiveProblem'
    this.kind = kind
    this.reason = reason
  }
}

export function hostile(reason: string): ArchiveProblem {
  return new ArchiveProblem('hostile', reason)
}

const MIB = 1024 * 1024

export const archiveLimits = {
  entries: 100_000,
  /** All member names together. */
  nameBytes: 16 * MIB,
  metadataBytes: 16 * MIB,
  /** An archive may grow beyond this only within `ratio`. */
  freeBytes: 64 * MIB,
  ratio: 50,
} as const

export function assertNoBomb(unpacked: number, packed: number): void {
  const { freeBytes, ratio } = archiveLimits
  if (unpacked > freeBytes && unpacked > packed * ratio) {
    throw hostile(`the archive would unpack to more than ${ratio} times its size`)
  }
}

/** Remembers the members seen so far, and refuses names that would leave the folder or come twice. */
export class MemberNames {
  readonly #seen = new Set<string>()
  #bytes = 0

  /** The name with `./` and doubled slashes taken out. */
  add(name: string): string {
    assertPlainPath(name)
    const path = IDLE_PART.test(name) ? withoutIdleParts(name) : name

    this.#bytes += path.length
    if (this.#seen.size >= archiveLimits.entries || this.#bytes > archiveLimits.nameBytes) {
      throw hostile('the archive has too many members')
    }
    if (this.#seen.has(path)) throw hostile(`the archive has two members named ${show(path)}`)
    this.#seen.add(path)
    return path
  }
}

/** `.` or nothing between slashes. */
const IDLE_PART = /(?:^|\/)\.?(?:\/|$)/

const withoutIdleParts = (name: string): string =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')

export function assertOneTop(tops: ReadonlySet<string>): void {
  if (tops.size > 1) throw hostile('the archive has more than one top folder')
}

/** From the root, out of the folder, or with characters that no path should have. */
const UNSAFE = /^(?:\/|[a-z]:)|(?:^|\/)\.\.(?:\/|$)|[\\\p{Cc}]/iu

export function assertPlainPath(path: string): void {
  if (UNSAFE.test(path)) {
    throw hostile(`the archive has a member with the unsafe name ${show(path)}`)
  }
}

function show(path: string): string {
  return JSON.stringify(path.length > 100 ? `${path.slice(0, 100)}…` : path)
}

/** What a library says of an archive becomes `unreadable`; a failing disk stays what it is. */
export async function asArchiveProblem<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof ArchiveProblem || isSystemError(cause)) throw cause
    throw new ArchiveProblem('unreadable', 'the archive is damaged', { cause })
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
