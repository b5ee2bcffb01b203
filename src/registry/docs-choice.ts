/** Which documentation an address means: that of a version, of the latest release, or of the latest stable one. */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { isStable } from '#python/version'
import { compareVersionTexts } from '#python/version-order'
import type { DocsEntry } from './docs.ts'
import { getIndex, type IndexName } from './indexes.ts'
import { keys } from './keys.ts'

export interface DocsOfVersion {
  readonly version: string
  readonly entry: DocsEntry
}

/** Of the index itself, best first: what turns out to have no pages gives way to the next. */
export async function listDocs(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
  version: string,
): Promise<DocsOfVersion[]> {
  await getIndex(tx, index)
  if (version !== 'latest' && version !== 'stable') {
    const entry = await tx.get(keys.docs(index, project, version))
    return entry ? [{ version, entry }] : []
  }
  const versions = await tx.listNames(keys.versions(index, project))
  if (versions.length === 0) throw refuse('project-missing', { project })
  const isWanted = version === 'latest' ? () => true : isStable
  if (!versions.some(isWanted)) throw refuse('project-no-stable', { project })
  const docs = (await tx.list(keys.docsOf(index, project))).filter(({ name }) => isWanted(name))
  docs.sort((a, b) => compareVersionTexts(b.name, a.name))
  return docs.map(({ name, value: entry }) => ({ version: name, entry }))
}
