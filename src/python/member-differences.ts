/** What differs between two archives: members that came, went, or have other content. */
import type { ArchiveMember } from './archive-listing.ts'

export interface MemberChange {
  /** Without what the version alone makes different. */
  readonly path: string
  readonly before: ArchiveMember
  readonly after: ArchiveMember
}

export interface MemberDifferences {
  readonly added: readonly ArchiveMember[]
  readonly removed: readonly ArchiveMember[]
  readonly changed: readonly MemberChange[]
  /** How many are the same in both. */
  readonly same: number
}

/** Folders are not compared: archives have them or have not. */
export function compareMembers(
  before: readonly ArchiveMember[],
  after: readonly ArchiveMember[],
): MemberDifferences {
  const old = byPath(before)
  const added: ArchiveMember[] = []
  const changed: MemberChange[] = []
  let same = 0
  for (const [path, member] of byPath(after)) {
    const earlier = old.get(path)
    old.delete(path)
    if (!earlier) added.push(member)
    else if (isSame(earlier, member)) same++
    else changed.push({ path, before: earlier, after: member })
  }
  return { added, removed: [...old.values()], changed, same }
}

/** Of members with one path the last one counts, as for those who unpack. */
function byPath(members: readonly ArchiveMember[]): Map<string, ArchiveMember> {
  const top = commonTop(members)
  const found = new Map<string, ArchiveMember>()
  for (const member of members) {
    if (member.kind !== 'folder') found.set(lastingPath(member.path, top), member)
  }
  return found
}

/** `anchor-1.0/` of an sdist; empty where not all is in one folder. */
function commonTop([first, ...others]: readonly ArchiveMember[]): string {
  const top = `${first?.path.split('/', 1)[0]}/`
  const isCommon = others.every(({ path }) => path.startsWith(top) || `${path}/` === top)
  return isCommon && /-\d/.test(top) && first?.kind !== 'link' ? top : ''
}

/** The same for a member of the next release: no version in the names of the folders that have it. */
export function lastingPath(path: string, top = ''): string {
  const inside = path.startsWith(top) ? path.slice(top.length) : path
  const slash = inside.indexOf('/')
  const folder = inside.slice(0, Math.max(slash, 0))
  const dash = folder.indexOf('-')
  const ending = ['.dist-info', '.data'].find((one) => folder.endsWith(one))
  if (dash < 1 || ending === undefined) return inside
  return folder.slice(0, dash) + ending + inside.slice(slash)
}

function isSame(before: ArchiveMember, after: ArchiveMember): boolean {
  return (
    before.kind === after.kind &&
    before.size === after.size &&
    before.crc32 === after.crc32 &&
    before.linkTo === after.linkTo
  )
}
