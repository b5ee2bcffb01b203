/** The parent of the workers: starts them, puts new ones in the place of those that end, and stops them all. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Roster, WorkerFacts } from '#base/crew'
import type { Log } from '#base/log'
import { backoffDelay } from '#base/retry'
import { Switchboard } from './switchboard.ts'
import { WorkerProcess, type Listening } from './worker-process.ts'
import type { Worker } from 'node:cluster'

export interface SupervisorNeeds {
  readonly count: number
  /** Starts a process. */
  readonly fork: () => Worker
  /** Called once all are ready, and again when all have begun anew. */
  readonly onListening: (listening: Listening) => void
  readonly log: Log
}

/** A place among the workers, and who has it. */
interface Place {
  worker: WorkerProcess | undefined
  isFilling: boolean
  /** Workers in a row that ended soon after they began. */
  failures: number
}

/** A worker that has lived for so long did not end because of what it began with. */
const LASTING_MS = 10_000
const BACKOFF = { firstDelayMs: 100, maxDelayMs: 15_000 }

export class Supervisor {
  readonly #needs: SupervisorNeeds
  readonly #places: readonly Place[]
  readonly #workers = new Set<WorkerProcess>()
  readonly #board = new Switchboard(
    () => void this.#beginAnew(),
    () => this.#callRoll(),
  )
  readonly #failed = Promise.withResolvers<number>()
  /** All have begun, and what ends is replaced. */
  #isServing = false
  #isStopping = false
  #isRenewing = false
  #restarting: Promise<void> | undefined
  #mustRestartAgain = false

  constructor(needs: SupervisorNeeds) {
    this.#needs = needs
    this.#places = Array.from({ length: needs.count }, () => ({
      worker: undefined,
      isFilling: false,
      failures: 0,
    }))
  }

  /** Resolves to the exit code of a worker that could not be started at all; it has said why. */
  get failed(): Promise<number> {
    return this.#failed.promise
  }

  /** The first alone: it sets up what is missing, and tells what is wrong. */
  async start(): Promise<void> {
    const [first, ...others] = this.#places
    if (!first || !(await this.#begin(first))) return
    const begun = await Promise.all(others.map((place) => this.#begin(place)))
    const listening = await first.worker?.ready
    if (!listening || !begun.every(Boolean) || this.#isStopping) return
    this.#isServing = true
    this.#needs.onListening(listening)
  }

  /** One after the other: a new one begins, of the program as it is now, and an old one ends when nobody needs it. */
  restart(): void {
    if (!this.#isServing) return // they begin just now
    this.#mustRestartAgain = true
    this.#restarting ??= this.#restartAll().finally(() => (this.#restarting = undefined))
  }

  /** Within the bounds that are set. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#isServing = false
    for (const worker of this.#workers) worker.send({ kind: 'stop' })
    await Promise.all(Array.from(this.#workers, ({ exited }) => exited))
  }

  async #begin(place: Place): Promise<boolean> {
    const worker = this.#fork()
    place.worker = worker
    if (await worker.ready) {
      this.#board.admit(worker)
      return true
    }
    const how = await worker.exited
    if (!this.#isStopping) this.#failed.resolve(typeof how === 'number' && how > 0 ? how : 1)
    return false
  }

  async #restartAll(): Promise<void> {
    const { log } = this.#needs
    while (this.#mustRestartAgain && !this.#isStopping) {
      this.#mustRestartAgain = false
      log.info({}, 'the workers are restarted, one after the other')
      for (const place of this.#places) {
        if (this.#isStopping || place.isFilling) continue
        if (!(await this.#exchange(place))) return
      }
    }
    log.info({}, 'the workers were restarted')
  }

  async #exchange(place: Place): Promise<boolean> {
    const old = place.worker
    place.isFilling = true
    const worker = this.#fork()
    const listening = await worker.ready
    place.isFilling = false
    if (this.#isStopping) return false
    if (!listening) {
      this.#needs.log.error({}, 'a new worker does not start: those there are go on')
      if (!place.worker) void this.#refill(place)
      return false
    }
    place.worker = worker
    place.failures = 0
    this.#board.admit(worker, old)
    old?.send({ kind: 'retire' })
    return true
  }

  #fork(): WorkerProcess {
    const worker = new WorkerProcess(this.#needs.fork(), (message, from) =>
      this.#board.hear(message, from),
    )
    this.#workers.add(worker)
    this.#board.add(worker)
    void worker.exited.then((how) => this.#ended(worker, how))
    void worker.ready.then((listening) => {
      const { number, pid } = worker
      if (listening) this.#needs.log.info({ worker: number, pid }, 'a worker takes requests')
    })
    return worker
  }

  #ended(worker: WorkerProcess, how: number | NodeJS.Signals): void {
    this.#workers.delete(worker)
    this.#board.remove(worker, this.#isServing ? this.#current() : [])
    const place = this.#places.find((one) => one.worker === worker)
    const { log } = this.#needs
    if (!this.#isServing) return
    if (!place) {
      log.info({ worker: worker.number, how }, 'a worker that was replaced has ended')
      return
    }
    place.worker = undefined
    log.error({ worker: worker.number, how }, 'a worker ended: another takes its place')
    const isShort = performance.now() - worker.startedAt < LASTING_MS
    place.failures = isShort ? place.failures + 1 : 0
    if (!place.isFilling) void this.#refill(place)
  }

  async #refill(place: Place): Promise<void> {
    place.isFilling = true
    while (!this.#isStopping) {
      // The first time at once: it may well have been an accident.
      if (place.failures > 1) await sleep(backoffDelay(place.failures - 1, BACKOFF))
      if (this.#isStopping) return
      const worker = this.#fork()
      if (await worker.ready) {
        place.worker = worker
        place.isFilling = false
        this.#board.admit(worker)
        return
      }
      place.failures++
    }
  }

  /** All at once: what the folder is has changed, and nobody may work on what it was. */
  async #beginAnew(): Promise<void> {
    if (this.#isStopping || this.#isRenewing) return
    this.#isRenewing = true
    this.#needs.log.warn({}, 'the workers begin anew, as the folder has become another')
    await this.#restarting
    await this.stop()
    this.#isStopping = false
    await this.start()
    this.#isRenewing = false
  }

  #callRoll(): Roster {
    const serving = this.#current()
    const workers = Array.from(this.#workers, (worker): WorkerFacts => {
      const { number, pid, isReady, startedAt } = worker
      const state = serving.includes(worker) ? 'serving' : isReady ? 'retiring' : 'starting'
      const upMs = Math.round(performance.now() - startedAt)
      return { number, pid, state, isLeader: this.#board.isLeader(worker), upMs }
    })
    return { count: this.#needs.count, workers }
  }

  /** Those that have a place and take requests. */
  #current(): WorkerProcess[] {
    return this.#places.flatMap(({ worker }) => (worker?.isReady ? [worker] : []))
  }
}
