/** One page of what was found: by project, with the best documents of each. */
import type { ProjectFacts, SearchReader } from './backend.ts'
import type { Scored } from './finder.ts'
import { highlight, highlightMarkup, markParts } from './highlight.ts'
import type { HitPlace, SearchHit, SearchItem, SearchResult } from './search.ts'

const PER_PAGE = 10
/** Hits of a project that are shown, unless it is asked for by its path. */
const MOST_HITS = 4

interface Found {
  /** The best first. */
  readonly scored: readonly Scored[]
  readonly page: number
  readonly text: string
  readonly words: readonly string[]
  readonly isOfPath: boolean
}

interface Group {
  readonly first: Scored
  readonly texts: Scored[]
}

type Shown = Pick<SearchResult, 'items' | 'found' | 'total' | 'pages' | 'page'>

export async function showPage(reader: SearchReader, found: Found): Promise<Shown> {
  const { scored, isOfPath } = found
  const groups = groupByProject(scored)
  const units = isOfPath ? scored : groups
  const pages = Math.ceil(units.length / PER_PAGE)
  const page = Math.max(1, Math.min(Math.floor(found.page) || 1, pages))
  const range = [(page - 1) * PER_PAGE, page * PER_PAGE] as const
  const shown = isOfPath ? groupByProject(scored.slice(...range)) : groups.slice(...range)
  const items = await describe(reader, shown, found)
  return { items, found: scored.length, total: groups.length, pages, page }
}

/** In the order of their best document. */
function groupByProject(scored: readonly Scored[]): Group[] {
  const groups = new Map<number, Group>()
  for (const one of scored) {
    const group = groups.get(one.owner) ?? { first: one, texts: [] }
    groups.set(one.owner, group)
    if (one.type !== 'project') group.texts.push(one)
  }
  return [...groups.values()]
}

async function describe(
  reader: SearchReader,
  groups: readonly Group[],
  { words, text, isOfPath }: Found,
): Promise<SearchItem[]> {
  const most = isOfPath ? Infinity : MOST_HITS
  const facts = await reader.readProjects(groups.map(({ first }) => first.owner))
  const shown = groups.flatMap(({ texts }) => texts.slice(0, most))
  const read = await reader.readTexts(shown.map(({ id }) => id))
  return groups.map(({ first, texts }) => {
    const { index, project, score } = first
    const fact = facts.get(first.owner) ?? unknown(project)
    const { spelling, version, summary } = fact
    const hits = texts.slice(0, most).flatMap((one): SearchHit[] => {
      const document = read.get(one.id)
      const { type } = one
      if (!document || type === 'project') return [] // it went away in between
      return [
        {
          type,
          title: document.title ?? titles[type] ?? type,
          place: placeOf(type, fact, document.path),
          highlight: (type === 'description' ? highlightMarkup : highlight)(document.text, words),
          score: one.score,
        },
      ]
    })
    return {
      ...{ index, project, spelling, version, summary, score, hits },
      name: markParts(spelling, words),
      more: texts.length - hits.length,
      moreQuery: `${isOfPath ? text : bracketed(text)} path:/${index}/${project}`,
    }
  })
}

/** What it asks for stays what it is when more is asked for: OR binds no stronger than that. */
const bracketed = (text: string): string => (/\s/.test(text.trim()) ? `(${text})` : text)

const unknown = (project: string): ProjectFacts => ({
  spelling: project,
  version: undefined,
  docsVersion: undefined,
  summary: '',
})

const titles: Partial<Record<SearchHit['type'], string>> = {
  summary: 'Summary',
  keywords: 'Keywords',
  description: 'Description',
  author: 'Author',
  author_email: 'Author email',
  file: 'Files',
}

function placeOf(
  type: SearchHit['type'],
  { version, docsVersion = 'latest' }: ProjectFacts,
  path = '',
): HitPlace {
  if (type !== 'title' && type !== 'page') return { kind: 'release', version, anchor: type }
  return { kind: 'docs', version: docsVersion, page: `${path}.html` }
}
