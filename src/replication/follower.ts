/** Follows the primary: holds its stream open, takes over what comes, and begins anew where it is when it breaks off. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import { growHeapSlowly } from '#base/heap-growth'
import type { Log } from '#base/log'
import { backoffDelay } from '#base/retry'
import { CHANGE_FORMAT, emptyHead, type Change } from '#ledger/change'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import { ForeignChangeRefused } from '#ledger/take-over'
import { parseChange, WireProblem } from './change-text.ts'
import { WIRE_VERSION } from './feeds.ts'
import type { Frame } from './frames.ts'
import { PrimaryRefuses, type Primary } from './primary.ts'

/** How long a primary that is away is left alone: it may have been restarted, or may be gone for days. */
const BACKOFF = { firstDelayMs: 100, maxDelayMs: 15_000 }

/** A stream that is open for so long is a good one. */
const LASTING_MS = 5_000

/** Changes. Who lacks more has them pass through by the thousand. */
const FAR_BEHIND = 1000

const TOGETHER_MS = 100
const TOGETHER_BYTES = 256 * 1024

/**
 * `away`: it cannot be reached. `refuses`: it answers, and says no. `newer`: what it sends this version does not know.
 * `altered`: what came is not what it wrote, or its
 * history is another than ours. `failed`: it could not be stored here.
 */
export interface FollowerProblem {
  readonly kind: 'away' | 'refuses' | 'newer' | 'altered' | 'failed'
  readonly message: string
  /** An instant: when it began. */
  readonly since: number
}

/** Instants are undefined where it was never so. */
export interface Following {
  readonly isConnected: boolean
  readonly problem: FollowerProblem | undefined
  readonly primaryUuid: string | undefined
  /** Of the stream that runs. */
  readonly primaryEpoch?: number | undefined
  /** The last serial of the primary that is known here. */
  readonly primarySerial: Serial
  /** When that was first heard of. */
  readonly primarySerialAt: number | undefined
  /** The last attempt, and the last word from it. */
  readonly contactedAt: number | undefined
  readonly heardAt: number | undefined
  /** When all that was known of was here. */
  readonly inSyncAt: number | undefined
  readonly startedAt: number
}

interface FollowerNeeds {
  readonly ledger: Ledger
  readonly primary: Primary
  /** Of this server. */
  readonly uuid: string
  readonly clock: Clock
  readonly log: Log
  /** Told of each stream that begins. */
  readonly onConnected: (primaryUuid: string) => Promise<void>
  /** Told that the primary cannot be followed, though it is there. Returns what is the matter, where it finds out. */
  readonly onRefused?: (signal: AbortSignal) => Promise<string | undefined>
  /** Told where other replicas of the primary are. */
  readonly onMembers?: (urls: readonly string[]) => void
  readonly backoff?: { readonly firstDelayMs: number; readonly maxDelayMs: number }
}

export class Follower {
  readonly #needs: FollowerNeeds
  readonly #closing = new AbortController()
  #resting = new AbortController()
  /** Of the stream that is open, or being opened. */
  #leaving = new AbortController()
  #state: { -readonly [K in keyof Following]: Following[K] }
  #running: Promise<void> | undefined
  /** When the stream began, by a clock that nobody sets. */
  #openedAt = 0
  /** Those heard of last, as JSON. */
  #members = ''
  /** Of attempts since one went well. */
  #failures = 0
  /** Ends what is done while it is far behind. */
  #growUsually: (() => void) | undefined

