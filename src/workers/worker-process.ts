/** One worker, as its parent holds it. */
import type { Worker } from 'node:cluster'
import { closeUntaken } from './handed-connections.ts'
import type { ToParent, ToWorker } from './messages.ts'
import type { Hearer } from './turns.ts'

/** Where it listens. */
export interface Listening {
  readonly urls: readonly string[]
}

export class WorkerProcess implements Hearer {
  readonly #worker: Worker
  readonly startedAt = performance.now()
  /** Resolves when it takes requests; undefined if it ends before. */
  readonly ready: Promise<Listening | undefined>
  /** Resolves to its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  #isReady = false

  constructor(worker: Worker, hear: (message: ToParent, from: WorkerProcess) => void) {
    this.#worker = worker
    const ready = Promise.withResolvers<Listening | undefined>()
    const exited = Promise.withResolvers<number | NodeJS.Signals>()
    this.ready = ready.promise
    this.exited = exited.promise
    closeUntaken(worker)
    worker.on('message', (message: ToParent) => {
      if (message.kind === 'ready') {
        this.#isReady = true
        ready.resolve(message)
      } else hear(message, this)
    })
    worker.on('error', () => {}) // it could not be started, or told something: its end says so
    worker.once('exit', (code: number, signal: NodeJS.Signals | null) => {
      this.#isReady = false
      ready.resolve(undefined)
      exited.resolve(signal ?? code)
    })
  }

  /** As it names itself in its log. */
  get number(): number {
    return this.#worker.id
  }

  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  /** It takes requests. */
  get isReady(): boolean {
    return this.#isReady
  }

  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => {})
  }
}
