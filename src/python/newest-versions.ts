/** The newest versions of a project: final releases are counted, where there are any. */
import { compareRead, readVersion, type VersionText } from './version-order.ts'
import { isPrerelease } from './version.ts'

/** The oldest of the `count` newest; undefined where there are no more than these. `1.0` and `1.0.0` are one. */
export function findOldestOfNewest(
  texts: ReadonlySet<string>,
  count: number,
): VersionText | undefined {
  if (texts.size <= count) return undefined
  const all = Array.from(texts, readVersion).sort((a, b) => compareRead(b, a))
  const finals = all.filter(({ version }) => version && !isPrerelease(version))
  const counted = finals.length > 0 ? finals : all
  const distinct = counted.filter((one, at) => at === 0 || compareRead(one, counted[at - 1]!) !== 0)
  return distinct[count - 1]
}
