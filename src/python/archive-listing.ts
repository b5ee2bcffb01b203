/**
 * What an archive holds, for people who look: nothing is refused for its names or kinds, all is shown as what it is.
 * Installers' rules are elsewhere (`zip-directory`, `tar-members`).
 */
import { ArchiveProblem } from './archive-problem.ts'

/** A `link` is never followed; `special` is a device, a pipe or what no tool of today knows. */
export type MemberKind = 'file' | 'folder' | 'link' | 'special'

/**
 * - `unsafe`: an absolute name, one that leads outside, or one with characters that no name should have.
 * - `doubled`: another member of that path stands before it.
 */
export type MemberTrouble = 'unsafe' | 'doubled'

export interface ArchiveMember {
  /** Its place among all members, from 0. */
  readonly at: number
  /** Without `./`, doubled slashes and those at its ends; never empty. */
  readonly path: string
  readonly kind: MemberKind
  /** Bytes, unpacked. */
  readonly size: number
  /** In milliseconds. */
  readonly modifiedAt: number | undefined
  /** Of a link in a tar. In a zip its content is the target. */
  readonly linkTo: string | undefined
  /** Of a file: in a zip as its directory says. */
  readonly crc32: number | undefined
  readonly trouble: MemberTrouble | undefined
  /** Where a zip has its bytes. */
  readonly place: ZipPlace | undefined
}

export interface ZipPlace {
  readonly offset: number
  /** Bytes in the archive. */
  readonly packed: number
  /** Undefined where it is encrypted, or packed in a way that can't be read here. */
  readonly method: 'stored' | 'deflated' | undefined
}

export interface ArchiveListing {
  readonly members: readonly ArchiveMember[]
  /** Why there may be more: a sentence without its full stop. Undefined where this is all. */
  readonly incomplete: string | undefined
}

export type ArchiveKind = 'zip' | 'tar.gz' | 'tar'

/** Undefined for what can't be looked into. */
export function archiveKind(filename: string): ArchiveKind | undefined {
  const [, extension] = /\.(whl|zip|egg|tar\.gz|tgz|tar)$/i.exec(filename) ?? []
  switch (extension?.toLowerCase()) {
    case undefined:
      return undefined
    case 'tar':
      return 'tar'
    case 'tar.gz':
    case 'tgz':
      return 'tar.gz'
    default:
      return 'zip'
  }
}

/** Whether the time for a look is over. */
export type IsOver = () => boolean

export const listingLimits = {
  members: 50_000,
  /** All names together, with the targets of links. */
  nameChars: 8 * 1024 * 1024,
  /** A longer one is cut. */
  longestName: 4096,
  /** Of a tar, unpacked. */
  bytes: 8 * 1024 ** 3,
} as const

type Found = Omit<ArchiveMember, 'at' | 'path' | 'trouble'> & { readonly name: string }

/** Collects members within the limits. */
export class ListingBuilder {
  readonly #members: ArchiveMember[] = []
  readonly #paths = new Set<string>()
  #nameChars = 0

  /** Throws `ArchiveProblem` beyond the limits. */
  add({ name: whole, ...found }: Found): void {
    const name = whole.slice(0, listingLimits.longestName)
    const path = plainPath(name)
    if (path === '' && found.kind === 'folder') return // the folder that all lies in
    this.#nameChars += name.length + (found.linkTo?.length ?? 0)
    if (this.#members.length >= listingLimits.members) {
      throw stopped(`only the first ${listingLimits.members} members are listed`)
    }
    if (this.#nameChars > listingLimits.nameChars) throw stopped('the names are too long')

    const isDoubled = found.kind !== 'folder' && this.#paths.has(path)
    const isUnsafe = whole !== name || path === '' || isUnsafeName(name)
    this.#paths.add(path)
    this.#members.push({
      ...found,
      at: this.#members.length,
      path: path || '(no name)',
      trouble: isUnsafe ? 'unsafe' : isDoubled ? 'doubled' : undefined,
    })
  }

  get size(): number {
    return this.#members.length
  }

  end(incomplete?: string): ArchiveListing {
    return { members: this.#members, incomplete }
  }
}

const plainPath = (name: string): string =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')

const isUnsafeName = (name: string): boolean =>
  /^(?:\/|[a-z]:)/i.test(name) ||
  name.split('/').includes('..') ||
  /[\\\uFFFD\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)

/** The look at an archive ends early, with what was found. */
export const stopped = (reason: string): ArchiveProblem => new ArchiveProblem('unreadable', reason)

export const tooLong = (): ArchiveProblem =>
  stopped('reading it took too long, or it unpacks to too much')
