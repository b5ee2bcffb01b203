/** Names that may have been meant, and names that begin as what was typed. */
import { findNearest } from '#base/nearest'
import type { IndexName } from '#registry/indexes'
import type { Candidate, SearchReader } from './backend.ts'
import { listSought, type QueryNode } from './query.ts'
import type { Suggestion } from './search.ts'
import { listWords } from './words.ts'

const MOST_NAMES = 3
const MOST_LOOKED_AT = 2000
const LONGEST_WORD = 40

interface Mistyped {
  readonly node: QueryNode
  readonly indexes: readonly IndexName[]
}

/** Nearest first. */
export async function listSimilar(
  reader: SearchReader,
  { node, indexes }: Mistyped,
): Promise<string[]> {
  const words = listSought(node).map(({ word }) => word.replaceAll(/[._]+/g, '-'))
  const wanted = [words.join('-'), ...(words.length > 1 ? words.slice(0, 3) : [])]
  const found = new Set<string>()
  for (const name of wanted) {
    if (name.length < 4 || name.length > LONGEST_WORD) continue
    const slack = name.length < 6 ? 1 : 2
    const left = await reader.findSimilar({
      pieces: piecesOf(name),
      shortest: name.length - slack,
      longest: name.length + slack,
      indexes,
      most: MOST_LOOKED_AT,
    })
    for (let nearest = findNearest(name, left); nearest !== undefined;) {
      found.add(nearest)
      left.splice(left.indexOf(nearest), 1)
      nearest = found.size < MOST_NAMES ? findNearest(name, left) : undefined
    }
    if (found.size > 0) break
  }
  return [...found]
}

/** With one mistake one half of a name is right, with two one third. Three characters is what can be looked for. */
function piecesOf(name: string): string[] {
  const text = ` ${name.replaceAll('-', ' ')} `
  const count = text.length < 9 ? 2 : 3
  const bounds = Array.from({ length: count + 1 }, (_, at) =>
    Math.round((at * text.length) / count),
  )
  const pieces = bounds.slice(1).map((end, at) => text.slice(bounds[at], end))
  return pieces.filter((piece) => piece.length >= 3)
}

interface Typed {
  readonly text: string
  readonly indexes: readonly IndexName[]
  readonly limit: number
}

const LONGEST_TYPED = 100
const MOST_CANDIDATES = 200

export async function suggestNames(
  reader: SearchReader,
  { text, indexes, limit }: Typed,
): Promise<Suggestion[]> {
  const words = listWords(text.slice(0, LONGEST_TYPED).replaceAll(/[._]+/g, ' ')).slice(0, 8)
  if (words.length === 0) return []
  const node = (isPrefix: boolean): QueryNode => ({
    kind: 'and',
    nodes: words.map((word) => ({ kind: 'word', word, isPrefix, boost: 1 })),
  })
  const among = { among: 'names', indexes, most: MOST_CANDIDATES } as const
  const found = await reader.find({ ...among, node: node(true), fit: 'start' })
  if (found.length < limit) {
    found.push(...(await reader.find({ ...among, node: node(false), fit: 'part' })))
  }
  const typed = words.join('-')
  const rank = ({ project, isKnown }: Candidate): number =>
    (project.startsWith(typed) ? 0 : 1000) + (isKnown ? 0 : 10) + project.length
  const sorted = found.toSorted((a, b) => rank(a) - rank(b) || (a.project < b.project ? -1 : 1))
  const projects = new Map<string, Suggestion>()
  for (const { project, index } of sorted) {
    if (!projects.has(project)) projects.set(project, { project, index })
    if (projects.size >= limit) break
  }
  return [...projects.values()]
}
