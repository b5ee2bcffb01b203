/** The process that follows the ledger into the search index, from inside: when it looks, rests and tries again. */
import { isDamage } from './backends/sqlite-fts.ts'
import { Indexer, type IndexerNeeds, type IndexingFailure } from './indexer.ts'
import type { IndexerNews, IndexerOrder } from './indexer-messages.ts'

/** How soon it looks again where another process writes. */
const OTHERS_MS = 1000
/** As devpi-web waits before it tries again. */
const FIRST_RETRY_MS = 11_000
const RETRY_GROWTH = 1.5
const LONGEST_RETRY_MS = 3_600_000

/** What an indexer is made from. */
export interface Indexing extends Omit<IndexerNeeds, 'onFailure'> {
  close(): Promise<void>
}

/** This process, as it speaks with the one that has started it. */
type Server = Pick<NodeJS.Process, 'on' | 'off' | 'send' | 'connected' | 'disconnect'>

/**
 * Runs until it is told to end, or the server has gone; then closes the index, which lets another process write it.
 * The first thing it is told is the data folder.
 */
export async function serveIndexer(
  server: Server,
  open: (folder: string) => Promise<Indexing>,
): Promise<void> {
  const orders = new Orders(server)
  const indexing = await open(await orders.folder)
  try {
    await new IndexerLoop(server, orders, indexing).run()
  } finally {
    await indexing.writer.close()
    await indexing.close()
    orders.close()
    if (server.connected) server.disconnect?.()
  }
}

/** What it was told to do, as long as it has not been done. */
class Orders {
  readonly #server: Server
  readonly #begun = Promise.withResolvers<string>()
  readonly #ending = new AbortController()
  #wake = (): void => {}
  #asked: number[] = []
  isDamaged = false
  isWoken = true

  constructor(server: Server) {
    this.#server = server
    server.on('disconnect', this.#end)
    server.on('message', this.#take)
  }

  get folder(): Promise<string> {
    return this.#begun.promise
  }

  get ending(): AbortSignal {
    return this.#ending.signal
  }

  /** Numbers of those who want to hear when everything of now is in. */
  takeAsked(): number[] {
    return this.#asked.splice(0)
  }

  askAgain(numbers: readonly number[]): void {
    this.#asked.unshift(...numbers)
  }

  /** Until there is an order, or so long. */
  async rest(ms: number | undefined): Promise<void> {
    if (this.isWoken) return
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    const timer = ms === undefined ? undefined : setTimeout(() => this.#wake(), ms)
    await woken
    clearTimeout(timer)
  }

  close(): void {
    this.#server.off('disconnect', this.#end)
    this.#server.off('message', this.#take)
  }

  readonly #end = (): void => {
    this.#ending.abort()
    this.#call()
  }

  readonly #take = (order: IndexerOrder): void => {
    if (order.kind === 'begin') this.#begun.resolve(order.folder)
    if (order.kind === 'repair') this.isDamaged = true
    if (order.kind === 'catch up') this.#asked.push(order.number)
    if (order.kind === 'end') this.#ending.abort()
    this.#call()
  }

  #call(): void {
    this.isWoken = true
    this.#wake()
  }
}

/** When to look again without being told: never, as soon as others may be done, or when a retry is due. */
type Again = 'never' | 'soon' | 'later'

class IndexerLoop {
  readonly #server: Server
  readonly #orders: Orders
  readonly #indexing: Indexing
  readonly #indexer: Indexer
  #failure: string | undefined
  #owed = 0
  #retryMs = FIRST_RETRY_MS
  #retryAt: number | undefined

  constructor(server: Server, orders: Orders, indexing: Indexing) {
    this.#server = server
    this.#orders = orders
    this.#indexing = indexing
    const onFailure = (failure: IndexingFailure): void => this.#tellFailure(failure)
    this.#indexer = new Indexer({ ...indexing, onFailure }, orders.ending)
  }

  async run(): Promise<void> {
    const orders = this.#orders
    while (!orders.ending.aborted) {
      orders.isWoken = false
      const asked = orders.takeAsked()
      const again = await this.#look()
      if (again === 'soon') orders.askAgain(asked)
      else for (const number of asked) this.#tell(this.#outcome(number))
      const isIdle = again !== 'soon' && this.#failure === undefined && !orders.isWoken
      if (isIdle) this.#tell({ kind: 'idle', owed: this.#owed })
      await orders.rest({ never: undefined, soon: OTHERS_MS, later: this.#retryMs }[again])
    }
  }

  async #look(): Promise<Again> {
    const { writer } = this.#indexing
    this.#failure = undefined
    try {
      if (this.#orders.isDamaged) await writer.beginAnew()
      this.#orders.isDamaged = false
      if (await this.#indexer.catchUp()) return await this.#retryOwed()
      return (await this.#isUpToDate()) ? 'never' : 'soon'
    } catch (error) {
      if (this.#orders.ending.aborted) return 'never'
      this.#orders.isDamaged = isDamage(error)
      this.#failure = reasonOf(error)
      this.#tell({ kind: 'failure', reason: this.#failure })
      return 'later'
    }
  }

  async #retryOwed(): Promise<Again> {
    const { writer, clock } = this.#indexing
    const isDue = this.#retryAt !== undefined && clock.now() >= this.#retryAt
    if (isDue) await this.#indexer.retry()
    this.#owed = (await writer.listOwed()).length
    if (this.#owed === 0) {
      this.#retryMs = FIRST_RETRY_MS
      this.#retryAt = undefined
      return 'never'
    }
    if (isDue) this.#retryMs = Math.min(this.#retryMs * RETRY_GROWTH, LONGEST_RETRY_MS)
    if (isDue || this.#retryAt === undefined) this.#retryAt = clock.now() + this.#retryMs
    return 'later'
  }

  /** By another process. */
  async #isUpToDate(): Promise<boolean> {
    const { ledger, writer } = this.#indexing
    await ledger.catchUp()
    const progress = await writer.progress()
    return progress?.walk === undefined && (progress?.serial ?? -1) >= ledger.serial
  }

  #outcome(number: number): IndexerNews {
    if (this.#failure === undefined) return { kind: 'done', number }
    return { kind: 'failed', number, reason: this.#failure }
  }

  #tellFailure({ place, error }: IndexingFailure): void {
    const about = `${place.index}/${place.project}`
    this.#tell({ kind: 'failure', about, reason: reasonOf(error) })
  }

  #tell(news: IndexerNews): void {
    this.#server.send?.(news, undefined, undefined, ignore)
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** A server that has gone need not hear. */
function ignore(): void {}
