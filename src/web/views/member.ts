/** The model of the template `member`: the text of one file inside another. */
import { viewText, visibleName, type TextLine, type VisibleText } from '#base/visible-text'
import type { ArchiveMember } from '#python/archive-listing'
import type { MemberLook } from '#registry/file-contents'
import type { Addresses } from '../addresses.ts'
import { pathOf, troubles, type ContentsView, type FileFacts } from './contents.ts'
import { insideAddress, memberAddress } from './inside.ts'

export interface MemberView {
  readonly project: string
  readonly version: string
  readonly filename: string
  readonly releaseAddress: string
  /** The folders from the file on down to the one that it is in. */
  readonly path: ContentsView['path']
  readonly name: string
  readonly size: number
  readonly modifiedAt: number | undefined
  readonly trouble: string | undefined
  /** Why nothing of it is shown: a sentence without its full stop. */
  readonly problem: string | undefined
  readonly isBinary: boolean
  readonly encoding: VisibleText['encoding'] | undefined
  readonly lines: readonly TextLine[]
  /** Whether there is more than the lines show. */
  readonly isCut: boolean
  /** Where it is had as plain text; undefined where it is none, or too large. */
  readonly rawAddress: string | undefined
}

export function viewMember(
  facts: FileFacts,
  member: ArchiveMember,
  look: MemberLook,
  addresses: Addresses,
): MemberView {
  const base = insideAddress(addresses, facts)
  const { path, size, modifiedAt, trouble } = member
  const slash = path.lastIndexOf('/')
  const text = 'bytes' in look ? viewText(look.bytes, look.isWhole) : undefined
  const isWhole = 'bytes' in look && look.isWhole
  return {
    project: facts.project,
    version: facts.version,
    filename: facts.filename,
    releaseAddress: addresses.release(facts.index, facts.project, facts.version),
    path: pathOf(base, facts.filename, path.slice(0, Math.max(slash, 0))),
    name: visibleName(path.slice(slash + 1)),
    size,
    modifiedAt,
    trouble: trouble && troubles[trouble],
    problem: 'problem' in look ? look.problem : undefined,
    isBinary: 'bytes' in look && text === undefined,
    encoding: text?.encoding,
    lines: text?.lines ?? [],
    isCut: text !== undefined && (text.isCut || !isWhole),
    rawAddress: text && isWhole ? rawAddress(memberAddress(base, member)) : undefined,
  }
}

const rawAddress = (address: string): string =>
  `${address}${address.includes('?') ? '&' : '?'}raw=yes`
