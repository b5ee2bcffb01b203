/**
 * Looks projects up by name and summary, going through all of an index and its bases within bounds, until there is
 * an index of words. Meant for `pip search`, which nobody waits for.
 */
import { setImmediate } from 'node:timers/promises'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { compareVersionTexts, parseVersion } from '#python/version'
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

/** Names of a mirror, as far as they are here. */
export type MirrorNames = (index: IndexName) => Promise<{
  has(name: string): Promise<boolean>
  batches(): AsyncIterable<readonly string[]>
}>

const MOST_FOUND = 500
/** Summaries that are read at most; names are looked at to the end. */
const MOST_SUMMARIES = 20_000
/** Others get their turn after so many; descriptions, which are read along, may be long. */
const BATCH = 50
const turns = new Turns({ running: 1, waiting: 20 })

interface Search {
  readonly index: IndexName
  readonly query: ProjectQuery
}

export interface Searched {
  readonly ledger: Ledger
  readonly policies: Policies
  readonly mirrorNames: MirrorNames
}

/** The best first. Refuses a missing index, and where too many others search already; asks no upstream. */
export function findProjects(searched: Searched, search: Search): Promise<FoundProject[]> {
  return turns.run(() => lookThrough(searched, search))
}

async function lookThrough(
  { ledger, policies, mirrorNames }: Searched,
  { index, query }: Search,
): Promise<FoundProject[]> {
  const order = await ledger.read((tx) => listScope(tx, index, 'all'))
  const found = new Map<ProjectName, FoundProject>()
  let summaries = 0
  for (const one of order) {
    if (one.entry.type === 'mirror') await searchMirror(one)
    else await searchStage(one)
  }
  const shown = policies.isPoliced(order) ? await shownOnly() : [...found.values()]
  return shown.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))

  /** Those that are found are few: each is judged as its page is. */
  async function shownOnly(): Promise<FoundProject[]> {
    const shown: FoundProject[] = []
    for (const one of found.values()) {
      const left = await ledger.read((tx) => withoutHidden(tx, policies, index, one))
      if (left && (left === one || matchesAgain(query, left))) shown.push(left)
      await setImmediate()
    }
    return shown
  }

  async function searchStage({ name }: NamedIndex): Promise<void> {
    const names = await ledger.read((tx) => tx.listNames(keys.projects(name)))
    for (let start = 0; start < names.length; start += BATCH) {
      await ledger.read(async (tx) => {
        for (const project of names.slice(start, start + BATCH)) await look(tx, name, project)
      })
      await setImmediate()
    }
  }

  async function look(tx: ReadTransaction, of: IndexName, project: ProjectName): Promise<void> {
    if (found.size >= MOST_FOUND || found.has(project)) return
    const isNamed = matchesAll(project, query.name)
    const readsSummary = decides(query, isNamed) === undefined && summaries < MOST_SUMMARIES
    if (readsSummary) summaries += 1
    if (!readsSummary && decides(query, isNamed) !== true) return
    const { version, summary } = await readNewest(tx, of, project)
    const isDescribed = matchesAll(summary.toLowerCase(), query.summary)
    if (!matches(query, isNamed, isDescribed)) return
    const score = scoreOf(project, query, { isNamed })
    found.set(project, { index: of, name: project, version, summary, score })
  }

  /** Only names are known of all that upstream has. One that is spelt out is found among however many. */
  async function searchMirror({ name: of }: NamedIndex): Promise<void> {
    if (!query.name || !matches(query, true, false)) return
    const list = await mirrorNames(of)
    const exact = query.name.join('-')
    if (await list.has(exact)) await add(of, exact)
    for await (const batch of list.batches()) {
      if (found.size >= MOST_FOUND) return
      for (const project of batch) if (matchesAll(project, query.name)) await add(of, project)
    }
  }

  async function add(of: IndexName, project: ProjectName): Promise<void> {
    if (found.size >= MOST_FOUND || found.has(project)) return
    const version = await ledger.read((tx) => newestFile(tx, of, project))
    const score = scoreOf(project, query, { isNamed: true })
    found.set(project, { index: of, name: project, version, summary: '', score })
  }
}

const matchesAll = (text: string, parts: readonly string[] | undefined): boolean =>
  parts !== undefined && parts.every((part) => text.includes(part))

/** Whether the name alone decides; undefined where the summary has a say. */
function decides({ name, summary, operator }: ProjectQuery, isNamed: boolean): boolean | undefined {
  if (summary === undefined) return isNamed
  if (name === undefined) return undefined
  if (operator === 'or') return isNamed ? true : undefined
  if (operator === 'maybe') return isNamed
  return isNamed ? undefined : false
}

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
