/** What an installer may choose from: an index's own files, then its bases', first file name wins. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { FileEntry } from './files.ts'
import { listResolutionOrder } from './inheritance.ts'
import { getIndex, type IndexName, type NamedIndex } from './indexes.ts'
import { keys } from './keys.ts'
import type { Finding, Policies } from './policies.ts'
import type { ProjectEntry, ProjectStatus } from './projects.ts'

export interface Link {
  /** The index that holds the file. */
  readonly index: IndexName
  readonly filename: string
  readonly file: FileEntry
}

/**
 * What of an index is asked for: all that it offers, without what mirrors have (`stages`), or
 * what it holds itself (`own`), which of a mirror is what is known here.
 */
export type Scope = 'all' | 'stages' | 'own'

/** The indexes that a scope covers, in the order they are asked. Refuses a missing index. */
export async function listScope(
  tx: ReadTransaction,
  index: IndexName,
  scope: Scope,
): Promise<NamedIndex[]> {
  const entry = await getIndex(tx, index)
  if (scope === 'own') return [{ name: index, entry }]
  const order = await listResolutionOrder(tx, index)
  return scope === 'all' ? order : order.filter((one) => one.entry.type === 'stage')
}

/** Which indexes of an inheritance a project is taken from. */
export interface Sources {
  /** In the order they are asked. */
  readonly order: readonly NamedIndex[]
  /** The stages that have the project, then the mirrors that may be asked for it. */
  readonly used: readonly NamedIndex[]
  /** Mirrors that are not even asked: an own project of that name, and no whitelist lets them. */
  readonly blocked: readonly IndexName[]
}

/** A file that an index has and does not offer, and why. */
export type Withheld = { readonly link: Link } & (
  | { readonly why: 'policy'; readonly finding: Finding }
  | { readonly why: 'shadowed'; readonly by: IndexName }
  | { readonly why: 'quarantined' }
)

export interface ProjectLinks {
  readonly sources: Sources
  /** Whether any index of the order has the project, with files or without. */
  readonly isKnown: boolean
  /** The indexes among those used that have it. */
  readonly holders: readonly IndexName[]
  /** Those of them whose files are offered. */
  readonly offering: readonly IndexName[]
  /** What is offered. */
  readonly links: readonly Link[]
  /** What is there and not offered. */
  readonly withheld: readonly Withheld[]
  /** What policies would withhold that are only rehearsed. */
  readonly observed: ReadonlyMap<Link, Finding>
  /** Whether policies have a say: files are then served by the index that was asked, where they are enforced. */
  readonly isPoliced: boolean
  /** When time alone makes another answer, in milliseconds. */
  readonly until: number | undefined
  readonly status: ProjectStatus | undefined
  /** Of the mirror itself, where a mirror was asked for directly. */
  readonly upstreamSerial: number | undefined
}

/** Refuses a missing index. */
export async function findSources(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
  scope: Scope = 'all',
): Promise<Sources> {
  const order = await listScope(tx, index, scope)
  if (scope === 'own') return { order, used: order, blocked: [] }
  const owners: NamedIndex[] = []
  for (const stage of order) {
    if (stage.entry.type === 'stage' && (await tx.get(keys.project(stage.name, project)))) {
      owners.push(stage)
    }
  }
  const mirrors = order.filter(({ entry }) => entry.type === 'mirror')
  if (owners.length === 0) return { order, used: mirrors, blocked: [] }
  if (isWhitelisted(order, project)) {
    const isHeldBack = holdsBack(order, owners, project)
    const asked = isHeldBack ? await withoutUnknown(tx, mirrors, project) : mirrors
    return { order, used: [...owners, ...asked], blocked: [] }
  }
  const exempt = mirrors.filter(isExempt)
  const blocked = mirrors.filter((mirror) => !isExempt(mirror))
  return { order, used: [...owners, ...exempt], blocked: blocked.map(({ name }) => name) }
}

const isExempt = ({ entry }: NamedIndex): boolean =>
  entry.type === 'mirror' && (entry.mirror_whitelist_exempt ?? false)

/**
 * Whether mirrors may add to a project that a stage has. With `intersection` the index that was asked decides
 * alone, with `union` any stage of the order may let them.
 */
function isWhitelisted(order: readonly NamedIndex[], project: ProjectName): boolean {
  const stages = order.flatMap(({ entry }) => (entry.type === 'stage' ? [entry] : []))
  const [asked] = stages
  const deciding = asked?.mirror_whitelist_inheritance === 'intersection' ? [asked] : stages
  return deciding.some(
    ({ mirror_whitelist: names }) => names.includes(project) || names.includes('*'),
  )
}

