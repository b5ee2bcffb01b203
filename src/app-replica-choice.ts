/** What `--replica-filter` means: which files of the ledger a replica gets ahead and keeps. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { mostRecent } from '#base/most-recent'
import { sha256 } from '#base/digest'
import { StartRefused } from '#base/start-refused'
import type { Config } from '#config'
import { replicaFilter, type ReplicaFilter } from '#config-replica'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import { distributionVersion, parseWheelFilename } from '#python/filename'
import { parseName, type ProjectName } from '#python/name'
import { findOldestOfNewest } from '#python/newest-versions'
import { inTurns } from '#python/steps'
import { compareRead, readVersion, type VersionText } from '#python/version-order'
import { Mistake } from '#plugins/options'
import { readNamedReleases, type NamedReleases } from '#policies/named-releases'
import { readPlatform, type TagPattern } from '#policies/tag-pattern'
import type { FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import { allBlobs, noBlobs, type BlobChoice, type Looked } from '#replication/blob-choice'

/** Refuses a filter that names what cannot be, and a lock file that cannot be read. */
export async function openBlobChoice(
  { blobs, replicaFilter: filter }: Pick<Config, 'blobs' | 'replicaFilter'>,
  ledger: Ledger,
): Promise<BlobChoice> {
  if (filter) return new FilteredBlobs(ledger, await readRules(filter))
  return blobs === 'on-demand' ? noBlobs : allBlobs
}

export interface BlobSettings {
  readonly blobs: 'all' | 'filtered' | 'on-demand'
  /** As it would be written. */
  readonly filter: string | undefined
}

export const blobSettings = ({
  blobs,
  replicaFilter: filter,
}: Pick<Config, 'blobs' | 'replicaFilter'>): BlobSettings => ({
  blobs: blobs ?? (filter ? 'filtered' : 'all'),
  filter: filter && replicaFilter.print(filter),
})

interface Rules {
  readonly name: string
  readonly users: ReadonlySet<string> | undefined
  readonly indexes: ReadonlySet<string> | undefined
  readonly projects: ReadonlySet<string> | undefined
  readonly skipped: ReadonlySet<string>
  readonly newest: number | undefined
  readonly platforms: readonly TagPattern[] | undefined
  readonly locked: NamedReleases | undefined
}

async function readRules(filter: ReplicaFilter): Promise<Rules> {
  const { users, indexes, newest, lock } = filter
  const text = lock === undefined ? undefined : await readLock(lock)
  const locked = text === undefined ? undefined : await inTurns(readNamedReleases(text))
  if (typeof locked === 'string') throw refused(`${lock}: ${locked}`)
  return {
    name: `${replicaFilter.print(filter)}${text === undefined ? '' : ` ${sha256(text)}`}`,
    users: setOf(users),
    indexes: setOf(indexes),
    projects: setOf(filter.projects.map(readProject)),
    skipped: new Set(filter.skip),
    newest,
    platforms: filter.platforms.length > 0 ? filter.platforms.map(readTags) : undefined,
    locked,
  }
}

const setOf = (members: readonly string[]): ReadonlySet<string> | undefined =>
  members.length > 0 ? new Set(members) : undefined

const refused = (problem: string): StartRefused =>
  new StartRefused(`--replica-filter: ${problem}.`, [
    'docs/how-to/laptop.md says how it is written',
  ])

function readProject(text: string): ProjectName {
  const name = parseName(text)
  if (name === undefined) throw refused(`project=${text} is no name of a project`)
  return name
}

function readTags(text: string): TagPattern {
  const pattern = readPlatform(text)
  if (pattern instanceof Mistake) throw refused(`platform=${text}: ${pattern.problem}`)
  return pattern
}

async function readLock(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refused(`${path} cannot be read (${error.code ?? error.message})`)
  })
}

/** Which file, documentation or test result an entry is. */
interface Place {
  readonly kind: 'file' | 'docs' | 'toxresult'
  readonly user: string
  readonly index: string
  readonly project: ProjectName
  readonly filename: string | undefined
  readonly version: string
}

interface Known {
  /** The state it was found in. */
  readonly serial: Serial
  /** Older ones are left out. */
  readonly oldest: VersionText | undefined
}

/** Projects of which the newest versions are remembered. */
const REMEMBERED = 20_000

