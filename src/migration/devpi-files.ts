/**
 * The files of a devpi-server that is followed: some at a time, checked before they are kept. What cannot be had is tried
 * again, and holds nothing else up. Which ones are to come stands in the ledger.
 */
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { backoffDelay } from '#base/retry'
import { SingleFlight } from '#base/single-flight'
import type { ByteRange, OpenBlob, Sha256 } from '#blobs/blob-store'
import { recordArrived } from './devpi/arrived.ts'
import { digestIn } from './devpi/file-facts.ts'
import { devpiKeys, type Coming } from './devpi/keys.ts'
import { FileSource, type FileSourceNeeds } from './devpi/file-source.ts'
import type { Begun } from './devpi/receive.ts'
import type { FileWishes } from './devpi/translate-files.ts'

/** Files on their way at once. */
const WIDTH = 8
/** Entries of the ledger that are read in one go. */
const PORTION = 1000
/** However slowly it comes: a server that is silent is noticed much earlier. */
const LONGEST_MS = 6 * 3_600_000
/** How long one that could not be had is left alone, and a server that is away. */
const BACKOFF = { firstDelayMs: 2000, maxDelayMs: 3_600_000 }
const AWAY_BACKOFF = { firstDelayMs: 200, maxDelayMs: 15_000 }
/** How often it is looked whether the time of one has come. */
const LOOK_MS = 500

/** A file that could not be had, and is tried again. */
export interface OwedFile {
  /** devpi's path. */
  readonly path: string
  readonly message: string
  /** How often it was tried. */
  readonly tries: number
  /** An instant. */
  readonly nextAt: number
}

interface Needs extends FileSourceNeeds {
  /** In whose name it writes. */
  readonly actor: string
  readonly clock: Clock
  readonly log: Log
}

export class DevpiFiles {
  readonly #needs: Needs
  readonly #source: FileSource
  readonly #closing = new AbortController()
  /** All that are to come, those that nobody fetches yet, and those that could not be had so far. */
  readonly #coming = new Set<string>()
  readonly #waiting = new Set<string>()
  readonly #owed = new Map<string, OwedFile>()
  readonly #running = new Set<Promise<void>>()
  readonly #fetching = new SingleFlight<string, void>()
  /** Those of them that are large, once they come. */
  readonly #begun = new Map<string, PromiseWithResolvers<Begun>>()
  /** Where they are found by their content. */
  readonly #paths = new Map<Sha256, string>()
  #looking: Promise<void> | undefined
  #fetched = 0
  #isStarted = false
  /** How often the server was away in a row, and until when it is left alone. */
  #failures = 0
  #restsUntil = 0

  constructor(needs: Needs) {
    this.#needs = needs
    this.#source = new FileSource(needs)
  }

  /** Those that are not here yet. */
  get missing(): number {
    return this.#coming.size
  }

  /** Those of them that could not be had so far. */
  get owedCount(): number {
    return this.#owed.size
  }

  get fetched(): number {
    return this.#fetched
  }

  /** The first of them, those that are tried next. */
  listOwed(most: number): OwedFile[] {
    return [...this.#owed.values()].sort((a, b) => a.nextAt - b.nextAt).slice(0, most)
  }

  async start(): Promise<void> {
    let after: string | undefined
    for (;;) {
      const options = { limit: PORTION, ...(after !== undefined && { after }) }
      const found = await this.#needs.ledger.read((tx) => tx.list(devpiKeys.allComing(), options))
      for (const { name, value } of found) this.#await(name, value)
      after = found.at(-1)?.path
      if (found.length < PORTION) break
    }
    this.#isStarted = true
    this.#looking = this.#look()
    this.#pump()
  }

  /** Resolves when each that was to come has come, or was tried in vain. */
  async tried(): Promise<void> {
    while (this.#running.size > 0) await Promise.race(this.#running)
  }

  /** What a change asks for. */
  take({ wanted, unwanted }: FileWishes): void {
    for (const relpath of unwanted) this.#forget(relpath)
    for (const [relpath, coming] of wanted) this.#await(relpath, coming)
    this.#pump()
  }

  /** Sees to it that a blob is here; false where none of that content is to come. */
  async keep(digest: Sha256): Promise<boolean> {
    const relpath = this.#paths.get(digest)
    if (relpath === undefined) return false
    await this.#fetch(relpath)
    return true
  }

  /** The size of a blob as soon as it comes, or is here; undefined where none of that content is to come. */
  async findSize(digest: Sha256): Promise<number | undefined> {
    const begun = await this.#begin(digest)
    return begun?.size ?? this.#needs.blobs.size(digest)
  }

  /** The bytes while they come, or from the store. */
  async open(digest: Sha256, range?: ByteRange): Promise<OpenBlob | undefined> {
    const begun = await this.#begin(digest)
    const stream = begun && readGrowing(begun, range)
    if (stream) return { size: begun.size, stream }
    await this.keep(digest)
    return this.#needs.blobs.open(digest, range)
  }

  /** Undefined for a small one, which is here then, and for what is not to come. */
  async #begin(digest: Sha256): Promise<Begun | undefined> {
    const relpath = this.#paths.get(digest)
    if (relpath === undefined) return undefined
    const fetching = this.#fetch(relpath)
    fetching.catch(() => {}) // who reads along is told by the growing file
    return Promise.race([
      this.#begun.get(relpath)?.promise,
      fetching.then((): undefined => undefined),
    ])
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#looking
    await Promise.allSettled(this.#running)
    await this.#fetching.settled()
  }

  #await(relpath: string, { hashes }: Coming): void {
    this.#coming.add(relpath)
    this.#waiting.add(relpath)
    this.#owed.delete(relpath)
    const digest = digestIn(hashes)
    if (digest !== undefined) this.#paths.set(digest, relpath)
  }

  #forget(relpath: string): void {
    this.#coming.delete(relpath)
    this.#waiting.delete(relpath)
    this.#owed.delete(relpath)
  }

