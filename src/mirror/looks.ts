/** Keeps a project's links no older than they may be: looks upstream when they are, once however many wait. */
import type { Clock } from '#base/clock'
import type { Crew } from '#base/crew'
import { StorageFailure, UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { Refusal } from '#base/refusal'
import { SingleFlight } from '#base/single-flight'
import { waitFor } from '#base/waits'
import type { Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { within, type Background } from './background.ts'
import { isUnwell, type Breaker } from './breaker.ts'
import { expiryMs, holdOffMs } from './expiry.ts'
import type { Freshness, Standing } from './freshness.ts'
import type { LocalState } from './local-state.ts'
import type { Found, Target } from './look.ts'
import { offlineStanding } from './offline.ts'
import { tellFailure, throwTold } from './outcome.ts'
import type { MirrorSettings } from './settings.ts'

/** Whoever looks upstream. */
interface LookerOf {
  /** It is a server whose links are here as soon as it has them: what nobody here has looked for is no older than there. */
  readonly isFollowed?: boolean
  /** Throws `UpstreamFailure` when it fails. */
  look(target: Target, signal: AbortSignal): Promise<Found>
  /** Remembers what was found, perhaps by another process, and returns whether it still holds. */
  confirm(target: Target, found: Found): Promise<boolean>
}

export interface LooksNeeds {
  readonly ledger: Ledger
  readonly local: LocalState
  readonly freshness: Freshness
  readonly background: Background
  readonly looker: LookerOf
  readonly crew: Crew
  readonly breaker: Breaker
  readonly settings: MirrorSettings
  readonly log: Log
  readonly clock: Clock
}

const LONGEST_LOOK_MS = 60_000

export class Looks {
  readonly #needs: LooksNeeds
  readonly #flights = new SingleFlight<string, Standing>()

  constructor(needs: LooksNeeds) {
    this.#needs = needs
  }

  /** Whether the links known of a project, or that there are none, need no look upstream now. */
  isFresh(index: IndexName, project: ProjectName): boolean {
    const standing = this.#needs.freshness.find(index, project, this.#needs.clock.now())
    return standing === 'fresh' || standing === 'missing'
  }

  /**
   * Brings upstream's links into the ledger when ours are old. `stale`: upstream fails or is slow, and what
   * is known stays. Throws `UpstreamFailure` where nothing is known.
   */
  async freshen(index: IndexName, project: ProjectName): Promise<Standing> {
    if (this.#needs.settings.offline) return offlineStanding(this.#needs.ledger, index, project)
    const known = this.#needs.freshness.find(index, project, this.#needs.clock.now())
    return known ?? this.#lookSoon({ index, project })
  }

  /** Asks upstream for the whole page, however fresh ours is, and takes what it says. */
  async refresh(index: IndexName, project: ProjectName): Promise<Standing> {
    if (this.#needs.settings.offline) return offlineStanding(this.#needs.ledger, index, project)
    const key = `${index}/${project}`
    while (this.#flights.isRunning(key)) {
      // The look under way may have begun before what the caller knows of; its failure is its own.
      await this.#flights.run(key, () => this.#look({ index, project })).catch(() => undefined)
    }
    this.#needs.local.remove(index, project)
    this.#needs.freshness.forgetProject(index, project)
    return this.#lookSoon({ index, project, isRefresh: true })
  }

  /** Waits for the look under way, or a new one, no longer than a request may; hardly, where what is known will do. */
  async #lookSoon(target: Target): Promise<Standing> {
    const { index, project } = target
    const { settings } = this.#needs
    const isGoodEnough = !target.isRefresh && (await this.#isServedStale(index, project))
    const key = `${index}/${project}`
    const look = this.#flights.run(key, () => this.#needs.background.add(this.#look(target)))
    const waitMs = isGoodEnough ? settings.staleWaitMs : settings.requestTimeoutMs
    const standing = await waitFor('upstream', within(look, waitMs))
    if (standing) return standing

    // The look goes on, and what it finds is stored.
    if (await this.#keepStale(index, project)) return 'stale'
    throw new UpstreamFailure(
      `timeout after ${settings.requestTimeoutMs / 1000} seconds while getting data for '${project}'`,
    )
  }

  /** Links that have not been old for long, or whose upstream fails. An index that wants a look each time gets it. */
  async #isServedStale(index: IndexName, project: ProjectName): Promise<boolean> {
    const { ledger, local, clock, settings, breaker, looker } = this.#needs
    const [mirror, known] = await ledger.read(async (tx) => [
      await tx.get(keys.index(index)),
      await tx.get(keys.project(index, project)),
    ])
    if (mirror?.type !== 'mirror' || !known) return false
    const expiry = expiryMs(mirror, settings)
    if (expiry === 0 || settings.staleForMs === 0) return false
    const look = local.find(index, project)
    if (!look) return looker.isFollowed === true
    const oldFor = clock.now() - look.at - expiry
    if (oldFor < 0) return false
    return oldFor < settings.staleForMs || isUnwell(breaker, mirror)
  }

  async #look(target: Target): Promise<Standing> {
    const { index, project } = target
    try {
      return await this.#lookInTurn(target)
    } catch (error) {
      const isExpected = [UpstreamFailure, StorageFailure, Refusal].some(
        (kind) => error instanceof kind,
      )
      if (!isExpected || !(await this.#keepStale(index, project))) throw error
      const reason = (error as Error).message
      this.#needs.log.warn({ index, project, reason }, 'a mirror serves stale links')
      return 'stale'
    }
  }

  /** One look of all processes: the others take what it found. */
  async #lookInTurn(target: Target): Promise<Standing> {
    const { crew, looker, background } = this.#needs
    const turn = await crew.enter(`look ${target.index}/${target.project}`)
    if (turn.kind === 'heard') {
      // It may have begun before what somebody knows who wants a refresh.
      if (target.isRefresh) return this.#lookInTurn(target)
      throwTold(turn.outcome)
      const { found } = turn.outcome as { found: Found }
      if (await looker.confirm(target, found)) return found.standing
      return this.#lookInTurn(target)
    }
    try {
      const found = await looker.look(target, background.signal(LONGEST_LOOK_MS))
      turn.end({ found })
      return found.standing
    } catch (error) {
      turn.end(tellFailure(error))
      throw error
    }
  }

  /** Lets what is known stand for a moment, if anything is. */
  async #keepStale(index: IndexName, project: ProjectName): Promise<boolean> {
    const { ledger, clock, settings } = this.#needs
    const watch = this.#needs.freshness.watch(index, project)
    try {
      const [mirror, known] = await ledger.read(async (tx) => [
        await tx.get(keys.index(index)),
        await tx.get(keys.project(index, project)),
      ])
      if (!known || mirror?.type !== 'mirror') return false
      const isFresh = this.isFresh(index, project) // the look has come to its end meanwhile
      const until = clock.now() + holdOffMs(mirror, settings)
      if (!isFresh) this.#needs.freshness.remember(watch, 'stale', until)
      return true
    } finally {
      this.#needs.freshness.endWatch(watch)
    }
  }
}
