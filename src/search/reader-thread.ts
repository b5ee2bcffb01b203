/** The thread that answers queries, from outside: started when it is needed, ended when it has not been for long. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { refuse } from '#base/refusal'
import { waitFor } from '#base/waits'
import { Turns } from '#registry/turns'
import type { FindOrder } from './finder.ts'
import type { ReaderAnswer, ReaderOrder, SuggestOrder, WholeStanding } from './reader-messages.ts'
import type { MatchOrder } from './matching.ts'
import type { ProjectMatch, SearchResult, Suggestion } from './search.ts'

/** Resolved as an import is, so that it is found among sources and in the package. */
const PROGRAM = new URL(import.meta.resolve('#search/reader-worker'))
const IDLE_MS = 60_000
/** A query that takes longer is given up, with its thread. */
const LONGEST_MS = 5000

export class ReaderThread {
  readonly #file: string
  readonly #onDamage: () => void
  readonly #turns = new Turns({ running: 1, waiting: 20 })
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(file: string, onDamage: () => void) {
    this.#file = file
    this.#onDamage = onDamage
  }

  find(order: FindOrder): Promise<SearchResult> {
    return this.#ask({ kind: 'find', order }) as Promise<SearchResult>
  }

  suggest(order: SuggestOrder): Promise<Suggestion[]> {
    return this.#ask({ kind: 'suggest', order }) as Promise<Suggestion[]>
  }

  match(order: MatchOrder): Promise<ProjectMatch[]> {
    return this.#ask({ kind: 'match', order }) as Promise<ProjectMatch[]>
  }

  standing(): Promise<WholeStanding> {
    return this.#ask({ kind: 'standing' }) as Promise<WholeStanding>
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  async #ask(order: ReaderOrder): Promise<unknown> {
    const answer = await waitFor(
      'search',
      this.#turns.run(() => this.#askNow(order)),
    )
    if ('value' in answer) return answer.value
    if (!answer.isDamaged) throw new Error(`the search index could not be read: ${answer.failure}`)
    this.#onDamage()
    throw refuse('search-unavailable')
  }

  async #askNow(order: ReaderOrder): Promise<ReaderAnswer> {
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(), LONGEST_MS)
    try {
      const answered = once(worker, 'message', { signal: patience.signal })
      worker.postMessage(order)
      return ((await answered) as [ReaderAnswer])[0]
    } catch (error) {
      await this.close()
      if (patience.signal.aborted) throw refuse('search-unavailable')
      throw error
    } finally {
      clearTimeout(timer)
      this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref()
    }
  }

  #start(): Worker {
    const worker = new Worker(PROGRAM, { workerData: { file: this.#file } })
    worker.unref()
    worker.on('error', () => undefined) // whoever asked hears of it
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}
