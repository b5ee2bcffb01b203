/** The thread that follows the ledger into the search index, from outside: it runs while there is something to do. */
import { Worker } from 'node:worker_threads'
import type { Log } from '#base/log'
import type { SearchBacklog } from './search.ts'
import type { IndexerNews, IndexerOrder } from './indexer-messages.ts'

export interface IndexerProgram {
  /** A module that calls `serveIndexer`. */
  readonly program: URL
  readonly data: unknown
}

const IDLE_MS = 10_000
const LONGEST_END_MS = 5000

export class IndexerThread {
  readonly #program: IndexerProgram
  readonly #log: Log
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #number = 0
  #isClosed = false
  #backlog: SearchBacklog = { changes: 0, failed: 0 }

  constructor(program: IndexerProgram, log: Log) {
    this.#program = program
    this.#log = log
  }

  /** As far as was heard. */
  get backlog(): SearchBacklog {
    return this.#backlog
  }

  /** Something has changed that is to be searchable. */
  noteChange(): void {
    const { changes, failed } = this.#backlog
    this.#backlog = { changes: changes + 1, failed }
  }

  wake(): void {
    this.#tell({ kind: 'look' })
  }

  repair(): void {
    this.#tell({ kind: 'repair' })
  }

  caughtUp(): Promise<void> {
    const number = this.#number++
    const done = Promise.withResolvers<void>()
    this.#waiting.set(number, done)
    this.#tell({ kind: 'catch up', number })
    return done.promise
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const { reject } of this.#waiting.values()) reject(new Error('the search index is closed'))
    this.#waiting.clear()
    await this.#end()
  }

  #tell(order: IndexerOrder): void {
    if (this.#isClosed) return
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    this.#worker.postMessage(order)
  }

  #start(): Worker {
    const { program, data } = this.#program
    const worker = new Worker(program, { workerData: data })
    worker.unref()
    worker.on('message', (news: IndexerNews) => this.#hear(news))
    worker.on('error', (error) => this.#log.error({ error }, 'the search index stopped'))
    worker.on('exit', () => this.#ended(worker))
    return worker
  }

  #hear(news: IndexerNews): void {
    if (news.kind === 'done') {
      this.#waiting.get(news.number)?.resolve()
      this.#waiting.delete(news.number)
    } else if (news.kind === 'failed') {
      this.#waiting.get(news.number)?.reject(new Error(news.reason))
      this.#waiting.delete(news.number)
    } else if (news.kind === 'idle') {
      this.#backlog = { changes: 0, failed: news.owed }
      clearTimeout(this.#idle)
      if (news.owed === 0) this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref()
    } else {
      const { about, reason } = news
      this.#log.error({ about, reason }, 'the search index could not be brought up to date')
    }
  }

  /** Whoever still waits for it gets another one. */
  #ended(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const { reject } of this.#waiting.values()) reject(new Error('the search index stopped'))
    this.#waiting.clear()
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    clearTimeout(this.#idle)
    if (!worker) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage({ kind: 'end' } satisfies IndexerOrder)
    const timer = setTimeout(() => void worker.terminate(), LONGEST_END_MS)
    await ended
    clearTimeout(timer)
  }
}
