/** The ledger: transactional typed keys. Each commit is a serial; no version of a key is overwritten. */
import { systemClock, type Clock } from '#base/clock'
import type { BackendWriter, LedgerBackend } from './backend.ts'
import { UnknownFormat } from './backend.ts'
import { CHANGE_FORMAT, emptyHead, hashChange, type Change, type Head } from './change.ts'
import type { Serial } from './key.ts'
import type { ReadTransaction, WriteTransaction } from './transaction.ts'
import { ReadView, WriteView } from './transaction-view.ts'
import { WriteQueue } from './write-queue.ts'

/** What followers are told of a commit, in the order of serials. */
export interface ChangeNotice {
  readonly serial: Serial
  readonly paths: readonly string[]
}

export type Follower = (notice: ChangeNotice) => void

export interface LedgerOptions {
  readonly clock?: Clock
}

export class Ledger {
  readonly #backend: LedgerBackend
  readonly #clock: Clock
  readonly #queue: WriteQueue
  readonly #followers = new Set<Follower>()
  #head: Head = emptyHead
  /** The epoch this process writes in: that of the ledger when it was opened. */
  #epoch = emptyHead.epoch
  #catchingUp: Promise<void> | undefined

  private constructor(backend: LedgerBackend, clock: Clock) {
    this.#backend = backend
    this.#clock = clock
    this.#queue = new WriteQueue(backend)
  }

  /** Takes over the backend: `close` closes it. Refuses a ledger in a format that it does not know. */
  static async open(
    backend: LedgerBackend,
    { clock = systemClock }: LedgerOptions = {},
  ): Promise<Ledger> {
    const ledger = new Ledger(backend, clock)
    ledger.#head = await backend.head()
    ledger.#epoch = ledger.#head.epoch
    const last = await backend.change(ledger.#head.serial)
    if (last && last.format > CHANGE_FORMAT) {
      throw new UnknownFormat(
        `The ledger was written in format ${last.format}; this version knows ${CHANGE_FORMAT}. Use a newer Wheelyard.`,
      )
    }
    return ledger
  }

  /** The last serial that this process has seen. Call `catchUp` first to see those of other processes. */
  get serial(): Serial {
    return this.#head.serial
  }

  get epoch(): number {
    return this.#epoch
  }

  /**
   * Sees to it that `serial` is not older than any commit, of any process, that was acknowledged before the
   * call, and tells the followers. Returns undefined at once where nothing has changed: hot paths ask this.
   */
  catchUp(): Promise<void> | undefined {
    if (this.#catchingUp) return this.#catchingUp.then(() => this.catchUp())
    const changed = this.#backend.mayHaveChanged()
    if (changed === false) return undefined
    this.#catchingUp = this.#follow(changed).finally(() => (this.#catchingUp = undefined))
    return this.#catchingUp
  }

  async #follow(changed: true | Promise<boolean>): Promise<void> {
    if (!(await changed)) return
    const head = await this.#backend.head()
    for (let serial = this.#head.serial + 1; serial <= head.serial; serial++) {
      const paths = await this.#backend.changedPaths(serial)
      this.#head = serial === head.serial ? head : { ...this.#head, serial }
      for (const follower of this.#followers) follower({ serial, paths })
    }
  }

  /** Reads the state of now: everything inside `work` stands at one serial. */
  async read<T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    await this.catchUp()
    return work(new ReadView(this.#backend, this.serial))
  }

  /** Reads the state as it stood at a serial. */
  async readAt<T>(serial: Serial, work: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    return work(new ReadView(this.#backend, serial))
  }

  /** Like `read`; also returns the key paths and range prefixes (they end in `/`) that were read. */
  async readTracked<T>(
    work: (tx: ReadTransaction) => Promise<T>,
  ): Promise<{ value: T; serial: Serial; reads: ReadonlySet<string> }> {
    await this.catchUp()
    const reads = new Set<string>()
    const view = new ReadView(this.#backend, this.serial, (path) => reads.add(path))
    return { value: await work(view), serial: view.serial, reads }
  }

  /**
   * Runs `work` alone among all writers; what it set becomes the next serial, durably, or nothing happened.
   * A write that changes nothing makes no serial. No network and no blob bytes inside: others wait.
   */
  async write<T>(actor: string, work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    const result = await this.#queue.add((writer) => this.#writeOne(writer, actor, work))
    await this.catchUp()
    return result
  }

  async #writeOne<T>(
    writer: BackendWriter,
    actor: string,
    work: (tx: WriteTransaction) => Promise<T>,
  ): Promise<T> {
    const { head } = writer
    if (head.epoch !== this.#epoch) throw new StaleEpoch(this.#epoch, head.epoch)
    const view = new WriteView(writer, actor, this.#clock.now())
    const result = await work(view)
    const entries = await view.changedEntries()
    if (entries.length > 0) {
      const change = {
        serial: head.serial + 1,
        at: view.time,
        actor,
        epoch: head.epoch,
        format: CHANGE_FORMAT,
        entries,
      }
      await writer.append({ ...change, hash: hashChange(head.hash, change) })
    }
    return result
  }

  /** What a serial changed, or undefined if there is none of that number yet. */
  change(serial: Serial): Promise<Change | undefined> {
    return this.#backend.change(serial)
  }

  /** Calls `follower` for every commit from now on, of any process, in order, until the returned function is called. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  /** Checks the hash chain from the first change on. Returns the first serial that does not fit, or undefined. */
  async verify(): Promise<{ serials: number; broken: Serial | undefined }> {
    const last = (await this.#backend.head()).serial
    let previousHash = emptyHead.hash
    for (let serial = 0; serial <= last; serial++) {
      const change = await this.#backend.change(serial)
      if (!change || hashChange(previousHash, change) !== change.hash) {
        return { serials: last + 1, broken: serial }
      }
      previousHash = change.hash
    }
    return { serials: last + 1, broken: undefined }
  }

  /** Waits for running writes, then closes the backend. */
  async close(): Promise<void> {
    await this.#queue.idle()
    await this.#backend.close()
  }
}

/** The ledger has moved on to a newer epoch: another server was promoted, and this one may not write. */
export class StaleEpoch extends Error {
  constructor(own: number, current: number) {
    super(`this server writes in epoch ${own}, but the ledger is in epoch ${current}`)
    this.name = 'StaleEpoch'
  }
}
