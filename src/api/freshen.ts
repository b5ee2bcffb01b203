/** Bringing mirrors up to date before what they have of a project is shown. */
import { UpstreamFailure } from '#base/failure'
import type { Standing } from '#mirror/mirrors'
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

/**
 * Asks those of the indexes that are mirrors. Where one of them, or a stage, has the project, an upstream that failed when
 * it was asked last is hardly waited for: the look goes on behind the answer.
 */
export async function freshenIndexes(
  mirrors: Parts['mirrors'],
  indexes: readonly NamedIndex[],
  project: ProjectName,
): Promise<Error | undefined> {
  if (!indexes.some((index) => isBehind(mirrors, index, project))) return undefined
  const asked = indexes.filter(({ entry }) => entry.type === 'mirror')
  const freshenAll = (some: readonly NamedIndex[]): Promise<PromiseSettledResult<Standing>[]> =>
    Promise.allSettled(some.map(({ name }) => mirrors.freshen(name, project)))
  const unwell = asked.filter(
    (index) => isBehind(mirrors, index, project) && mirrors.isUnwell(index.entry),
  )
  const late = freshenAll(unwell)
  const looks = await freshenAll(asked.filter((index) => !unwell.includes(index)))
  const isFound =
    asked.length < indexes.length ||
    looks.some((look) => look.status === 'fulfilled' && look.value !== 'missing')
  const others = isFound ? await mirrors.waitBriefly(late) : await late
  const names = unwell.map(({ name }) => name).join(', ')
  return others
    ? failureIn([...looks, ...others])
    : new UpstreamFailure(`${names} is not waited for: its upstream failed when it was asked last`)
}

/** What the policies of an index look at must be known of the mirrors that it is taken from. */
export async function learnFacts(
  { mirrors, policies }: Pick<Parts, 'mirrors' | 'policies'>,
  { order, used }: Pick<Sources, 'order' | 'used'>,
  project: ProjectName,
): Promise<void> {
  const facts = policies.reads(order)
  const asked = used.filter(({ entry }) => entry.type === 'mirror')
  await Promise.all(asked.map(({ name }) => mirrors.learnFacts(name, project, facts)))
}

const isBehind = (
  mirrors: Parts['mirrors'],
  { name, entry }: NamedIndex,
  project: ProjectName,
): boolean => entry.type === 'mirror' && !mirrors.isFresh(name, project)

const failureIn = (looks: readonly PromiseSettledResult<unknown>[]): Error | undefined =>
  looks.find((look) => look.status === 'rejected')?.reason as Error | undefined
