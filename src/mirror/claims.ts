/**
 * An alarm: upstream offers a project of a name that a stage over the mirror has claimed by having it. Nobody gets such a
 * file, but somebody should know. Found from what is here: upstream is never asked about claimed names.
 */
import type { Clock } from '#base/clock'
import { soleCrew, type Crew } from '#base/crew'
import type { Log } from '#base/log'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { findIndex, type IndexName } from '#registry/indexes'
import { listResolutionOrder } from '#registry/inheritance'
import { keys } from '#registry/keys'
import { findSources } from '#registry/links'
import type { LocalState } from './local-state.ts'
import type { NameList } from './name-file.ts'

/** As it is told to people and their tools. */
export interface Claim {
  readonly mirror: IndexName
  readonly project: ProjectName
  /** The stage that has a project of this name. */
  readonly stage: IndexName
  /** When it was noticed. */
  readonly since: string
}

/** Those that one may know of: who may not read a stage learns nothing of its names, not even how many there are. */
export const readableClaims = (
  claims: readonly Claim[],
  mayRead: (index: IndexName) => boolean,
): Claim[] => claims.filter(({ stage, mirror }) => mayRead(stage) && mayRead(mirror))

export interface ClaimsNeeds {
  readonly ledger: Ledger
  /** Where they are kept over a restart. */
  readonly local: LocalState
  readonly clock: Clock
  readonly log: Log
  /** One of whose processes compares. */
  readonly crew?: Crew | undefined
  /** The list of a mirror's names that is here, however old. */
  readonly list: (mirror: IndexName) => Promise<NameList | undefined>
}

/** Of each stage the mirrors beside it, and of these the indexes that have both. */
type Neighbours = ReadonlyMap<IndexName, ReadonlyMap<IndexName, readonly IndexName[]>>

const MOST_KEPT = 1000
const TOPIC = 'claims'

export class Claims {
  readonly #needs: ClaimsNeeds
  readonly #crew: Crew
  #found: Map<string, Claim>
  #running: Promise<void> = Promise.resolve()
  /** Holds until an index changes, after which all is compared. */
  #neighbours: Neighbours | undefined
  #hasToldOfMore = false
  #isClosed = false

  constructor(needs: ClaimsNeeds) {
    this.#needs = needs
    this.#crew = needs.crew ?? soleCrew
    this.#found = this.#listKept()
    this.#crew.onCast(TOPIC, () => (this.#found = this.#listKept()))
  }