  constructor(needs: FollowerNeeds) {
    this.#needs = needs
    this.#state = {
      isConnected: false,
      problem: undefined,
      primaryUuid: undefined,
      primaryEpoch: undefined,
      primarySerial: needs.ledger.serial,
      primarySerialAt: undefined,
      contactedAt: undefined,
      heardAt: undefined,
      inSyncAt: undefined,
      startedAt: needs.clock.now(),
    }
  }

  get state(): Following {
    return this.#state
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Tries at once: the primary has shown that it is there. */
  wake(): void {
    if (!this.#state.isConnected) this.#resting.abort()
  }

  /** What is open may be dead: begins anew, at once. */
  renew(): void {
    this.#failures = 0
    this.#leaving.abort()
    this.#resting.abort()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    this.#endMinding()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      this.#leaving = new AbortController()
      const leaving = this.#leaving.signal
      try {
        await this.#follow(AbortSignal.any([signal, leaving]))
        this.#fail(new UpstreamFailure('the primary has ended the stream'))
      } catch (error) {
        if (leaving.aborted) this.#state.isConnected = false
        else this.#fail(await this.#explain(error))
      }
      if (leaving.aborted) continue
      this.#failures++
      const delay = backoffDelay(this.#failures, this.#needs.backoff ?? BACKOFF)
      this.#resting = new AbortController()
      const over = AbortSignal.any([signal, this.#resting.signal])
      await sleep(delay, undefined, { signal: over }).catch(() => {}) // closed or woken meanwhile
    }
  }

  /** A primary that refuses may have been replaced, or have replaced another one. */
  async #explain(error: unknown): Promise<unknown> {
    const { signal } = this.#closing
    if (signal.aborted || kindOf(error) !== 'refuses') return error
    try {
      const matter = await this.#needs.onRefused?.(signal)
      return matter === undefined ? error : new PrimaryParted(matter, { cause: error })
    } catch {
      return error // it does not answer any more
    }
  }

  /** One stream, from its beginning to its end. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { ledger, primary } = this.#needs
    await ledger.catchUp()
    const hash = (await ledger.change(ledger.serial))?.hash ?? emptyHead.hash
    this.#state.contactedAt = this.#now()
    const waiting = new Waiting()
    this.#openedAt = performance.now()
    for await (const frames of primary.changes(ledger.serial + 1, hash, signal)) {
      if (!this.#state.isConnected) await this.#begin(frames[0])
      await this.#take(frames, waiting)
    }
  }

  async #begin(hello: Frame | undefined): Promise<void> {
    const { wire, uuid, serial, epoch } = readFacts(hello)
    if (hello?.kind !== 'H' || typeof uuid !== 'string') {
      throw new WireProblem('it does not begin with who sends it')
    }
    if (wire !== WIRE_VERSION) {
      throw new NewerPrimary(`its stream is in version ${String(wire)}`, WIRE_VERSION)
    }
    const { log, primary, ledger, onConnected } = this.#needs
    this.#meet(hello)
    if (Number(epoch ?? 1) < ledger.epoch) throw new PrimaryReplaced(Number(epoch), ledger.epoch)
    if (uuid === this.#needs.uuid) throw new WireProblem('this server is its own primary')
    await onConnected(uuid)
    Object.assign(this.#state, { isConnected: true, primaryUuid: uuid })
    if (!isOfChanges(this.#state.problem)) this.#state.problem = undefined
    this.#state.primaryEpoch = Number(epoch ?? 1)
    log.info({ primary: primary.url, serial }, 'follows its primary')
  }

  async #take(frames: readonly Frame[], waiting: Waiting): Promise<void> {
    for (const frame of frames) {
      if (frame.kind === 'C') {
        const change = parseChange(frame.payload.toString())
        if (change.format > CHANGE_FORMAT) {
          await this.#needs.ledger.takeOver(waiting.take())
          const what = `change ${change.serial} is in format ${change.format}`
          throw new NewerPrimary(what, CHANGE_FORMAT)
        }
        waiting.add(change, frame.payload.length)
        this.#hearOf(change.serial)
      } else {
        this.#hearOf(Number(readFacts(frame).serial))
        this.#meet(frame)
      }
    }
    this.#state.heardAt = this.#now()
    const { ledger } = this.#needs
    this.#mindHeap()
    if (waiting.isEnough(this.#state.primarySerial)) {
      await ledger.takeOver(waiting.take())
      this.#failures = 0
      this.#state.problem = undefined
    }
    // One that breaks off again and again without bringing anything is left alone for longer.
    if (performance.now() - this.#openedAt > LASTING_MS) this.#failures = 0
    if (ledger.serial < this.#state.primarySerial) return
    this.#state.inSyncAt = this.#now()
    this.#state.problem = undefined
  }

  #mindHeap(): void {
    const isFarBehind = this.#state.primarySerial - this.#needs.ledger.serial > FAR_BEHIND
    if (isFarBehind) this.#growUsually ??= growHeapSlowly()
    else this.#endMinding()
  }

  #endMinding(): void {
    this.#growUsually?.()
    this.#growUsually = undefined
  }

  #meet(frame: Frame): void {
    const { members } = readFacts(frame)
    const list = JSON.stringify(members)
    if (!Array.isArray(members) || list === this.#members) return
    this.#members = list
    this.#needs.onMembers?.(members.map(String))
  }

  #hearOf(serial: Serial): void {
    if (serial <= this.#state.primarySerial && this.#state.primarySerialAt !== undefined) return
    this.#state.primarySerial = Math.max(serial, this.#state.primarySerial)
    this.#state.primarySerialAt = this.#now()
  }

  #fail(error: unknown): void {
    this.#state.isConnected = false
    if (this.#closing.signal.aborted) return
    const { problem } = this.#state
    const kind = kindOf(error)
    const message = this.#tell(error)
    if (problem?.kind === kind && problem.message === message) return // said before
    const since = problem?.kind === kind ? problem.since : this.#now()
    this.#state.problem = { kind, message, since }
    const { log } = this.#needs
    if (kind === 'away') log.warn({ reason: message }, 'the primary is away; trying again')
    else log.error({ error }, 'the primary cannot be followed; trying again')
  }

  /** What was altered on its way names no serial itself: it is that behind the last one here. */
  #tell(error: unknown): string {
    if (!(error instanceof Error)) return String(error)
    const { serial } = this.#needs.ledger
    return error instanceof WireProblem
      ? `${error.message} (behind serial ${serial})`
      : error.message
  }

  #now(): number {
    return this.#needs.clock.now()
  }
}

