/**
 * Follows a real devpi-server as its replica does (devpi-replication, sections 4 and 17): asks for what comes after the
 * last serial that is here, is held until there is something, and makes each entry one change of ours. Where it is
 * stands in the ledger, in the same change.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { backoffDelay } from '#base/retry'
import type { Ledger } from '#ledger/ledger'
import { Applier } from './devpi-applier.ts'
import { devpiKeys, type Followed } from './devpi/keys.ts'
import { DevpiRefuses, type DevpiServer } from './devpi/server.ts'
import type { StretchCost } from './devpi/secret-keys.ts'
import type { FileWishes } from './devpi/translate-files.ts'
import { NotDevpi } from './devpi/values.ts'
import type { DevpiFiles } from './devpi-files.ts'
import type { DevpiHistory } from './devpi-folder.ts'

export { DEVPI_ACTOR } from './devpi-applier.ts'

/** How long a server that is away is left alone. */
const BACKOFF = { firstDelayMs: 200, maxDelayMs: 15_000 }
/** So often in a row it may say that there is something, and send nothing. */
const MOST_EMPTY = 3

/** `altered`: its history is another than the one that was followed. `failed`: it could not be stored here. */
export interface DevpiProblem {
  readonly kind: 'away' | 'refuses' | 'altered' | 'failed'
  readonly message: string
  /** An instant: when it began. */
  readonly since: number
}

/** Instants are undefined where it was never so. Serials are devpi's. */
export interface DevpiFollowing {
  readonly isConnected: boolean
  readonly problem: DevpiProblem | undefined
  readonly uuid: string | undefined
  /** The last one of which all is here, and the last one that is known of. */
  readonly applied: number
  readonly serial: number
  readonly serialAt: number | undefined
  readonly contactedAt: number | undefined
  readonly heardAt: number | undefined
  readonly inSyncAt: number | undefined
  readonly startedAt: number
}

/** It is another server than the one that was followed so far, or has lost what it had. */
export class DevpiAltered extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DevpiAltered'
  }
}

interface Needs {
  readonly ledger: Ledger
  readonly server: DevpiServer
  readonly files: DevpiFiles
  readonly cost: StretchCost
  /** Of the server's folder: it is taken over before anything is asked. */
  readonly history?: DevpiHistory | undefined
  readonly clock: Clock
  readonly log: Log
}

export class DevpiFollower {
  readonly #needs: Needs
  readonly #applier: Applier
  readonly #closing = new AbortController()
  #resting = new AbortController()
  readonly #waiting = new Set<() => void>()
  #state: { -readonly [K in keyof DevpiFollowing]: DevpiFollowing[K] }
  #running: Promise<void> | undefined
  #isHistoryHere = false
  #failures = 0
  #empty = 0

