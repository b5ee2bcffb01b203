/** Bringing mirrors up to date before what they have of a project is shown. */
import { findSources, type Scope, type Sources } from '#registry/links'
import type { IndexName, NamedIndex } from '#registry/indexes'
import type { ProjectName } from '#python/name'
import type { Parts } from './parts.ts'

export interface Freshened {
  readonly sources: Sources
  /** Why a mirror could not be brought up to date and knows nothing, if that is so. */
  readonly failure: Error | undefined
}

export interface Asked {
  readonly index: IndexName
  readonly project: ProjectName
  readonly scope?: Scope
}

/** Asks the mirrors that count for a project; those that are blocked hear nothing of it. */
export async function freshenSources(
  { ledger, mirrors }: Pick<Parts, 'ledger' | 'mirrors'>,
  { index, project, scope = 'all' }: Asked,
): Promise<Freshened> {
  const sources = await ledger.read((tx) => findSources(tx, index, project, scope))
  // What a mirror has itself is what is known of it here.
  if (scope === 'own') return { sources, failure: undefined }
  return { sources, failure: await freshenIndexes(mirrors, sources.used, project) }
}

/** Asks those of the indexes that are mirrors. */
export async function freshenIndexes(
  mirrors: Parts['mirrors'],
  indexes: readonly NamedIndex[],
  project: ProjectName,
): Promise<Error | undefined> {
  const behind = indexes.filter(
    ({ name, entry }) => entry.type === 'mirror' && !mirrors.isFresh(name, project),
  )
  const looks = await Promise.allSettled(behind.map(({ name }) => mirrors.freshen(name, project)))
  return looks.find((look) => look.status === 'rejected')?.reason as Error | undefined
}
