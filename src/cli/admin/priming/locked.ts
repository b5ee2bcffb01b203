/** The files that a lock file names, by their hashes, as far as an installation could take them. */
import { mapInParallel } from '#base/parallel'
import type { LockFile } from '#python/lock-file'
import type { Target } from '#python/target'
import { sha256Of, suits, withoutSpareSdists } from './choose.ts'
import { LOOKS, messageOf, type Closure, type Problem } from './closure.ts'
import type { Offer, Offered } from './offer.ts'

export async function findLocked(
  offer: Offer,
  { packages }: LockFile,
  { targets, sdists }: { readonly targets: readonly Target[]; readonly sdists: boolean },
): Promise<Closure> {
  const files = new Map<string, Offered>()
  const problems: Problem[] = []
  await mapInParallel(packages, LOOKS, async ({ name, version, files: locked }) => {
    if (locked.length === 0) return // of a repository or a folder: no index has it
    const what = version === undefined ? name : `${name}==${version}`
    try {
      const wanted = new Set(locked.flatMap(({ hashes }) => hashes.sha256 ?? []))
      const found = (await offer.list(name)).filter((file) => wanted.has(sha256Of(file)))
      const fitting = found.filter((file) => targets.some((target) => suits(file, target)))
      if (found.length === 0) {
        problems.push({ what, reason: 'the index offers none of the files, by their hashes' })
      } else if (fitting.length === 0) {
        problems.push({ what, reason: 'none of the files fits the Python versions and platforms' })
      }
      for (const file of withoutSpareSdists(fitting, sdists)) files.set(file.link.filename, file)
    } catch (error) {
      problems.push({ what, reason: messageOf(error) })
    }
  })
  return { files: [...files.values()], problems }
}
