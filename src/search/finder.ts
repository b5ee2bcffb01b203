/** Answers queries from a backend: finds documents, orders them, groups them by project, and shows a page of them. */
import type { IndexName } from '#registry/indexes'
import type { Candidate, Fit, SearchReader } from './backend.ts'
import { parseQuery } from './query-parser.ts'
import { hasPhrase, listSought, usesField, type QueryNode, type WordNode } from './query.ts'
import { firstScore, fitsPhrases, nameScore, textScore } from './scoring.ts'
import type { SearchResult } from './search.ts'
import { listSimilar } from './similar.ts'
import { showPage } from './results-page.ts'

/** A query, with what the asker may read. */
export interface FindOrder {
  readonly text: string
  readonly page: number
  readonly indexes: readonly IndexName[]
}

/** A document that answers, and how well. */
export interface Scored extends Candidate {
  readonly score: number
}

/** Documents that are looked at, of names and of texts each. */
export const MOST_FOUND = 500
/** Whole words are looked for by themselves where so many answer that not all can be read. */
const MANY = 150
const MOST_OF_BETTER = 200
/** Texts that are read, and how much of each, to order them. */
const MOST_READ = 150
const READ_CHARACTERS = 20_000

export async function find(reader: SearchReader, order: FindOrder): Promise<SearchResult> {
  const { node, notes } = parseQuery(order.text)
  const sought = listSought(node)
  const { scored, isLimited } = await collect(reader, { node, sought, indexes: order.indexes })
  const shown = await showPage(reader, {
    scored,
    page: order.page,
    text: order.text,
    words: sought.map(({ word }) => word),
    isOfPath: usesField(node, 'path'),
  })
  const standing = await reader.standing()
  const isBehind = !standing || standing.isWalking
  return {
    ...shown,
    isLimited,
    notes: [...notes, ...(isBehind ? ['The index is being built: there may be more.'] : [])],
    didYouMean:
      scored.length > 0 ? [] : await listSimilar(reader, { node, indexes: order.indexes }),
  }
}

interface Looking {
  readonly node: QueryNode
  readonly sought: readonly WordNode[]
  readonly indexes: readonly IndexName[]
}

/** The best first. */
async function collect(
  reader: SearchReader,
  looking: Looking,
): Promise<{ scored: Scored[]; isLimited: boolean }> {
  const names = await findAmong(reader, 'names', looking)
  const texts = await findAmong(reader, 'texts', looking)
  const { node, sought } = looking
  const fitting = hasPhrase(node)
    ? {
        names: names.filter(({ project }) => fitsPhrases(node, spellings(project))),
        texts: await withPhrases(reader, texts, node),
      }
    : { names, texts }
  const scored = [
    ...fitting.names.map((one) => ({ ...one, score: nameScore(one, sought) })),
    ...(await scoreTexts(reader, fitting.texts, sought)),
  ]
  return {
    scored: scored.sort(byScore),
    isLimited: names.length >= MOST_FOUND || texts.length >= MOST_FOUND,
  }
}

const spellings = (project: string): string =>
  `${project.replaceAll('-', ' ')} ${project.replaceAll('-', '_')} ${project.replaceAll('-', '.')}`

const byScore = (a: Scored, b: Scored): number => b.score - a.score || a.id - b.id

/** Each with a first score. */
async function findAmong(
  reader: SearchReader,
  among: 'names' | 'texts',
  { node, sought, indexes }: Looking,
): Promise<Scored[]> {
  const found = new Map<number, Scored>()
  const look = async (fit: Fit, most: number): Promise<void> => {
    for (const one of await reader.find({ node, fit, among, indexes, most })) {
      const score = firstScore(one, fit)
      if (score > (found.get(one.id)?.score ?? 0)) found.set(one.id, { ...one, score })
    }
  }
  await look('part', MOST_FOUND)
  // A name is scored by its own words: once all are here, nothing better is to come.
  const isDone = found.size < (among === 'names' ? MOST_FOUND : MANY)
  if (!isDone && sought.length > 0) {
    await look('start', MOST_OF_BETTER)
    await look('whole', MOST_OF_BETTER)
  }
  return [...found.values()]
}

async function scoreTexts(
  reader: SearchReader,
  texts: readonly Scored[],
  sought: readonly WordNode[],
): Promise<Scored[]> {
  const sorted = texts.toSorted(byScore)
  const best = sorted.slice(0, MOST_READ)
  const read = await reader.readTexts(
    best.map(({ id }) => id),
    READ_CHARACTERS,
  )
  const scored = best.map((one) => {
    const score = textScore(one, read.get(one.id)?.text ?? '', sought)
    return { ...one, score }
  })
  return [...scored, ...sorted.slice(MOST_READ)]
}

/** Texts that are read at once; most are short. */
const PORTION = 50
const LONGEST_LOOK_MS = 300

async function withPhrases(
  reader: SearchReader,
  texts: readonly Scored[],
  node: QueryNode,
): Promise<Scored[]> {
  const fitting: Scored[] = []
  const end = performance.now() + LONGEST_LOOK_MS
  for (let at = 0; at < texts.length && performance.now() < end; at += PORTION) {
    const portion = texts.slice(at, at + PORTION)
    const read = await reader.readTexts(portion.map(({ id }) => id))
    fitting.push(
      ...portion.filter(({ id }) => fitsPhrases(node, read.get(id)?.text.toLowerCase() ?? '')),
    )
  }
  return fitting
}