  private constructor(needs: Needs, followed: Followed | undefined) {
    this.#needs = needs
    const { ledger, cost } = needs
    const onApplied = (serial: number, wishes: FileWishes): void => this.#note(serial, wishes)
    this.#applier = new Applier({ ledger, cost, onApplied })
    const applied = followed?.serial ?? -1
    this.#state = {
      isConnected: false,
      problem: undefined,
      uuid: followed?.uuid,
      applied,
      serial: applied,
      serialAt: undefined,
      contactedAt: undefined,
      heardAt: undefined,
      inSyncAt: undefined,
      startedAt: needs.clock.now(),
    }
  }

  static async open(needs: Needs): Promise<DevpiFollower> {
    const followed = await needs.ledger.read((tx) => tx.get(devpiKeys.followed()))
    return new DevpiFollower(needs, followed)
  }

  get state(): DevpiFollowing {
    return this.#state
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Asks at once: the server has shown that it is there. */
  wake(): void {
    if (!this.#state.isConnected) this.#resting.abort()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#tellWaiting()
    await this.#running
  }

  /** Whether a serial of devpi is here, or comes within the time. */
  async reaches(serial: number, timeoutMs: number): Promise<boolean> {
    const over = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)])
    while (this.#state.applied < serial && !over.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const go = (): void => resolve()
      this.#waiting.add(go)
      over.addEventListener('abort', go, { once: true })
      await promise
      over.removeEventListener('abort', go)
      this.#waiting.delete(go)
    }
    return this.#state.applied >= serial
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await this.#ask(signal)
        this.#failures = 0
        if (this.#empty < MOST_EMPTY) continue
      } catch (error) {
        this.#fail(error)
      }
      this.#failures++
      const delay = backoffDelay(this.#failures, BACKOFF)
      this.#resting = new AbortController()
      const over = AbortSignal.any([signal, this.#resting.signal])
      await sleep(delay, undefined, { signal: over }).catch(() => {}) // closed or woken meanwhile
    }
  }

  /** One request, from its beginning to its end. */
  async #ask(signal: AbortSignal): Promise<void> {
    const { server, history } = this.#needs
    if (history && !this.#isHistoryHere) await this.#takeHistory(history, signal)
    if (signal.aborted) return
    this.#isHistoryHere = true
    const { applied, uuid: known, isConnected } = this.#state
    if (known !== undefined) server.expect(known)
    this.#state.contactedAt = this.#now()
    const answer = await server.changelog(applied + 1, !isConnected, signal)
    assertSame(known, answer.uuid, `${server.url} is`)
    this.#hear(answer.uuid, answer.serial)
    for await (const entries of answer.entries) {
      await this.#applier.apply(entries, answer.uuid)
      this.#state.heardAt = this.#now()
    }
    const hasCome = this.#state.applied > applied
    this.#empty = hasCome || answer.isIdle ? 0 : this.#empty + 1
    if (this.#state.applied >= this.#state.serial) this.#state.inSyncAt = this.#now()
  }

  #hear(uuid: string, serial: number): void {
    const { log, server } = this.#needs
    if (!this.#state.isConnected) {
      log.info({ devpi: server.url, serial }, 'follows a devpi-server')
    }
    const now = this.#now()
    Object.assign(this.#state, { isConnected: true, problem: undefined, uuid, heardAt: now })
    if (serial <= this.#state.serial && this.#state.serialAt !== undefined) return
    this.#state.serial = Math.max(serial, this.#state.serial)
    this.#state.serialAt = now
  }

  #note(serial: number, wishes: FileWishes): void {
    this.#state.applied = serial
    this.#state.serial = Math.max(serial, this.#state.serial)
    this.#needs.files.take(wishes)
    this.#tellWaiting()
  }

  /** What its folder has, as far as that is not here. */
  async #takeHistory(history: DevpiHistory, signal: AbortSignal): Promise<void> {
    const { log } = this.#needs
    const { uuid, serial } = history
    assertSame(this.#state.uuid, uuid, 'the folder is of')
    if (this.#state.applied >= serial) return
    log.info({ from: this.#state.applied + 1, to: serial }, 'takes over what the folder has')
    this.#state.serial = Math.max(serial, this.#state.serial)
    for (const entries of history.entries(this.#state.applied + 1)) {
      if (signal.aborted) return
      await this.#applier.apply(entries, uuid)
      this.#state.uuid = uuid
    }
  }

  #tellWaiting(): void {
    for (const go of this.#waiting) go()
  }

  #fail(cause: unknown): void {
    const error = explain(cause)
    this.#state.isConnected = false
    if (this.#closing.signal.aborted) return
    const { problem } = this.#state
    const kind = kindOf(error)
    const message = error instanceof Error ? error.message : String(error)
    if (problem?.kind === kind && problem.message === message) return // said before
    const since = problem?.kind === kind ? problem.since : this.#now()
    this.#state.problem = { kind, message, since }
    const { log } = this.#needs
    if (kind === 'away') log.warn({ reason: message }, 'the devpi-server is away; trying again')
    else log.error({ error }, 'the devpi-server cannot be followed; trying again')
  }

  #now(): number {
    return this.#needs.clock.now()
  }
}

function assertSame(known: string | undefined, uuid: string, what: string): void {
  if (known === undefined || known === uuid) return
  throw new DevpiAltered(`${what} the server ${uuid}, and ${known} was followed`)
}

function explain(error: unknown): unknown {
  if (!(error instanceof DevpiRefuses)) return error
  if (error.status === 404) {
    return new DevpiAltered(
      'it lacks what was followed already: is it an older copy of that server?',
    )
  }
  return error.status === 400 ? new DevpiAltered(error.message) : error
}

function kindOf(error: unknown): DevpiProblem['kind'] {
  if (error instanceof UpstreamFailure) return 'away'
  if (error instanceof DevpiRefuses) return error.status >= 500 ? 'away' : 'refuses'
  return error instanceof DevpiAltered || error instanceof NotDevpi ? 'altered' : 'failed'
}
