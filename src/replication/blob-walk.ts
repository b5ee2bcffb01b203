/**
 * Gets the blobs that the ledger names and that are wanted: walks its changes in order, some blobs at a time, remembers how far it is, and
 * tries those again that could not be had. It holds nothing else up, and memory does not grow with what is missing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#base/clock'
import type { Sha256 } from '#base/digest'
import type { Log } from '#base/log'
import { backoffDelay } from '#base/retry'
import type { BlobStore } from '#blobs/blob-store'
import type { ChangedEntry } from '#ledger/change'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { BlobBook } from './blob-book.ts'
import type { BlobChoice, Looked } from './blob-choice.ts'
import type { BlobFetcher } from './blob-fetcher.ts'
import { BlobQueue, OWED_BACKOFF } from './blob-queue.ts'

/** How often it is looked whether the time of one that could not be had has come. */
const LOOK_MS = 5_000

interface BlobWalkNeeds {
  readonly ledger: Ledger
  /** Of this machine. */
  readonly blobs: BlobStore
  readonly fetcher: BlobFetcher
  readonly book: BlobBook
  readonly choice: BlobChoice
  readonly clock: Clock
  readonly log: Log
  /** The blobs that an entry needs. */
  readonly namedBlobs: (path: string, value: unknown) => readonly Sha256[]
}

export class BlobWalk {
  readonly #needs: BlobWalkNeeds
  readonly #queue: BlobQueue
  readonly #closing = new AbortController()
  #walks: Promise<unknown> = Promise.resolve()
  /** The serial that is looked at. */
  #at: Serial
  #resting = new AbortController()

  constructor(needs: BlobWalkNeeds) {
    this.#needs = needs
    this.#at = needs.book.walked
    const isNeeded = (path: string, digest: Sha256): Promise<boolean> =>
      this.#isNeeded(path, digest)
    this.#queue = new BlobQueue({ ...needs, isNeeded, closing: this.#closing.signal })
  }

  /** Changes whose blobs may not all be here yet. */
  get behind(): number {
    if (this.#needs.choice.isNothing) return 0
    return Math.max(this.#needs.ledger.serial - this.#done(), 0)
  }

  /** Blobs fetched since the start. */
  get fetched(): number {
    return this.#queue.fetched
  }

  start(): void {
    if (this.#needs.choice.isNothing) return
    this.#needs.book.recount()
    this.#at = this.#needs.book.walked
    this.#walks = Promise.all([
      this.#persist(() => this.#walk()),
      this.#persist(() => this.#payOwed()),
    ])
  }

  /** The primary is there again: what waits for it tries at once. */
  wake(): void {
    this.#queue.wake()
    this.#resting.abort()
    this.#resting = new AbortController()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#walks
    await this.#queue.settled()
  }

  /** A store that fails, for want of room say, is no reason to end for good. */
  async #persist(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await work()
      } catch (error) {
        this.#needs.log.error({ error }, 'the walk for blobs broke off, and goes on')
      }
      if (!signal.aborted) await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  async #walk(): Promise<void> {
    const { ledger, book } = this.#needs
    const { signal } = this.#closing
    for await (const change of ledger.changes(this.#at + 1, { signal })) {
      for (const entry of change.entries) await this.#lookAt(entry, change.serial)
      const isIdle = change.serial >= ledger.serial
      if (isIdle) await this.#queue.send()
      if (signal.aborted) return // what was broken off is not here, and is walked to again
      this.#at = change.serial
      if (isIdle || change.serial % 256 === 0) book.walked = this.#done()
    }
  }

  async #lookAt({ path, value }: ChangedEntry, serial: Serial): Promise<void> {
    const { choice, book } = this.#needs
    if (value === null) book.include(path)
    const namesBlobs = value !== null && /"(?:digest|attestations)":/.test(value)
    if (!namesBlobs && !choice.isRelative) return // most of a mirror's links
    const entry: unknown = value === null ? undefined : JSON.parse(value)
    for (const looked of await choice.look(path, entry, serial)) await this.#getAll(looked, serial)
  }

  async #getAll({ path, value, isWanted }: Looked, serial: Serial): Promise<void> {
    if (value === undefined) return
    const { namedBlobs, blobs, book } = this.#needs
    for (const digest of namedBlobs(path, value)) {
      if (!isWanted) {
        if (await this.#isNeeded(path, digest)) book.leaveOut(path)
        continue
      }
      book.include(path)
      if (this.#queue.has(digest) || (await blobs.size(digest)) !== undefined) continue
      if (await this.#isNeeded(path, digest)) await this.#queue.add({ path, digest, serial })
    }
  }

  async #payOwed(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const due = this.#needs.book.findDue(this.#needs.clock.now())
      const over = AbortSignal.any([signal, this.#resting.signal])
      if (due) await this.#payOne(due)
      else await sleep(LOOK_MS, undefined, { signal: over, ref: false }).catch(() => {}) // closed or woken meanwhile
    }
  }

  async #payOne({ digest, path, tries }: { digest: Sha256; path: string; tries: number }) {
    const { fetcher, blobs, book, clock } = this.#needs
    try {
      const isHere = (await blobs.size(digest)) !== undefined
      if (!isHere && (await this.#isNeeded(path, digest))) await fetcher.keep(digest)
      book.settle(digest)
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const message = error instanceof Error ? error.message : String(error)
      const nextAt = clock.now() + backoffDelay(tries + 1, OWED_BACKOFF)
      book.owe({ digest, path, message, tries: tries + 1, nextAt })
    }
  }

  /** What has been replaced or removed since is not asked for. */
  async #isNeeded(path: string, digest: Sha256): Promise<boolean> {
    const { ledger, namedBlobs } = this.#needs
    if (this.#closing.signal.aborted) return false
    const value = await ledger.read((tx) => tx.get<unknown>({ path }))
    return value !== undefined && namedBlobs(path, value).includes(digest)
  }

  /** The last serial of which nothing is on its way. */
  #done(): Serial {
    const first = this.#queue.firstSerial
    return first === undefined ? this.#at : Math.min(this.#at, first - 1)
  }
}
