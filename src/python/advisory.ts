/** Advisories in the OSV format: which versions of which projects they speak of. Anybody may have written them. */
import { parseName, type ProjectName } from './name.ts'
import { canonicalVersion, compareVersions, parseVersion, type Version } from './version.ts'

/** What one advisory says of one project. */
export interface AdvisoryEntry {
  readonly project: ProjectName
  readonly id: string
  /** Other names of the same thing. */
  readonly aliases: readonly string[]
  /** The project, or these versions of it, do harm on purpose. */
  readonly isMalicious: boolean
  /** As they are written. */
  readonly versions: readonly string[]
  readonly ranges: readonly Range[]
  /** Neither versions nor ranges were told of what is malicious. */
  readonly isWhole: boolean
}

/** In the order of their versions. */
type Range = readonly RangeEvent[]

interface RangeEvent {
  readonly kind: 'introduced' | 'fixed' | 'last_affected'
  /** Undefined: before all versions. */
  readonly version: Version | undefined
}

type JsonObject = Readonly<Record<string, unknown>>

const ECOSYSTEM = 'PyPI'
const MOST_ALIASES = 100
/** Versions and events that one advisory may name. */
const MOST_FACTS = 200_000
const ID = /^[A-Za-z0-9][\w.:-]{0,99}$/

/**
 * What it says of Python projects: nothing if it is about others or was withdrawn. As a text, why it cannot be
 * understood.
 */
export function readAdvisory(value: unknown): readonly AdvisoryEntry[] | string {
  if (!isObject(value)) return 'an advisory must be an object'
  const { id, withdrawn, affected = [], aliases = [] } = value
  if (typeof id !== 'string' || !ID.test(id)) return 'an advisory must have an id'
  if (withdrawn !== undefined && withdrawn !== null) return []
  if (!Array.isArray(affected) || !Array.isArray(aliases)) {
    return `'affected' and 'aliases' of ${id} must be lists`
  }
  const facts = { left: MOST_FACTS }
  const head = {
    id,
    aliases: aliases
      .filter((alias) => typeof alias === 'string' && ID.test(alias))
      .slice(0, MOST_ALIASES) as string[],
    isMalicious: id.startsWith('MAL-') || hasOrigins(value),
  }
  const entries: AdvisoryEntry[] = []
  for (const one of affected as unknown[]) {
    const entry = isObject(one) ? readAffected(one, head, facts) : undefined
    if (entry) entries.push(entry)
    if (facts.left < 0) return `${id} names too many versions`
  }
  return entries
}

/** Whether a version is meant. One that cannot be compared is, wherever it might be. */
export function isAffected(entry: AdvisoryEntry, text: string): boolean {
  if (entry.isWhole) return true
  const version = parseVersion(text)
  const listed = listedVersions(entry)
  if (!version) return listed.has(text) || entry.ranges.length > 0
  if (listed.has(canonicalVersion(version))) return true
  // As `==1.0` means 1.0+local too.
  const isListed = listed.has(canonicalVersion({ ...version, local: undefined }))
  return isListed || entry.ranges.some((range) => isInRange(range, version))
}

/** Of few projects anybody asks: what their advisories list is brought to canonical form then. */
const canonicalLists = new WeakMap<AdvisoryEntry, ReadonlySet<string>>()

function listedVersions(entry: AdvisoryEntry): ReadonlySet<string> {
  let listed = canonicalLists.get(entry)
  if (!listed) canonicalLists.set(entry, (listed = new Set(entry.versions.map(canonical))))
  return listed
}

/** The versions, in canonical form, with which what is told of came to an end. */
export function listFixes({ isMalicious, ranges }: AdvisoryEntry): string[] {
  if (isMalicious) return []
  return ranges
    .flat()
    .flatMap(({ kind, version }) =>
      kind === 'fixed' && version ? [canonicalVersion(version)] : [],
    )
}

/** Of the feed of malicious packages: where a report came from. */
function hasOrigins({ database_specific: own }: JsonObject): boolean {
  const origins = isObject(own) ? own['malicious-packages-origins'] : undefined
  return Array.isArray(origins) && origins.length > 0
}

type Head = Pick<AdvisoryEntry, 'id' | 'aliases' | 'isMalicious'>

function readAffected(
  affected: JsonObject,
  head: Head,
  facts: { left: number },
): AdvisoryEntry | undefined {
  const { package: named } = affected
  if (!isObject(named) || typeof named.ecosystem !== 'string') return undefined
  const project = typeof named.name === 'string' ? parseName(named.name) : undefined
  if (project === undefined || named.ecosystem.split(':', 1)[0] !== ECOSYSTEM) return undefined
  const versions = listOf(affected.versions)
  const ranges = listOf(affected.ranges).filter((range) => isObject(range) && range.type !== 'GIT')
  const events = (ranges as JsonObject[]).map((range) => listOf(range.events))
  facts.left -= events.reduce((sum, { length }) => sum + length, versions.length)
  if (facts.left < 0) return undefined
  const isMalicious = head.isMalicious || hasOrigins(affected)
  return {
    ...head,
    project,
    isMalicious,
    versions: versions.filter((one) => typeof one === 'string'),
    ranges: events.map(readRange).filter((range) => range.length > 0),
    isWhole: isMalicious && versions.length === 0 && events.flat().length === 0,
  }
}

function readRange(events: readonly unknown[]): Range {
  const read = events.flatMap((event): RangeEvent[] => {
    if (!isObject(event)) return []
    const { introduced, fixed, last_affected: last } = event
    // What begins nobody knows where counts from the first version; an end that is not understood is none.
    if (introduced !== undefined) return [{ kind: 'introduced', version: versionOf(introduced) }]
    const kind = fixed === undefined ? 'last_affected' : 'fixed'
    const version = versionOf(fixed ?? last)
    return version ? [{ kind, version }] : []
  })
  return read.sort(byVersion)
}

/** `0` is before all versions, also 0.dev1. */
const versionOf = (text: unknown): Version | undefined =>
  typeof text === 'string' && text !== '0' ? parseVersion(text) : undefined

function byVersion(a: RangeEvent, b: RangeEvent): number {
  if (!a.version || !b.version) return Number(Boolean(a.version)) - Number(Boolean(b.version))
  const order = compareVersions(a.version, b.version)
  return order || Number(a.kind === 'introduced') - Number(b.kind === 'introduced')
}

function isInRange(range: Range, version: Version): boolean {
  let isIn = false
  for (const { kind, version: at } of range) {
    const order = at ? compareVersions(version, at) : 1
    if (kind === 'introduced' && order >= 0) isIn = true
    if (kind === 'fixed' && order >= 0) isIn = false
    if (kind === 'last_affected' && order > 0) isIn = false
  }
  return isIn
}

function canonical(text: string): string {
  const version = parseVersion(text)
  return version ? canonicalVersion(version) : text.slice(0, 200)
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