  #pump(): void {
    if (!this.#isStarted || this.#restsUntil > performance.now()) return
    while (this.#running.size < WIDTH && !this.#closing.signal.aborted) {
      const [relpath] = this.#waiting
      if (relpath === undefined) return
      this.#waiting.delete(relpath)
      const getting = this.#get(relpath).finally(() => {
        this.#running.delete(getting)
        this.#pump()
      })
      this.#running.add(getting)
    }
  }

  /** A server that is away is waited for; what it cannot give is owed. */
  async #get(relpath: string): Promise<void> {
    try {
      await this.#fetch(relpath)
      this.#failures = 0
    } catch (error) {
      if (this.#closing.signal.aborted || !this.#coming.has(relpath)) return
      if (error instanceof UpstreamFailure) {
        this.#failures++
        this.#restsUntil = performance.now() + backoffDelay(this.#failures, AWAY_BACKOFF)
        this.#waiting.add(relpath)
      } else {
        this.#owe(relpath, error)
      }
    }
  }

  #owe(path: string, error: unknown): void {
    const { clock, log } = this.#needs
    const tries = (this.#owed.get(path)?.tries ?? 0) + 1
    const message = error instanceof Error ? error.message : String(error)
    if (tries === 1)
      log.warn({ path, reason: message }, 'a file could not be had; it is tried again')
    this.#owed.set(path, {
      path,
      message,
      tries,
      nextAt: clock.now() + backoffDelay(tries, BACKOFF),
    })
  }

  /** Those whose time has come are tried again. */
  async #look(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => {}) // closed meanwhile
      const now = this.#needs.clock.now()
      for (const { path, nextAt } of this.#owed.values()) if (nextAt <= now) this.#waiting.add(path)
      this.#pump()
    }
  }

  #fetch(relpath: string): Promise<void> {
    if (!this.#begun.has(relpath)) this.#begun.set(relpath, Promise.withResolvers())
    return this.#fetching.run(relpath, () =>
      this.#fetchOne(relpath).finally(() => this.#begun.delete(relpath)),
    )
  }

  async #fetchOne(relpath: string): Promise<void> {
    const { ledger, actor } = this.#needs
    const coming = await ledger.read((tx) => tx.get(devpiKeys.coming(relpath)))
    if (!coming) return this.#forget(relpath) // it is not wanted any more, or was fetched meanwhile
    const arrived = await this.#source.get(relpath, coming, {
      onBegun: (begun) => this.#begun.get(relpath)?.resolve(begun),
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LONGEST_MS)]),
    })
    if (arrived === undefined) {
      await ledger.write(actor, async (tx) => tx.remove(devpiKeys.coming(relpath)))
      return this.#forget(relpath)
    }
    await ledger.write(actor, (tx) => recordArrived(tx, relpath, arrived))
    this.#fetched++
    this.#forget(relpath)
    this.#paths.delete(arrived.digest)
  }
}

function readGrowing({ growing }: Begun, range?: ByteRange): Readable | undefined {
  try {
    return growing.read(range)
  } catch {
    return undefined // it has come to its end meanwhile
  }
}
