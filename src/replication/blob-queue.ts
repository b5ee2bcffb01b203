/** The blobs that are wanted, on their way from the primary: small ones together, others a few at a time. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#base/clock'
import type { Sha256 } from '#base/digest'
import type { Log } from '#base/log'
import { backoffDelay } from '#base/retry'
import type { Serial } from '#ledger/key'
import { MOST_TOGETHER } from './blob-batch.ts'
import { LONGEST_WAIT_MS, type BlobBook } from './blob-book.ts'
import { BrokenBlob, LostBlob, type BlobFetcher } from './blob-fetcher.ts'

/** Blobs that are asked for one by one, and answers with many of them, on their way at once. */
const WIDTH = 16
const TOGETHER_WIDTH = 2

/** How long one that could not be had is left alone. */
export const OWED_BACKOFF = { firstDelayMs: 10_000, maxDelayMs: LONGEST_WAIT_MS }
/** The same for a primary that is away. */
const AWAY_BACKOFF = { firstDelayMs: 200, maxDelayMs: 15_000 }

export interface WantedBlob {
  readonly digest: Sha256
  /** The key that names it, and the serial of the change that made it so. */
  readonly path: string
  readonly serial: Serial
}

interface BlobQueueNeeds {
  readonly fetcher: BlobFetcher
  readonly book: BlobBook
  readonly clock: Clock
  readonly log: Log
  /** What has been replaced or removed since is not asked for. */
  readonly isNeeded: (path: string, digest: Sha256) => Promise<boolean>
  /** Aborted when it is closed. */
  readonly closing: AbortSignal
}

export class BlobQueue {
  readonly #needs: BlobQueueNeeds
  /** To be asked for together. */
  #gathered: WantedBlob[] = []
  /** On their way together, and one by one, with the first serials that want them. */
  readonly #together = new Map<Promise<void>, Serial>()
  readonly #alone = new Map<Promise<void>, Serial>()
  readonly #coming = new Set<Sha256>()
  #fetched = 0
  #resting = new AbortController()

  constructor(needs: BlobQueueNeeds) {
    this.#needs = needs
  }

  /** Blobs fetched since the start. */
  get fetched(): number {
    return this.#fetched
  }

  has(digest: Sha256): boolean {
    return this.#coming.has(digest)
  }

  /** The lowest serial of which a blob is still on its way. */
  get firstSerial(): Serial | undefined {
    const gathered = this.#gathered.map(({ serial }) => serial)
    const serials = [...gathered, ...this.#together.values(), ...this.#alone.values()]
    return serials.length === 0 ? undefined : Math.min(...serials)
  }

  /** Resolves when there is room for more. */
  async add(wanted: WantedBlob): Promise<void> {
    this.#coming.add(wanted.digest)
    this.#gathered.push(wanted)
    if (this.#gathered.length >= MOST_TOGETHER) await this.send()
  }

  /** Everything that was added is on its way when this resolves. */
  async send(): Promise<void> {
    const [first, second] = this.#gathered
    if (!first) return
    if (second) {
      while (this.#together.size >= TOGETHER_WIDTH) await Promise.race(this.#together.keys())
      const getting = this.#getTogether(this.#gathered)
      this.#together.set(getting, first.serial)
      void getting.finally(() => this.#together.delete(getting))
    } else {
      await this.#sendAlone(first)
    }
    this.#gathered = []
  }

  /** The primary is there again: what waits for it tries at once. */
  wake(): void {
    this.#resting.abort()
    this.#resting = new AbortController()
  }

  /** After `closing` was aborted. */
  async settled(): Promise<void> {
    await Promise.all(this.#together.keys())
    await Promise.all(this.#alone.keys())
  }

  /** Small ones come in one answer. Each of the others is asked for by itself. */
  async #getTogether(all: readonly WantedBlob[]): Promise<void> {
    const { fetcher, log } = this.#needs
    try {
      const kept = await fetcher.keepTogether(all.map(({ digest }) => digest))
      for (const one of all) {
        if (kept.has(one.digest)) this.#settle(one.digest)
        else await this.#sendAlone(one)
      }
    } catch (error) {
      log.error({ error }, 'blobs could not be looked after')
    }
  }

  async #sendAlone(wanted: WantedBlob): Promise<void> {
    while (this.#alone.size >= WIDTH) await Promise.race(this.#alone.keys())
    const getting = this.#getAlone(wanted)
    this.#alone.set(getting, wanted.serial)
    void getting.finally(() => this.#alone.delete(getting))
  }

  async #getAlone({ path, digest }: WantedBlob): Promise<void> {
    try {
      await this.#get(path, digest)
    } catch (error) {
      this.#needs.log.error({ path, digest, error }, 'a blob could not be looked after')
    } finally {
      this.#coming.delete(digest)
    }
  }

  /** A primary that is away is waited for; what it cannot give is owed. */
  async #get(path: string, digest: Sha256): Promise<void> {
    const { fetcher, closing, isNeeded } = this.#needs
    for (let failures = 1; !closing.aborted; failures++) {
      try {
        await fetcher.keep(digest)
        return this.#settle(digest)
      } catch (error) {
        if (closing.aborted) return
        if (error instanceof LostBlob || error instanceof BrokenBlob) {
          return this.#owe(path, digest, error.message)
        }
      }
      const over = AbortSignal.any([closing, this.#resting.signal])
      const delay = backoffDelay(failures, AWAY_BACKOFF)
      await sleep(delay, undefined, { signal: over }).catch(() => {}) // closed or woken meanwhile
      if (!(await isNeeded(path, digest))) return
    }
  }

  #settle(digest: Sha256): void {
    this.#fetched++
    this.#needs.book.settle(digest)
    this.#coming.delete(digest)
  }

  #owe(path: string, digest: Sha256, message: string): void {
    const { book, clock, log } = this.#needs
    log.warn({ path, digest, reason: message }, 'a blob could not be had; it is tried again')
    const nextAt = clock.now() + backoffDelay(1, OWED_BACKOFF)
    book.owe({ digest, path, message, tries: 1, nextAt })
  }
}