  /** Those that stand, the oldest first. */
  list(): Claim[] {
    return [...this.#found.values()]
  }

  find(mirror: IndexName, project: ProjectName): Claim | undefined {
    return this.#found.get(keyOf({ mirror, project }))
  }

  /** Whether a stage over the mirror has a project of this name: upstream is not asked about it unbidden. */
  async isClaimed(mirror: IndexName, project: ProjectName): Promise<boolean> {
    const { ledger } = this.#needs
    const neighbours = (this.#neighbours ??= await ledger.read(listNeighbours))
    return ledger.read(async (tx) => {
      for (const [stage, mirrors] of neighbours) {
        if (mirrors.has(mirror) && (await tx.get(keys.project(stage, project)))) return true
      }
      return false
    })
  }

  /** Indexes have changed: which mirrors stand beside a stage is to be found anew. */
  forgetNeighbours(): void {
    this.#neighbours = undefined
  }

  /** What is under way ends soon, without a result. */
  close(): void {
    this.#isClosed = true
  }

  /**
   * Compares these names, or all that stages have, once the comparison under way has ended. Resolves when that is done;
   * never fails.
   */
  check(names?: ReadonlySet<ProjectName>): Promise<void> {
    this.#running = this.#running
      .then(() => this.#check(names))
      .catch((error: unknown) => {
        if (this.#isClosed) return
        this.#needs.log.error({ error }, 'claimed names could not be compared with upstreams')
      })
    return this.#running
  }

  async #check(names: ReadonlySet<ProjectName> | undefined): Promise<void> {
    const { ledger } = this.#needs
    if (names === undefined) this.#neighbours = undefined
    this.#neighbours ??= await ledger.read(listNeighbours)
    const standing = new Set<string>()
    for (const [stage, mirrors] of this.#neighbours) {
      for (const project of await this.#listOwn(stage, names)) {
        for (const [mirror, indexes] of mirrors) {
          if (this.#isClosed) return
          if (!(await this.#isOffered(mirror, project))) continue
          const isBlocked = await ledger.read((tx) => isBlockedIn(tx, indexes, { mirror, project }))
          if (isBlocked) this.#stand(standing, { mirror, project, stage })
        }
      }
    }
    if (this.#isClosed) return
    for (const [key, { mirror, project }] of this.#found) {
      if (standing.has(key) || names?.has(project) === false) continue
      this.#end(key, { mirror, project })
    }
  }

  /** The projects that a stage has, of those that are looked for. */
  async #listOwn(
    stage: IndexName,
    names: ReadonlySet<ProjectName> | undefined,
  ): Promise<readonly ProjectName[]> {
    return this.#needs.ledger.read(async (tx) => {
      if (names === undefined) return tx.listNames(keys.projects(stage))
      const own: ProjectName[] = []
      for (const name of names) if (await tx.get(keys.project(stage, name))) own.push(name)
      return own
    })
  }

  /** By the list that is here, or because somebody asked for it before it was claimed. */
  async #isOffered(mirror: IndexName, project: ProjectName): Promise<boolean> {
    const list = await this.#needs.list(mirror)
    if (await list?.has(project)) return true
    return (
      (await this.#needs.ledger.read((tx) => tx.get(keys.project(mirror, project)))) !== undefined
    )
  }

  #listKept(): Map<string, Claim> {
    return new Map(this.#needs.local.listClaims().map((claim) => [keyOf(claim), claim]))
  }

  #stand(standing: Set<string>, noticed: Omit<Claim, 'since'>): void {
    const { clock, local, log } = this.#needs
    const key = keyOf(noticed)
    standing.add(key)
    if (this.#found.has(key)) return
    if (this.#found.size >= MOST_KEPT) {
      if (!this.#hasToldOfMore) {
        log.warn({ kept: MOST_KEPT }, 'upstreams offer more claimed names than are told one by one')
      }
      this.#hasToldOfMore = true
      return
    }
    log.warn(noticed, 'an upstream offers a project whose name a stage has claimed')
    const claim = { ...noticed, since: new Date(clock.now()).toISOString() }
    this.#found.set(key, claim)
    local.saveClaim(claim)
    this.#crew.cast(TOPIC, {})
  }

  #end(key: string, { mirror, project }: Pick<Claim, 'mirror' | 'project'>): void {
    const { local, log } = this.#needs
    this.#found.delete(key)
    this.#hasToldOfMore = false
    local.removeClaim(mirror, project)
    this.#crew.cast(TOPIC, {})
    log.info({ mirror, project }, 'an upstream no longer offers a claimed name')
  }
}

/** A stage that many indexes inherit from is listed once. */
async function listNeighbours(tx: ReadTransaction): Promise<Neighbours> {
  const neighbours = new Map<IndexName, Map<IndexName, IndexName[]>>()
  for (const index of await tx.listNames(keys.indexes())) {
    const order = await listResolutionOrder(tx, index)
    const mirrors = order.filter(({ entry }) => entry.type === 'mirror')
    if (mirrors.length === 0) continue
    for (const { name: stage, entry } of order) {
      if (entry.type !== 'stage') continue
      const beside = neighbours.get(stage) ?? new Map<IndexName, IndexName[]>()
      neighbours.set(stage, beside)
      for (const { name } of mirrors) {
        const indexes = beside.get(name) ?? []
        indexes.push(index)
        beside.set(name, indexes)
      }
    }
  }
  return neighbours
}

/** Whether any of the indexes keeps the mirror out; another change may have removed some. */
async function isBlockedIn(
  tx: ReadTransaction,
  indexes: readonly IndexName[],
  { mirror, project }: Pick<Claim, 'mirror' | 'project'>,
): Promise<boolean> {
  for (const index of indexes) {
    if (!(await findIndex(tx, index))) continue
    if ((await findSources(tx, index, project)).blocked.includes(mirror)) return true
  }
  return false
}

const keyOf = ({ mirror, project }: Pick<Claim, 'mirror' | 'project'>): string =>
  `${mirror}/${project}`
