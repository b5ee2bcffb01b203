/** Removing files, releases and projects. The last link takes its release along, the last release its project. */
import { refuse } from '#base/refusal'
import type { WriteTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { IndexEntry, IndexName } from './indexes.ts'
import { keys } from './keys.ts'
import { releaseOf } from './release-links.ts'
import { removeRange } from './remove-range.ts'
import type { Stored } from './stored.ts'

/** Which release of an index. */
export interface ReleasePlace {
  readonly index: IndexName
  readonly project: ProjectName
  /** As it was sent. */
  readonly version: string
}

/** Refuses to take a file or a release from an index that is not volatile, unless it is forced. */
export function assertReleasesRemovable({ volatile }: IndexEntry, force: boolean): void {
  if (!volatile && !force) throw refuse('release-nonvolatile')
}

/** Removes what lies at an address: a file with its test results, documentation, or one test result. */
export async function removeStored(tx: WriteTransaction, found: Stored): Promise<void> {
  const { index, project, version, filename } = found
  if (found.rel === 'toxresult') return tx.remove(keys.toxresult(found.of, filename))
  if (found.rel === 'doczip') tx.remove(keys.docs(index, project, version))
  else {
    tx.remove(keys.file(index, project, filename))
    await removeRange(tx, keys.toxresultsOfFile(found.file))
  }
  await removeIfBare(tx, found)
}

/** Removes a release with all its links. Refuses one that is not on the index itself. */
export async function removeRelease(tx: WriteTransaction, place: ReleasePlace): Promise<void> {
  const { index, project, version } = place
  if (!(await tx.get(keys.project(index, project)))) {
    throw refuse('project-not-on-index', { project, index })
  }
  if (!(await tx.get(keys.version(index, project, version)))) {
    throw refuse('release-not-on-index', { version, project, index })
  }
  for (const { name: filename, value } of await tx.list(keys.files(index, project))) {
    if (releaseOf(value) !== version) continue
    tx.remove(keys.file(index, project, filename))
    await removeRange(tx, keys.toxresultsOfFile({ index, project, filename }))
  }
  tx.remove(keys.docs(index, project, version))
  await removeVersion(tx, place)
}

/** Removes a project with everything below it. Refuses one that the index does not have. */
export async function removeProject(
  tx: WriteTransaction,
  index: IndexName,
  project: ProjectName,
): Promise<void> {
  if (!(await tx.get(keys.project(index, project)))) throw refuse('project-not-found')
  tx.remove(keys.project(index, project))
  const below = [keys.versions, keys.files, keys.docsOf, keys.toxresults]
  for (const rangeOf of below) await removeRange(tx, rangeOf(index, project))
}

async function removeIfBare(tx: WriteTransaction, place: ReleasePlace): Promise<void> {
  const { index, project, version } = place
  if (await tx.get(keys.docs(index, project, version))) return
  const files = await tx.list(keys.files(index, project))
  if (files.some(({ value }) => releaseOf(value) === version)) return
  await removeVersion(tx, place)
}

async function removeVersion(tx: WriteTransaction, place: ReleasePlace): Promise<void> {
  const { index, project, version } = place
  tx.remove(keys.version(index, project, version))
  const left = await tx.listNames(keys.versions(index, project), { limit: 1 })
  if (left.length === 0) tx.remove(keys.project(index, project))
}
