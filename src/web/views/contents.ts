/** The model of the template `contents`: a folder of a wheel, a source distribution or another archive. */
import { visibleName } from '#base/visible-text'
import { firstFolder, mayBeText, viewFolder } from '#python/archive-folder'
import type { ArchiveListing, ArchiveMember, MemberKind } from '#python/archive-listing'
import { insideAddress, folderAddress, memberAddress, type InsideOf } from './inside.ts'
import type { Addresses } from '../addresses.ts'
import { addressOfPage, cutPage, pagingOf, type Paging } from './paging.ts'

export interface ContentsView {
  readonly project: string
  readonly version: string
  readonly filename: string
  readonly releaseAddress: string
  /** Where the file itself is downloaded. */
  readonly fileAddress: string
  /** Bytes of the file, where it is known. */
  readonly size: number | undefined
  /**
   * - `listed`: what is in it follows.
   * - `absent`: a mirrored file that is not stored here yet.
   * - `closed`: a kind of file that is not looked into.
   */
  readonly state: 'listed' | 'absent' | 'closed'
  /** Why not all members may be listed: a sentence without its full stop. */
  readonly incomplete: string | undefined
  readonly memberCount: number
  /** Bytes of all members, unpacked. */
  readonly unpackedSize: number
  /** The folders from the file on down to this one. */
  readonly path: readonly { readonly name: string; readonly address: string }[]
  readonly folders: readonly FolderLine[]
  readonly members: readonly MemberLine[]
  readonly paging: Paging
}

export interface FolderLine {
  readonly name: string
  readonly address: string
  readonly memberCount: number
  readonly size: number
}

export interface MemberLine {
  /** What is unseen in it stands in brackets. */
  readonly name: string
  /** Undefined where there is nothing to look at. */
  readonly address: string | undefined
  readonly kind: MemberKind
  readonly size: number
  /** Milliseconds. */
  readonly modifiedAt: number | undefined
  /** What a link names; it is not followed. */
  readonly linkTo: string | undefined
  /** What is wrong with it, in words. */
  readonly trouble: string | undefined
}

/** What is known of the file before anybody looks into it. */
export interface FileFacts extends InsideOf {
  readonly fileAddress: string
  readonly size: number | undefined
}

const LINES = 1000

export interface FolderQuestion {
  /** Undefined where looking begins. */
  readonly folder: string | undefined
  readonly page: number
}

/** Undefined where the archive has no such folder. */
export function viewContents(
  facts: FileFacts,
  found: ArchiveListing | 'absent' | 'closed',
  { folder: asked, page }: FolderQuestion,
  addresses: Addresses,
): ContentsView | undefined {
  const listing = typeof found === 'string' ? undefined : found
  const base = insideAddress(addresses, facts)
  const path = asked ?? (listing ? firstFolder(listing) : '')
  const folder = listing && viewFolder(listing, path)
  if (listing && !folder) return undefined
  const folders = folder?.folders ?? []
  const members = folder?.members ?? []
  const own = folderAddress(base, path)
  const cut = cutPage(page, folders.length + members.length, LINES)
  const memberStart = Math.max(cut.start - folders.length, 0)
  const memberEnd = Math.max(cut.end - folders.length, 0)
  return {
    project: facts.project,
    version: facts.version,
    filename: facts.filename,
    releaseAddress: addresses.release(facts.index, facts.project, facts.version),
    fileAddress: facts.fileAddress,
    size: facts.size,
    state: typeof found === 'string' ? found : 'listed',
    incomplete: listing?.incomplete,
    memberCount: listing?.members.length ?? 0,
    unpackedSize: listing?.members.reduce((sum, { size }) => sum + size, 0) ?? 0,
    path: pathOf(base, facts.filename, path),
    folders: folders.slice(cut.start, cut.end).map((one) => ({
      name: visibleName(one.name),
      address: folderAddress(base, one.path),
      memberCount: one.members,
      size: one.size,
    })),
    members: members.slice(memberStart, memberEnd).map((member) => memberLine(base, path, member)),
    paging: pagingOf(cut, addressOfPage(own)),
  }
}

/** The file, and every folder of a path in it. */
export function pathOf(base: string, filename: string, path: string): ContentsView['path'] {
  const names = path === '' ? [] : path.split('/')
  const folders = names.map((name, at) => ({
    name: visibleName(name),
    address: folderAddress(base, names.slice(0, at + 1).join('/')),
  }))
  return [{ name: filename, address: folderAddress(base, '') }, ...folders]
}

function memberLine(base: string, folder: string, member: ArchiveMember): MemberLine {
  const { kind, path, size, modifiedAt, linkTo, trouble } = member
  const name = path.slice(folder === '' ? 0 : folder.length + 1)
  return {
    name: visibleName(name),
    address: mayBeText(member) ? memberAddress(base, member) : undefined,
    kind,
    size,
    modifiedAt,
    linkTo: linkTo === undefined ? undefined : visibleName(linkTo),
    trouble: trouble && troubles[trouble],
  }
}

export const troubles = {
  unsafe: 'unsafe name',
  doubled: 'name comes twice',
} as const
