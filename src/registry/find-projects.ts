/** What `pip search` shows of the projects that an index of words has found: each once, as its index offers it. */
import { setImmediate } from 'node:timers/promises'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { parseVersion } from '#python/version'
import { compareVersionTexts } from '#python/version-order'
import type { IndexName, NamedIndex } from './indexes.ts'
import { keys } from './keys.ts'
import { listLinks, listScope } from './links.ts'
import type { Policies } from './policies.ts'
import { Turns } from './turns.ts'

export interface ProjectQuery {
  /** Parts that a name in normal form must have, all of them; undefined where names don't matter. */
  readonly name?: readonly string[] | undefined
  /** Words that a summary must have, in lower case. */
  readonly summary?: readonly string[] | undefined
  /** How the two go together, as devpi has it. */
  readonly operator: 'and' | 'or' | 'not' | 'maybe'
}

export interface FoundProject {
  /** The nearest index that answers the query. */
  readonly index: IndexName
  readonly name: ProjectName
  /** The newest one that is known. */
  readonly version: string | undefined
  readonly summary: string
  /** More is better. */
  readonly score: number
}

/** What an index of words has found. */
export interface Match {
  readonly index: IndexName
  readonly project: ProjectName
  /** Its name answers, and not its summary alone. */
  readonly isNamed: boolean
}

const MOST_FOUND = 500
/** Others get their turn after so many; descriptions, which are read along, may be long. */
const BATCH = 50
const turns = new Turns({ running: 1, waiting: 20 })

type Ranked = Pick<FoundProject, 'index' | 'name' | 'score'>

interface Search {
  readonly index: IndexName
  readonly query: ProjectQuery
}

export interface Searched {
  readonly ledger: Ledger
  readonly policies: Policies
  /** What answers on these indexes; each may have projects of the same name. */
  readonly match: (query: ProjectQuery, indexes: readonly IndexName[]) => Promise<readonly Match[]>
}

/** The best first. Refuses a missing index, and where too many others search already; asks no upstream. */
export function findProjects(searched: Searched, search: Search): Promise<FoundProject[]> {
  return turns.run(() => lookThrough(searched, search))
}

async function lookThrough(
  { ledger, policies, match }: Searched,
  { index, query }: Search,
): Promise<FoundProject[]> {
  const order = await ledger.read((tx) => listScope(tx, index, 'all'))
  const matches = await match(
    query,
    order.map(({ name }) => name),
  )
  const best = nearestOf(matches, order)
    .map(({ index: of, project: name, isNamed }): Ranked => {
      return { index: of, name, score: scoreOf(name, query, { isNamed }) }
    })
    .sort(byScore)
    .slice(0, MOST_FOUND)
  const isPoliced = policies.isPoliced(order)
  const mirrors = new Set(order.filter(({ entry }) => entry.type === 'mirror').map(nameOf))
  const found: FoundProject[] = []
  for (let start = 0; start < best.length; start += BATCH) {
    await ledger.read(async (tx) => {
      for (const one of best.slice(start, start + BATCH)) {
        const described = await describe(tx, one, mirrors.has(one.index))
        const shown = isPoliced ? await withoutHidden(tx, policies, index, described) : described
        if (shown && (shown === described || matchesAgain(query, shown))) found.push(shown)
      }
    })
    await setImmediate()
  }
  return found.sort(byScore)
}

const nameOf = ({ name }: NamedIndex): IndexName => name

/** Each project once, on the first index of the order that answers. */
function nearestOf(matches: readonly Match[], order: readonly NamedIndex[]): Match[] {
  const places = new Map(order.map(({ name }, at) => [name, at]))
  const nearest = new Map<ProjectName, Match>()
  const placeOf = ({ index }: Match): number => places.get(index) ?? Infinity
  for (const one of matches) {
    const known = nearest.get(one.project)
    if (!known || placeOf(one) < placeOf(known)) nearest.set(one.project, one)
  }
  return [...nearest.values()]
}

const byScore = (a: Ranked, b: Ranked): number => b.score - a.score || (a.name < b.name ? -1 : 1)

/** Of a mirror no more is known than its files, which have no summaries. */
async function describe(
  tx: ReadTransaction,
  ranked: Ranked,
  isMirrored: boolean,
): Promise<FoundProject> {
  const { index, name } = ranked
  const newest = isMirrored
    ? { version: await newestFile(tx, index, name), summary: '' }
    : await readNewest(tx, index, name)
  return { ...ranked, ...newest }
}

const matchesAll = (text: string, parts: readonly string[] | undefined): boolean =>
  parts !== undefined && parts.every((part) => text.includes(part))

function matches(query: ProjectQuery, isNamed: boolean, isDescribed: boolean): boolean {
  const { name, summary, operator } = query
  if (summary === undefined || operator === 'maybe') return isNamed
  if (name === undefined) return isDescribed
  if (operator === 'or') return isNamed || isDescribed
  return isNamed && isDescribed === (operator === 'and')
}

function scoreOf(
  project: ProjectName,
  { name = [] }: ProjectQuery,
  { isNamed }: { readonly isNamed: boolean },
): number {
  if (!isNamed) return 1
  if (project === name.join('-')) return 4
  return project.startsWith(name[0] ?? '') ? 3 : 2
}

/** By its newest version that is shown; undefined where all are hidden. */
async function withoutHidden(
  tx: ReadTransaction,
  policies: Policies,
  asked: IndexName,
  found: FoundProject,
): Promise<FoundProject | undefined> {
  const { index, name: project } = found
  const { links, withheld } = await listLinks(tx, policies, { index: asked, project })
  if (!withheld.some(({ why }) => why === 'policy')) return found
  const version = newestOf(links.map(({ file }) => file.version))
  if (version === undefined) return undefined
  if (version === found.version) return found
  const release = links.find(({ file }) => file.version === version)?.file.release ?? version
  const metadata = await tx.get(keys.version(index, project, release))
  return { ...found, version, summary: [metadata?.summary ?? ''].flat()[0] ?? '' }
}

/** Whether an older release is an answer to the query too: its summary may be another. */
function matchesAgain(query: ProjectQuery, { name, summary }: FoundProject): boolean {
  const isDescribed = matchesAll(summary.toLowerCase(), query.summary)
  return matches(query, matchesAll(name, query.name), isDescribed)
}

async function readNewest(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
): Promise<{ version: string | undefined; summary: string }> {
  const newest = newestOf(await tx.listNames(keys.versions(index, project)))
  if (newest === undefined) return { version: undefined, summary: '' }
  const metadata = await tx.get(keys.version(index, project, newest))
  return { version: newest, summary: [metadata?.summary ?? ''].flat()[0] ?? '' }
}

async function newestFile(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
): Promise<string | undefined> {
  const files = await tx.list(keys.files(index, project))
  return newestOf(files.map(({ value }) => value.version))
}

/** pip gives up on texts that are no versions. */
const newestOf = (versions: readonly string[]): string | undefined =>
  versions
    .filter((text) => parseVersion(text))
    .sort(compareVersionTexts)
    .at(-1)
