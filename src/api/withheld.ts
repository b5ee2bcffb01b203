/** Why a file that is known is not offered, whatever the cause, in the words of a policy's finding. */
import type { IndexName, NamedIndex } from '#registry/indexes'
import type { ProjectLinks, Withheld } from '#registry/links'
import type { Finding } from '#registry/policies'

/** Why a mirror is kept out. */
export const CLAIMED =
  'a stage has a project of this name, and no mirror_whitelist lets the mirror add to it'

const HELD_BACK =
  'a stage has a project of this name that its own whitelist does not name, and the mirror has no list of names and has ' +
  'not had it before'

export function findingOf(withheld: Withheld): Finding {
  if (withheld.why === 'policy') return withheld.finding
  const { index } = withheld.link
  if (withheld.why === 'quarantined') {
    return { policy: 'quarantined', index, reason: `the project is quarantined on ${index}` }
  }
  const reason = `${withheld.by} has a file of this name, which comes first`
  return { policy: 'shadowed', index: withheld.by, reason }
}

/** Of all files of a mirror that is kept out. */
export function claimedFinding({ sources: { used } }: ProjectLinks, mirror: IndexName): Finding {
  return { policy: 'mirror_whitelist', index: used[0]?.name ?? mirror, reason: CLAIMED }
}

/** Why an index of the order is not asked; undefined where it is. */
export function whyNotAsked(
  { name, entry }: NamedIndex,
  { sources: { used, blocked } }: ProjectLinks,
): string | undefined {
  if (entry.type === 'stage' || used.some((one) => one.name === name)) return undefined
  return blocked.includes(name) ? CLAIMED : HELD_BACK
}
