/** Projects by their names and summaries alone, without pages or order: what XML-RPC asks for. */
import type { IndexName } from '#registry/indexes'
import type { Candidate, SearchReader } from './backend.ts'
import type { QueryNode } from './query.ts'
import type { MatchQuery, ProjectMatch } from './search.ts'
import { listWords } from './words.ts'

export interface MatchOrder extends MatchQuery {
  readonly indexes: readonly IndexName[]
}

/** Of each kind; the shortest names come first. */
const MOST_LOOKED_AT = 20_000
const MOST_FOUND = 2000

export async function matchProjects(
  reader: SearchReader,
  { indexes, name, summary, operator }: MatchOrder,
): Promise<ProjectMatch[]> {
  const find = async (words: readonly string[] | undefined, among: 'names' | 'texts') => {
    if (!words) return new Map<number, Candidate>()
    const nodes = words.map((word): QueryNode => ({
      kind: 'word',
      word,
      isPrefix: false,
      boost: 1,
    }))
    const type: QueryNode = { kind: 'field', field: 'type', value: 'summary', isPrefix: false }
    const node: QueryNode = { kind: 'and', nodes: among === 'names' ? nodes : [...nodes, type] }
    const wanted = { node, among, indexes, fit: 'part', most: MOST_LOOKED_AT } as const
    return new Map((await reader.find(wanted)).map((one) => [one.owner, one]))
  }
  // Names stand there in parts.
  const named = await find(
    name?.map((word) => word.replaceAll('-', '_')),
    'names',
  )
  const described = await find(summary?.flatMap(listWords), 'texts')
  const matches: ProjectMatch[] = []
  for (const [owner, { index, project }] of new Map([...named, ...described])) {
    const [isNamed, isDescribed] = [named.has(owner), described.has(owner)]
    if (fits({ name, summary, operator }, isNamed, isDescribed)) {
      matches.push({ index, project, isNamed })
    }
    if (matches.length >= MOST_FOUND) break
  }
  return matches
}

function fits(
  { name, summary, operator }: MatchQuery,
  isNamed: boolean,
  isDescribed: boolean,
): boolean {
  if (name === undefined) return isDescribed
  if (summary === undefined || operator === 'maybe') return isNamed
  if (operator === 'or') return isNamed || isDescribed
  return isNamed && isDescribed === (operator === 'and')
}
