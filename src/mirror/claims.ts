/**
 * An alarm: upstream offers a project of a name that a stage over the mirror has claimed by having it. Nobody gets such a
 * file, but somebody should know. Found from what is here: upstream is never asked about claimed names.
 */
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import type { Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import { listResolutionOrder } from '#registry/inheritance'
import { keys } from '#registry/keys'
import { findSources } from '#registry/links'
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

export interface ClaimsNeeds {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
  /** The list of a mirror's names that is here, however old. */
  readonly list: (mirror: IndexName) => Promise<NameList | undefined>
}

/** Further ones are logged, and not kept. */
const MOST_KEPT = 1000

export class Claims {
  readonly #needs: ClaimsNeeds
  readonly #found = new Map<string, Claim>()
  #running: Promise<void> = Promise.resolve()

  constructor(needs: ClaimsNeeds) {
    this.#needs = needs
  }

  /** Those that stand, the oldest first. */
  list(): Claim[] {
    return [...this.#found.values()]
  }

  find(mirror: IndexName, project: ProjectName): Claim | undefined {
    return this.#found.get(keyOf(mirror, project))
  }

  /**
   * Compares these names, or all that stages have, once the comparison under way has ended. Resolves when that is done;
   * never fails.
   */
  check(names?: ReadonlySet<ProjectName>): Promise<void> {
    this.#running = this.#running
      .then(() => this.#check(names))
      .catch((error: unknown) => {
        this.#needs.log.error({ error }, 'claimed names could not be compared with upstreams')
      })
    return this.#running
  }

  async #check(names: ReadonlySet<ProjectName> | undefined): Promise<void> {
    const { ledger } = this.#needs
    const standing = new Set<string>()
    for (const index of await ledger.read((tx) => tx.listNames(keys.indexes()))) {
      await this.#checkIndex(index, names, standing)
    }
    for (const [key, { mirror, project }] of this.#found) {
      if (standing.has(key) || names?.has(project) === false) continue
      this.#found.delete(key)
      this.#needs.log.info({ mirror, project }, 'an upstream no longer offers a claimed name')
    }
  }

  async #checkIndex(
    index: IndexName,
    names: ReadonlySet<ProjectName> | undefined,
    standing: Set<string>,
  ): Promise<void> {
    const { ledger } = this.#needs
    const order = await ledger.read((tx) => listResolutionOrder(tx, index))
    const mirrors = order.filter(({ entry }) => entry.type === 'mirror')
    if (mirrors.length === 0) return
    for (const stage of order) {
      if (stage.entry.type !== 'stage') continue
      const own = await ledger.read((tx) => tx.listNames(keys.projects(stage.name)))
      for (const project of own) {
        if (names?.has(project) === false) continue
        for (const mirror of mirrors) {
          if (!(await this.#isOffered(mirror.name, project))) continue
          const { blocked } = await ledger.read((tx) => findSources(tx, index, project))
          if (!blocked.includes(mirror.name)) continue
          this.#stand(standing, { mirror: mirror.name, project, stage: stage.name })
        }
      }
    }
  }

  /** By the list that is here, or because somebody asked for it before it was claimed. */
  async #isOffered(mirror: IndexName, project: ProjectName): Promise<boolean> {
    const list = await this.#needs.list(mirror)
    if (await list?.has(project)) return true
    return (
      (await this.#needs.ledger.read((tx) => tx.get(keys.project(mirror, project)))) !== undefined
    )
  }

  #stand(standing: Set<string>, claim: Omit<Claim, 'since'>): void {
    const key = keyOf(claim.mirror, claim.project)
    standing.add(key)
    if (this.#found.has(key)) return
    this.#needs.log.warn(claim, 'an upstream offers a project whose name a stage has claimed')
    if (this.#found.size >= MOST_KEPT) return
    this.#found.set(key, { ...claim, since: new Date(this.#needs.clock.now()).toISOString() })
  }
}

const keyOf = (mirror: IndexName, project: ProjectName): string => `${mirror}/${project}`
