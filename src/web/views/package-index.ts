/** The model of the template `package-index`: what an index is, and what it holds. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { mayChangeIndex, mayUpload } from '#registry/access'
import {
  findIndex,
  getIndex,
  type IndexEntry,
  type IndexName,
  type NamedIndex,
} from '#registry/indexes'
import { keys } from '#registry/keys'
import type { ToxReadings } from '#registry/tox-reading'
import { printDiagram, type Diagram, type Drawing } from '../diagram.ts'
import type { Asking } from './home.ts'
import { indexLine, type IndexLine } from './index-line.ts'
import { openIndexContents } from './index-contents.ts'
import { addressOfPage, cutPage, pagingOf, type Paging } from './paging.ts'
import { viewMirrorLine, type MirrorParts } from './mirror-line.ts'
import { viewProjectLine, type ProjectLine } from './project-line.ts'

export interface PackageIndexView extends IndexLine {
  /** What pip and uv are given. */
  readonly simpleAddress: string
  readonly changesAddress: string
  readonly bases: readonly BaseLine[]
  readonly permissions: readonly Permission[]
  /** Undefined for a mirror. */
  readonly whitelist: readonly string[] | undefined
  /** Options that are set and shown nowhere else on the page. */
  readonly options: readonly { readonly name: string; readonly value: string }[]
  readonly projects: readonly ProjectLine[]
  /** What any of these projects has something of. */
  readonly columns: {
    readonly newest: boolean
    readonly summary: boolean
    readonly changed: boolean
  }
  readonly projectCount: number
  readonly paging: Paging
  /** To be printed as it is. */
  readonly inheritance: Diagram | undefined
  /** Where more of it is drawn. */
  readonly moreInheritanceAddress: string | undefined
  /** Its own address with a `+` name behind it is where programs read. */
  readonly may: { readonly change: boolean; readonly upload: boolean }
}

export interface BaseLine {
  readonly name: IndexName
  readonly address: string
  readonly simpleAddress: string
  /** `missing`: there is no index of that name. */
  readonly kind: 'stage' | 'mirror' | 'missing'
  readonly title: string | undefined
}

export interface Permission {
  /** `upload`, `toxresult_upload` */
  readonly action: string
  readonly users: readonly string[]
  /** With their colon: `:developers`. */
  readonly groups: readonly string[]
  /** `:ANONYMOUS:`, `:AUTHENTICATED:` */
  readonly special: readonly string[]
}

export interface PackageIndexWanted extends MirrorParts {
  readonly name: IndexName
  readonly page: number
  readonly tests: ToxReadings
  readonly drawing: Drawing | undefined
  readonly around: number
}

export async function viewPackageIndex(
  tx: ReadTransaction,
  wanted: PackageIndexWanted,
  asking: Asking,
): Promise<{ readonly view: PackageIndexView; readonly isPassing: boolean }> {
  const { name, page, drawing, around } = wanted
  const entry = await getIndex(tx, name)
  const { who, addresses } = asking
  const line = indexLine({ name, entry }, asking)
  const names = await tx.listNames(keys.projects(name))
  const cut = cutPage(page, names.length)
  const shown = names.slice(cut.start, cut.end) as ProjectName[]
  const isAll = shown.length === names.length
  const { projects, isPassing } = await listLines(tx, { ...wanted, entry, shown, isAll }, asking)
  const view: PackageIndexView = {
    ...line,
    simpleAddress: addresses.simple(name),
    changesAddress: addresses.changes(name),
    bases: await viewBases(tx, entry, asking),
    permissions: permissionsOf(entry),
    whitelist: entry.type === 'stage' ? entry.mirror_whitelist.toSorted() : undefined,
    options: optionsOf(line.config),
    projects,
    columns: {
      newest: projects.some(({ version }) => version !== undefined),
      summary: projects.some((one) => one.summary !== '' || one.docsAddress || one.tests),
      changed: projects.some(({ changedAt }) => changedAt !== undefined),
    },
    projectCount: names.length,
    paging: pagingOf(cut, addressOfPage(line.address)),
    inheritance: drawing && printDiagram(drawing, { address: addresses.index }),
    moreInheritanceAddress:
      around === Infinity ? undefined : `${line.address}?around=all#inheritance-viewed`,
    may: {
      change: mayChangeIndex(name, who),
      upload: entry.type === 'stage' && mayUpload(entry, who),
    },
  }
  return { view, isPassing }
}

interface LinesWanted extends PackageIndexWanted {
  readonly entry: IndexEntry
  readonly shown: readonly ProjectName[]
  /** Whether these are all projects of the index. */
  readonly isAll: boolean
}

async function listLines(
  tx: ReadTransaction,
  { name, entry, shown, isAll, tests, policies, mirrored }: LinesWanted,
  { addresses }: Asking,
): Promise<{ readonly projects: ProjectLine[]; readonly isPassing: boolean }> {
  const projects: ProjectLine[] = []
  if (entry.type === 'mirror') {
    const parts = { policies, mirrored, addresses }
    let isPassing = false
    for (const project of shown) {
      const found = await viewMirrorLine(tx, { name, entry }, project, parts)
      projects.push(found.line)
      isPassing ||= found.isPassing
    }
    return { projects, isPassing }
  }
  const contentsOf = await openIndexContents(tx, name, isAll)
  for (const project of shown) {
    const contents = await contentsOf(project)
    projects.push(await viewProjectLine(tx, { index: name, project, contents, tests }, addresses))
  }
  return { projects, isPassing: false }
}

async function viewBases(
  tx: ReadTransaction,
  entry: IndexEntry,
  { addresses }: Asking,
): Promise<BaseLine[]> {
  if (entry.type === 'mirror') return []
  const bases: BaseLine[] = []
  for (const name of entry.bases) {
    const base = await findIndex(tx, name)
    bases.push({
      name,
      address: addresses.index(name),
      simpleAddress: addresses.simple(name),
      kind: base?.type ?? 'missing',
      title: typeof base?.title === 'string' ? base.title : undefined,
    })
  }
  return bases
}

function permissionsOf(entry: IndexEntry): Permission[] {
  return Object.entries(entry).flatMap(([option, value]) => {
    if (!option.startsWith('acl_') || !Array.isArray(value)) return []
    const principals = value.map(String)
    const isSpecial = (name: string): boolean => /^:.*:$/.test(name)
    return [
      {
        action: option.slice('acl_'.length),
        users: principals.filter((name) => !name.startsWith(':')),
        groups: principals.filter((name) => name.startsWith(':') && !isSpecial(name)),
        special: principals.filter(isSpecial),
      },
    ]
  })
}

/** Options that have a place of their own on the page. */
const placed = new Set([
  ...['type', 'bases', 'title', 'description', 'custom_data', 'mirror_whitelist'],
  ...['acl_read', 'acl_upload', 'acl_toxresult_upload'],
])

function optionsOf(config: NamedIndex['entry']) {
  return Object.entries(config).flatMap(([name, value]: [string, unknown]) => {
    if (placed.has(name) || value === undefined) return []
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return [{ name, value: Array.isArray(value) ? value.join(', ') : text }]
  })
}
