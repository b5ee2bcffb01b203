/** Which of a project's files an installation would take. */
import { matches, type SpecifierSet } from '#python/specifier'
import { pythonVersions, takesWheel, type Target } from '#python/target'
import { canonicalVersion, compareVersions, isPrerelease } from '#python/version'
import type { Offered } from './offer.ts'

export interface Wish {
  readonly specifiers: SpecifierSet
  /** SHA-256 of the files that are meant, where any are named. */
  readonly hashes?: ReadonlySet<string> | undefined
}

export const sha256Of = ({ link: { file } }: Offered): string =>
  file.digest ?? file.hashes.sha256 ?? ''

/** The files of the newest release that fits; a pre-release only where nothing else does, or where it is named. */
export function chooseRelease(
  files: readonly Offered[],
  { specifiers, hashes }: Wish,
  target: Target,
): readonly Offered[] {
  const isPinned = specifiers.some(
    (one) => one.operator === '===' || (one.operator === '==' && !one.isPrefix),
  )
  const namesPre = specifiers.some((one) => one.operator === '===' || isPrerelease(one.version))
  const fitting = files.filter(
    (file) =>
      matches(specifiers, file.version) &&
      (isPinned || file.link.file.yanked === undefined) &&
      (!hashes || hashes.has(sha256Of(file))) &&
      suits(file, target),
  )
  const final = fitting.filter(({ version }) => !isPrerelease(version))
  const candidates = namesPre || final.length === 0 ? fitting : final
  const newest = candidates.reduce<Offered | undefined>(
    (best, one) => (!best || compareVersions(one.version, best.version) > 0 ? one : best),
    undefined,
  )
  if (!newest) return []
  const wanted = canonicalVersion(newest.version)
  return candidates.filter(({ version }) => canonicalVersion(version) === wanted)
}

/** The wheels; the sdist where there are none, or where sdists are wanted too. */
export function withoutSpareSdists(files: readonly Offered[], sdists: boolean): readonly Offered[] {
  const wheels = files.filter(({ wheel }) => wheel !== undefined)
  return sdists || wheels.length === 0 ? files : wheels
}

/** Whether it can be installed there. */
export function suits({ wheel, requiresPython }: Offered, target: Target): boolean {
  if (wheel && !takesWheel(target, wheel.tags)) return false
  const pythons = pythonVersions(target)
  return pythons.length === 0 || pythons.some((one) => matches(requiresPython, one))
}