/**
 * Whether a stage that has the project stands where the whitelists, put together up to there, do not name it:
 * then devpi asks no mirror for it that may not even have it (devpi-http 6.6).
 */
function holdsBack(
  order: readonly NamedIndex[],
  owners: readonly NamedIndex[],
  project: ProjectName,
): boolean {
  let running: ReadonlySet<string> | undefined
  let isUnion = false
  for (const stage of order) {
    if (stage.entry.type !== 'stage') continue
    const names = new Set(stage.entry.mirror_whitelist)
    if (running === undefined) {
      isUnion = stage.entry.mirror_whitelist_inheritance !== 'intersection'
      running = names
    } else running = isUnion ? running.union(names) : running.intersection(names)
    if (!running.has(project) && !running.has('*') && owners.includes(stage)) return true
  }
  return false
}

/** Without the mirrors that have no list to look the project up in and have not had it before. */
async function withoutUnknown(
  tx: ReadTransaction,
  mirrors: readonly NamedIndex[],
  project: ProjectName,
): Promise<NamedIndex[]> {
  const kept: NamedIndex[] = []
  for (const mirror of mirrors) {
    const isWithoutList =
      mirror.entry.type === 'mirror' && (mirror.entry.mirror_no_project_list ?? false)
    if (!isWithoutList || (await tx.get(keys.project(mirror.name, project)))) kept.push(mirror)
  }
  return kept
}

/** What is asked for: a project, as an index has it. */
export interface LinksQuestion {
  readonly index: IndexName
  readonly project: ProjectName
  /** `all` where nothing is said. */
  readonly scope?: Scope
}

/**
 * The links of a project as they stand in the ledger; mirrors are brought up to date before, elsewhere. What is
 * offered and what is withheld are together all files that the indexes used have of the project.
 */
export async function listLinks(
  tx: ReadTransaction,
  policies: Policies,
  { index, project, scope = 'all' }: LinksQuestion,
): Promise<ProjectLinks> {
  const sources = await findSources(tx, index, project, scope)
  const found = await gatherLinks(tx, sources, project)
  const { links } = found
  const { isPoliced, hidden, observed, until } = await policies.judge(tx, sources.order, {
    project,
    links,
  })
  const withheld: Withheld[] = [...hidden].map(([link, finding]) => ({
    link,
    why: 'policy',
    finding,
  }))
  const { known } = found
  const isMirror = scope === 'all' && sources.order[0]?.entry.type === 'mirror'
  return {
    sources,
    isKnown: known !== undefined,
    holders: found.holders,
    offering: found.offering,
    links: hidden.size > 0 ? links.filter((link) => !hidden.has(link)) : links,
    withheld: [...found.withheld, ...withheld],
    observed,
    isPoliced,
    until,
    status: known?.status,
    upstreamSerial: isMirror ? known?.upstream?.lastSerial : undefined,
  }
}

interface Gathered {
  /** Of the first index that has the project. */
  readonly known: ProjectEntry | undefined
  readonly holders: readonly IndexName[]
  readonly offering: readonly IndexName[]
  /** No two have the same file name. */
  readonly links: readonly Link[]
  readonly withheld: readonly Withheld[]
}

/** First file name wins, whatever a policy says of it: what is hidden lets no other file take its place. */
async function gatherLinks(
  tx: ReadTransaction,
  { used }: Sources,
  project: ProjectName,
): Promise<Gathered> {
  const links: Link[] = []
  /** Which index a file name is offered from; nobody asks as long as one alone has offered files. */
  const owners = new Map<string, IndexName>()
  const withheld: Withheld[] = []
  const holders: IndexName[] = []
  const offering: IndexName[] = []
  let known: ProjectEntry | undefined
  for (const { name: index } of used) {
    const entry = await tx.get(keys.project(index, project))
    if (!entry) continue
    known ??= entry
    holders.push(index)
    // PEP 792: the files of a quarantined project must not be offered.
    const isQuarantined = entry.status?.status === 'quarantined'
    if (!isQuarantined) offering.push(index)
    for (const link of links.slice(owners.size)) owners.set(link.filename, link.index)
    for (const { name: filename, value: file } of await tx.list(keys.files(index, project))) {
      const link = { index, filename, file }
      const by = owners.get(filename)
      if (isQuarantined) withheld.push({ link, why: 'quarantined' })
      else if (by) withheld.push({ link, why: 'shadowed', by })
      else links.push(link)
    }
  }
  return { known, holders, offering, links, withheld }
}
