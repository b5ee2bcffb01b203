/** The files that a lock file names, by their hashes, as far as an installation could take them. */
import { mapInParallel } from '#base/parallel'
import type { LockedNeed, LockedPackage, LockFile } from '#python/lock-file'
import { mayHold } from '#python/marker'
import { markerValues, type Target } from '#python/target'
import { sha256Of, suits, withoutSpareSdists } from './choose.ts'
import { LOOKS, messageOf, type Closure } from './closure.ts'
import type { Offer, Offered } from './offer.ts'

export async function findLocked(
  offer: Offer,
  { packages }: LockFile,
  { targets, sdists }: { readonly targets: readonly Target[]; readonly sdists: boolean },
): Promise<Closure> {
  const meant = new Map(targets.map((target) => [target, findMeant(packages, target)]))
  const found = await mapInParallel(packages, LOOKS, async (one): Promise<Closure> => {
    const own = targets.filter((target) => meant.get(target)?.has(one))
    // Without files it is of a repository or a folder: no index has it.
    if (own.length === 0 || one.files.length === 0) return nothing
    try {
      return { files: withoutSpareSdists(await findFiles(offer, one, own), sdists), problems: [] }
    } catch (error) {
      const what = one.version === undefined ? one.name : `${one.name}==${one.version}`
      return { files: [], problems: [{ what, reason: messageOf(error) }] }
    }
  })
  const files = found.flatMap((one) => one.files)
  return {
    files: [...new Map(files.map((file) => [file.link.filename, file])).values()],
    problems: found.flatMap((one) => one.problems),
  }
}

const nothing: Closure = { files: [], problems: [] }

async function findFiles(
  offer: Offer,
  { name, files }: LockedPackage,
  targets: readonly Target[],
): Promise<readonly Offered[]> {
  const wanted = new Set(files.flatMap(({ hashes }) => hashes.sha256 ?? []))
  const offered = await offer.list(name)
  const found = offered.filter((file) => wanted.has(sha256Of(file)))
  if (found.length === 0) throw new Error(`${whyNotFound(offered)}${offer.whyLess(name)}`)
  const fitting = found.filter((file) => targets.some((target) => suits(file, target)))
  if (fitting.length > 0) return fitting
  throw new Error('none of the files fits the Python versions and platforms')
}

/** Upstream may tell no hashes: they are known once the files are here. */
const whyNotFound = (offered: readonly Offered[]): string =>
  offered.some((file) => sha256Of(file) === '')
    ? 'upstream tells no SHA-256 of its files: prime them with --requirements first'
    : 'the index offers none of the files, by their hashes'

/** Those whose markers may hold in an installation: also of the needs that lead to them, where the file tells these. */
function findMeant(packages: readonly LockedPackage[], target: Target): Set<LockedPackage> {
  const { extra: _any, ...values } = markerValues(target, []) // extras and groups are all meant
  const mayBe = (marker: string | undefined): boolean =>
    marker === undefined || mayHold(marker, values) !== false
  const possible = packages.filter(
    ({ marker, forks }) => mayBe(marker) && (forks === undefined || forks.some(mayBe)),
  )
  const roots = possible.filter(({ isRoot }) => isRoot)
  if (roots.length === 0) return new Set(possible)

  const byName = Map.groupBy(possible, ({ name }) => name)
  const isNeeded = (need: LockedNeed, { version }: LockedPackage): boolean =>
    need.version === undefined || need.version === version
  const meant = new Set(roots)
  for (const { needs = [] } of meant) {
    for (const need of needs.filter(({ marker }) => mayBe(marker))) {
      const named = byName.get(need.name) ?? []
      for (const one of named.filter((other) => isNeeded(need, other))) meant.add(one)
    }
  }
  return meant
}
