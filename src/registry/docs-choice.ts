/** Which documentation an address means: that of a version, of the latest release, or of the latest stable one. */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { isStable } from '#python/version'
import { compareVersionTexts } from '#python/version-order'
import type { DocsEntry } from './docs.ts'
import type { DocsPages } from './docs-pages.ts'
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

/** The first with an `index.html`; where none has one, the first that has anything; where there is but one, that. */
export async function chooseReadable(
  docs: DocsPages,
  choice: readonly DocsOfVersion[],
): Promise<DocsOfVersion | undefined> {
  if (choice.length <= 1) return choice[0]
  let found: DocsOfVersion | undefined
  for (const one of choice) {
    const pages = await docs.list(one.entry.digest)
    if (pages.has('index.html')) return one
    if (pages.size > 0) found ??= one
  }
  return found ?? choice[0]
}