/**
 * Changes that are to be taken over in one commit. While more are known to be on their way many go together: a durable
 * commit costs as much for one.
 */
class Waiting {
  #changes: Change[] = []
  #bytes = 0
  #since = 0

  add(change: Change, bytes: number): void {
    if (this.#changes.length === 0) this.#since = performance.now()
    this.#changes.push(change)
    this.#bytes += bytes
  }

  isEnough(lastKnown: Serial): boolean {
    const last = this.#changes.at(-1)
    if (!last) return false
    const isLate = performance.now() - this.#since > TOGETHER_MS
    return last.serial >= lastKnown || this.#bytes > TOGETHER_BYTES || isLate
  }

  take(): readonly Change[] {
    const taken = this.#changes
    this.#changes = []
    this.#bytes = 0
    return taken
  }
}

/** It has been upgraded before its replica: which follows no further, serves what it has, and loses nothing. */
export class NewerPrimary extends Error {
  constructor(what: string, known: number) {
    super(`the primary is of another version: ${what}, and this server knows ${known}; upgrade it`)
    this.name = 'NewerPrimary'
  }
}

/** Another server has been promoted since: what this one writes follows on our history no more. */
export class PrimaryReplaced extends Error {
  constructor(epoch: number, own: number) {
    super(`the primary still writes in epoch ${epoch}, and here epoch ${own} has begun`)
    this.name = 'PrimaryReplaced'
  }
}

/** The primary goes on with a history that is not this one. */
export class PrimaryParted extends Error {
  constructor(message: string, options: { readonly cause: unknown }) {
    super(message, options)
    this.name = 'PrimaryParted'
  }
}

/** Such a one is not over because a stream has begun: what could not be taken over comes again. */
const isOfChanges = (problem: FollowerProblem | undefined): boolean =>
  problem !== undefined && ['newer', 'altered', 'failed'].includes(problem.kind)

function kindOf(error: unknown): FollowerProblem['kind'] {
  if (error instanceof UpstreamFailure) return 'away'
  if (error instanceof PrimaryReplaced || error instanceof PrimaryParted) return 'refuses'
  if (error instanceof NewerPrimary) return 'newer'
  if (error instanceof PrimaryRefuses) return error.status >= 500 ? 'away' : 'refuses'
  return error instanceof WireProblem || error instanceof ForeignChangeRefused
    ? 'altered'
    : 'failed'
}

function readFacts(frame: Frame | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(frame?.payload.toString() ?? '{}') as Record<string, unknown>
}
