/**
 * Whether an upstream may have a project that nothing is known of. Its list of names can tell that it has not,
 * and then the name stays here. No look depends on the list: where there is none in time, the page is asked for.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '#base/clock'
import { errorCode } from '#base/disk-failure'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import { namesBasis } from './address.ts'
import { expiryMs } from './expiry.ts'
import type { NameList } from './name-file.ts'
import { SHORT_LIST, type UpstreamNames } from './names.ts'
import type { MirrorSettings } from './settings.ts'
import type { Situation } from './situation.ts'

export interface ExistenceNeeds {
  readonly names: UpstreamNames
  readonly settings: MirrorSettings
  readonly clock: Clock
}

/** Of the time that a page has for its upstream, for all who wait for one fetch, from its beginning. */
const PATIENCE = 1 / 5

/** A short list is cheap to ask for: what is new upstream need not wait until it expires. */
const SHORT_LIST_MS = 60_000

/** For so long an upstream without a list that can be read is asked for its pages alone. */
const WITHOUT_LIST_MS = 60_000

export class Existence {
  readonly #needs: ExistenceNeeds
  readonly #patience = new Map<IndexName, Promise<undefined>>()

  constructor(needs: ExistenceNeeds) {
    this.#needs = needs
  }

  async mayHave(index: IndexName, project: ProjectName, situation: Situation): Promise<boolean> {
    const { mirror, address } = situation
    // A listing is a list of names itself.
    if (mirror.mirror_no_project_list || address.layout === 'listing') return true
    try {
      return await this.#mayBeListed(index, project, situation)
    } catch (error) {
      if (errorCode(error) === undefined) throw error
      return true // a list that cannot be read is none, and may just have been replaced
    }
  }

  async #mayBeListed(
    index: IndexName,
    project: ProjectName,
    situation: Situation,
  ): Promise<boolean> {
    const { address } = situation
    const { list, look } = await this.#needs.names.find(index)
    if (list && look?.basis === namesBasis(address)) {
      if (await list.has(project)) return true
      if (this.#needs.clock.now() < look.at + this.#goodForMs(list, situation)) return isEmpty(list)
    }
    const next = await this.#fetchSoon(index, situation)
    return !next || isEmpty(next) || next.has(project)
  }

  /** For how long a list is good to say no. */
  #goodForMs(list: NameList, { mirror }: Situation): number {
    const expiry = expiryMs(mirror, this.#needs.settings)
    return list.count < SHORT_LIST ? Math.min(expiry, SHORT_LIST_MS) : expiry
  }

  /** The fetch goes on when it is no longer waited for. */
  async #fetchSoon(
    index: IndexName,
    { mirror, address }: Situation,
  ): Promise<NameList | undefined> {
    const { names, settings, clock } = this.#needs
    const failedAt = names.failedAt(index) ?? -Infinity
    const pause = Math.min(expiryMs(mirror, settings), WITHOUT_LIST_MS)
    if (clock.now() < failedAt + pause) return undefined

    if (!names.isFetching(index)) {
      const patience = settings.requestTimeoutMs * PATIENCE
      this.#patience.set(index, delay(patience, undefined, { ref: false }))
    }
    const list = names.fetch(index, address)
    return Promise.race([list, names.untilLong(index), this.#patience.get(index)])
  }
}

/** An upstream that lists nothing does not list what it has. */
const isEmpty = ({ count }: NameList): boolean => count === 0