class FilteredBlobs implements BlobChoice {
  readonly name: string
  readonly isNothing = false
  readonly isRelative: boolean
  readonly #ledger: Ledger
  readonly #rules: Rules
  readonly #newest = mostRecent<string, Known>(REMEMBERED)

  constructor(ledger: Ledger, rules: Rules) {
    this.name = rules.name
    this.isRelative = rules.newest !== undefined
    this.#ledger = ledger
    this.#rules = rules
  }

  async look(path: string, value: unknown, serial: Serial): Promise<readonly Looked[]> {
    const place = placeOf(path, value)
    if (!place) return [{ path, value, isWanted: false }]
    if (!this.#isNamed(place) || (await this.#isSkipped(place)))
      return [{ path, value, isWanted: false }]
    if (this.#rules.newest === undefined) {
      return [{ path, value, isWanted: this.#isRight(place, value) }]
    }
    const { oldest, others } = await this.#findNewest(place, serial)
    const isNew = ({ version }: Place): boolean =>
      !oldest || compareRead(readVersion(version), oldest) >= 0
    return [{ path, value }, ...others].map((one) => {
      const where = placeOf(one.path, one.value)
      const isWanted = where !== undefined && isNew(where) && this.#isRight(where, one.value)
      return { ...one, isWanted }
    })
  }

  #isNamed({ user, index, project }: Place): boolean {
    const { users, indexes, projects } = this.#rules
    const isIn = (names: ReadonlySet<string> | undefined, name: string): boolean =>
      !names || names.has(name)
    return isIn(users, user) && isIn(indexes, index) && isIn(projects, project)
  }

  async #isSkipped({ index }: Place): Promise<boolean> {
    const { skipped } = this.#rules
    if (skipped.has(index)) return true
    if (!skipped.has('stage') && !skipped.has('mirror')) return false
    const entry = await this.#ledger.read((tx) => tx.get(keys.index(index)))
    return entry !== undefined && skipped.has(entry.type)
  }

  /** By its tags, and by what the lock file has. */
  #isRight({ kind, project, filename }: Place, value: unknown): boolean {
    const { platforms, locked } = this.#rules
    const wheel = platforms && filename !== undefined ? parseWheelFilename(filename) : undefined
    const fits = (tag: string): boolean => platforms?.some((one) => one.means(tag)) ?? true
    if (wheel && !wheel.tags.platform.map((tag) => tag.toLowerCase()).some(fits)) return false
    if (!locked) return true
    const check = locked.get(project)
    return kind === 'file' && check !== undefined && check(value as FileEntry) === undefined
  }

  /** With all other entries of the project, where it is another version than before, or none is known. */
  async #findNewest(
    { index, project }: Place,
    serial: Serial,
  ): Promise<{
    oldest: VersionText | undefined
    others: readonly { path: string; value: unknown }[]
  }> {
    const key = `${index}/${project}`
    const known = this.#newest.get(key)
    if (known && known.serial >= serial) return { oldest: known.oldest, others: [] }
    return this.#ledger.read(async (tx) => {
      const files = await tx.list(keys.files(index, project))
      const versions = new Set(files.map(({ value }) => value.version))
      const oldest = findOldestOfNewest(versions, this.#rules.newest ?? Infinity)
      this.#newest.set(key, { serial: tx.serial, oldest })
      const isSame = known !== undefined && known.oldest?.text === oldest?.text
      return { oldest, others: isSame ? [] : [...files, ...(await listMore(tx, index, project))] }
    })
  }
}

async function listMore(tx: ReadTransaction, index: string, project: ProjectName) {
  const docs = await tx.list(keys.docsOf(index, project))
  return [...docs, ...(await tx.list(keys.toxresults(index, project)))]
}

function placeOf(path: string, value: unknown): Place | undefined {
  const [kind, user = '', index = '', project = '', name = ''] = path.split('/')
  if (kind !== 'file' && kind !== 'docs' && kind !== 'toxresult') return undefined
  const place = { kind, user, index: `${user}/${index}`, project: project as ProjectName } as const
  if (kind === 'docs') return { ...place, filename: undefined, version: name }
  const told = kind === 'file' ? (value as FileEntry | undefined)?.version : undefined
  const filename = basename(name)
  const version = told ?? distributionVersion(filename, place.project) ?? ''
  return { ...place, filename, version }
}
