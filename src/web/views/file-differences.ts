/** The models of the templates `file-differences` and `member-differences`: two files, or a member of both, compared. */
import { visibleName } from '#base/visible-text'
import { mayBeText } from '#python/archive-folder'
import type { ArchiveListing, ArchiveMember } from '#python/archive-listing'
import { compareMembers, type MemberDifferences } from '#python/member-differences'
import type { MemberComparison, TextDifferences } from '#registry/release-differences'
import type { Addresses } from '../addresses.ts'
import type { AskedProject, InsideFile } from '../inside-file.ts'
import { filesQuery } from './differences.ts'
import { changesAddress, insideAddress, memberAddress } from './inside.ts'

/** Two files of two releases. */
export interface ComparedFiles {
  readonly before: InsideFile
  readonly after: InsideFile
}

export interface FilesHead {
  readonly project: string
  readonly before: FileHead
  readonly after: FileHead
  /** The comparison of their releases. */
  readonly changesAddress: string
}

export interface FileHead {
  readonly version: string
  readonly filename: string
  /** Where it is looked into. */
  readonly address: string
  /** Where it is downloaded. */
  readonly fileAddress: string
}

export interface FileDifferencesView extends FilesHead {
  /** Those of both that are not stored here: nothing is compared then. */
  readonly absent: readonly FileHead[]
  /** Whether one is of a kind that is not looked into. */
  readonly isClosed: boolean
  /** Why there may be more, for each: sentences without their full stops. */
  readonly incomplete: readonly string[]
  readonly added: readonly MemberSide[]
  readonly removed: readonly MemberSide[]
  readonly changed: readonly ChangedMember[]
  /** How many there are of each, shown or not. */
  readonly counts: {
    readonly added: number
    readonly removed: number
    readonly changed: number
    readonly same: number
  }
  readonly isCut: boolean
}

interface MemberSide {
  readonly name: string
  /** Undefined where there is nothing to look at. */
  readonly address: string | undefined
  readonly size: number
}

interface ChangedMember {
  readonly name: string
  /** Where their texts are compared; undefined where they are hardly texts. */
  readonly address: string | undefined
  readonly sizeBefore: number
  readonly sizeAfter: number
}

export type FoundListing = ArchiveListing | 'absent' | 'closed'

/** Lines of each list. */
const MOST = 1000

export function viewFileDifferences(
  asked: AskedProject,
  files: ComparedFiles,
  [old, now]: readonly [FoundListing, FoundListing],
  addresses: Addresses,
): FileDifferencesView {
  const head = filesHead(asked, files, addresses)
  const found = compareListings(old, now)
  const side = (of: FileHead) => (member: ArchiveMember) => ({
    name: visibleName(member.path),
    address: mayBeText(member) ? memberAddress(of.address, member) : undefined,
    size: member.size,
  })
  const { added, removed, changed, same } = found
  return {
    ...head,
    absent: [old === 'absent' ? [head.before] : [], now === 'absent' ? [head.after] : []].flat(),
    isClosed: old === 'closed' || now === 'closed',
    incomplete: [old, now].flatMap((one) =>
      typeof one === 'string' ? [] : (one.incomplete ?? []),
    ),
    added: added.slice(0, MOST).map(side(head.after)),
    removed: removed.slice(0, MOST).map(side(head.before)),
    changed: changed.slice(0, MOST).map((one) => ({
      name: visibleName(one.path),
      address:
        mayBeText(one.before) && mayBeText(one.after)
          ? `${head.changesAddress}?${filesQuery(head.before.filename, head.after.filename)}&old=${one.before.at}&new=${one.after.at}`
          : undefined,
      sizeBefore: one.before.size,
      sizeAfter: one.after.size,
    })),
    counts: { added: added.length, removed: removed.length, changed: changed.length, same },
    isCut: Math.max(added.length, removed.length, changed.length) > MOST,
  }
}

const nothing: MemberDifferences = { added: [], removed: [], changed: [], same: 0 }

/** Nothing, where one of both can't be looked into. */
export const compareListings = (before: FoundListing, after: FoundListing): MemberDifferences =>
  typeof before === 'string' || typeof after === 'string'
    ? nothing
    : compareMembers(before.members, after.members)

function filesHead(
  asked: AskedProject,
  { before, after }: ComparedFiles,
  addresses: Addresses,
): FilesHead {
  const head = ({ facts }: InsideFile): FileHead => ({
    version: facts.version,
    filename: facts.filename,
    address: insideAddress(addresses, facts),
    fileAddress: facts.fileAddress,
  })
  const versions = [before.facts.version, after.facts.version]
  return {
    project: asked.project,
    before: head(before),
    after: head(after),
    changesAddress: changesAddress(addresses, asked, ...versions),
  }
}

export interface MemberDifferencesView extends FilesHead {
  readonly memberBefore: { readonly name: string; readonly address: string }
  readonly memberAfter: { readonly name: string; readonly address: string }
  /** The comparison of the files that they are in. */
  readonly filesAddress: string
  /** Undefined where they are no texts, or can't be read. */
  readonly differences: TextDifferences | undefined
  /** Compared as far as was looked: at least one is longer. */
  readonly isPartial: boolean
  readonly isBinary: boolean
  /** Why nothing is shown: a sentence without its full stop. */
  readonly problem: string | undefined
}

export function viewMemberDifferences(
  asked: AskedProject,
  files: ComparedFiles,
  members: { readonly before: ArchiveMember; readonly after: ArchiveMember },
  comparison: MemberComparison,
  addresses: Addresses,
): MemberDifferencesView {
  const head = filesHead(asked, files, addresses)
  const side = (of: FileHead, member: ArchiveMember) => ({
    name: visibleName(member.path),
    address: memberAddress(of.address, member),
  })
  return {
    ...head,
    memberBefore: side(head.before, members.before),
    memberAfter: side(head.after, members.after),
    filesAddress: `${head.changesAddress}?${filesQuery(head.before.filename, head.after.filename)}`,
    differences: comparison.kind === 'text' ? comparison.differences : undefined,
    isPartial: comparison.kind === 'text' && comparison.isPartial,
    isBinary: comparison.kind === 'binary',
    problem: comparison.kind === 'problem' ? comparison.problem : undefined,
  }
}
