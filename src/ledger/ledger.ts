/** The ledger: transactional typed keys. Each commit is a serial; no version of a key is overwritten. */
import { systemClock, type Clock } from '#base/clock'
import { refuse, type Refusal } from '#base/refusal'
import { StartRefused } from '#base/start-refused'
import { waitFor } from '#base/waits'
import { assertKnownFormat, type BackendWriter, type LedgerBackend } from './backend.ts'
import { CHANGE_FORMAT, hashChange, type Change, type Head } from './change.ts'
import { streamChanges } from './change-stream.ts'
import { CommitWatch, type Follower } from './commit-watch.ts'
import { joinFences, type Fence } from './fence.ts'
import type { Serial } from './key.ts'
import { LongLists } from './long-lists.ts'
import type { ReadTransaction, WriteTransaction } from './transaction.ts'
import { RecentChanges } from './recent-changes.ts'
import { ReadView, WriteView } from './transaction-view.ts'
import { appendForeign, isHere } from './take-over.ts'
import { verifyLedger, type Verified } from './verify.ts'
import { WriteQueue } from './write-queue.ts'

export type { ChangeNotice, Follower } from './commit-watch.ts'

export interface LedgerOptions {
  readonly clock?: Clock
  /** It takes over what another ledger writes (`takeOver`), and nothing is written here. */
  readonly isFollower?: boolean
  /** All that is written here is written in this name. */
  readonly soleWriter?: string | undefined
  /** Called after each commit of this process, before whoever made it goes on. */
  readonly onCommit?: (() => void) | undefined
}

export class Ledger {
  readonly #backend: LedgerBackend
  readonly #clock: Clock
  readonly #queue: WriteQueue
  readonly #commits: CommitWatch
  readonly #lists = new LongLists()
  readonly #recent = new RecentChanges()
  readonly #closing = new AbortController()
  #isFollower: boolean
  readonly #soleWriter: string | undefined
  readonly #onCommit: () => void
  /** The epoch this process writes in: that of the ledger when it was opened, or of what was taken over. */
  #epoch: number

  private constructor(
    backend: LedgerBackend,
    head: Head,
    { clock = systemClock, isFollower = false, soleWriter, onCommit = () => {} }: LedgerOptions,
  ) {
    this.#backend = backend
    this.#clock = clock
    this.#isFollower = isFollower
    this.#soleWriter = soleWriter
    this.#onCommit = onCommit
    this.#queue = new WriteQueue(backend)
    this.#commits = new CommitWatch(backend, head.serial, this.#recent)
    this.#epoch = head.epoch
  }

  /** Takes over the backend: `close` closes it. Refuses a ledger in a format that it does not know. */
  static async open(backend: LedgerBackend, options: LedgerOptions = {}): Promise<Ledger> {
    try {
      const head = await backend.head()
      assertKnownFormat(head)
      return new Ledger(backend, head, options)
    } catch (error) {
      await backend.close()
      throw error
    }
  }

  /** The last serial that this process has seen. Call `catchUp` first to see those of other processes. */
  get serial(): Serial {
    return this.#commits.serial
  }

  /** Since the start: writes of this process, and the durable commits that they shared. */
  get writeCounts(): { readonly writes: number; readonly commits: number } {
    return this.#queue.counts
  }

  get epoch(): number {
    return this.#epoch
  }

  /**
   * Sees to it that `serial` is not older than any commit, of any process, that was acknowledged before the
   * call, and tells the followers. Returns undefined at once where nothing has changed.
   */
  catchUp(): Promise<void> | undefined {
    return this.#commits.catchUp()
  }

  /** Like `catchUp`; a failure is left to the next reader, who meets it too. */
  tryCatchUp(): Promise<void> {
    return this.#commits.tryCatchUp()
  }

  /** Like `catchUp`, at one look for all requests that are read in the same turn of the event loop. */
  catchUpOnce(): Promise<void> | undefined {
    return this.#commits.catchUpOnce()
  }

  #view(serial: Serial, onRead?: (path: string) => void): ReadView {
    return new ReadView(this.#backend, serial, { lists: this.#lists, ...(onRead && { onRead }) })
  }

  /** Reads the state of now: everything inside `work` stands at one serial. */
  async read<T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    await this.catchUp()
    return work(this.#view(this.serial))
  }

  /** Reads the state as it stood at a serial. One that is still to come is a RangeError. */
  async readAt<T>(serial: Serial, work: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    if (serial > this.serial) await this.catchUp()
    if (serial > this.serial) throw new RangeError(`there is no serial ${serial} yet`)
    return work(this.#view(serial))
  }

  /** Like `read`; also returns the key paths and range prefixes (they end in `/`) that were read. */
  async readTracked<T>(
    work: (tx: ReadTransaction) => Promise<T>,
  ): Promise<{ value: T; serial: Serial; reads: ReadonlySet<string> }> {
    await this.catchUp()
    const reads = new Set<string>()
    const view = this.#view(this.serial, (path) => reads.add(path))
    return { value: await work(view), serial: view.serial, reads }
  }

  /**
   * Runs `work` alone among all writers; what it set becomes the next serial, durably, or nothing happened.
   * A write that changes nothing makes no serial. No network and no blob bytes inside: others wait. No other
   * write inside either: it would wait for this one.
   */
  async write<T>(actor: string, work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    const isForeign = this.#soleWriter !== undefined && actor !== this.#soleWriter
    if (this.#isFollower || isForeign) throw new FollowerWrites()
    const { result, change } = await waitFor(
      'ledger',
      this.#queue.add((writer) => this.#writeOne(writer, actor, work)),
    )
    if (change) {
      this.#recent.add(change)
      this.#onCommit()
    }
    // The write stands, whatever happens to this look at it.
    await this.#commits.tryCatchUp()
    return result
  }

  /** Says that somebody will write soon, so that others' commit may wait a moment for it; disposed of before `write` is called. */
  expectWrite(): Disposable {
    return this.#queue.expect()
  }

  /**
   * Begins the next epoch with what `work` writes, which must be something: the history goes on, but is written here
   * from now on. What is still written in an earlier epoch, wherever, follows on it nowhere. Returns the new epoch.
   */
  async beginEpoch(
    actor: string,
    work: (tx: WriteTransaction, epoch: number) => Promise<void>,
  ): Promise<number> {
    const begun = await this.#queue.add(async (writer) => {
      const epoch = Math.max(writer.head.epoch, (await writer.fence())?.epoch ?? 0) + 1
      await this.#append(writer, { name: actor, epoch, work: (tx) => work(tx, epoch) })
      if (writer.head.epoch !== epoch) throw new Error('an epoch begins with a change')
      return epoch
    })
    this.#epoch = begun
    this.#isFollower = false
    this.#onCommit()
    await this.#commits.tryCatchUp()
    return begun
  }

  /** Undefined while changes are written here, or taken over. */
  async fence(): Promise<Fence | undefined> {
    const [fence, { epoch }] = await Promise.all([this.#backend.fence(), this.#backend.head()])
    return fence && fence.epoch > epoch ? fence : undefined
  }

  /** From here on no process writes here, as an epoch has begun elsewhere; durably. */
  async raiseFence(heard: Fence): Promise<void> {
    await this.#queue.add(async (writer) => {
      await writer.setFence(joinFences(await writer.fence(), heard))
    })
  }

  /**
   * Makes this the last change, durably: of those after it nothing remains. For a follower that has what the ledger it
   * follows does not have, while nobody else reads it.
   */
  async forgetAfter(serial: Serial): Promise<void> {
    if (!this.#isFollower) throw new Error('a ledger that is written to forgets nothing')
    await this.#queue.add((writer) => writer.forgetAfter(serial))
  }

  async #writeOne<T>(
    writer: BackendWriter,
    name: string,
    work: (tx: WriteTransaction) => Promise<T>,
  ): Promise<Written<T>> {
    const { epoch } = writer.head
    if (epoch !== this.#epoch) throw new StaleEpoch(this.#epoch, epoch)
    const fence = await writer.fence()
    if (fence && fence.epoch > epoch) throw fenced(fence)
    return this.#append(writer, { name, epoch, work })
  }

  async #append<T>(writer: BackendWriter, { name, epoch, work }: Write<T>): Promise<Written<T>> {
    const { head } = writer
    assertKnownFormat(head)
    const actor = name.toWellFormed() // as a backend stores it, so that the hash fits
    const view = new WriteView(writer, actor, this.#clock.now())
    const result = await work(view).finally(() => view.end())
    const entries = await view.changedEntries()
    if (entries.length === 0) return { result }
    const facts = {
      serial: head.serial + 1,
      at: view.time,
      actor,
      epoch,
      format: CHANGE_FORMAT,
      entries,
    }
    const change = { ...facts, hash: hashChange(head.hash, facts) }
    await writer.append(change)
    return { result, change }
  }

  /**
   * Takes over the next changes of the ledger that this one follows, in one durable commit. What is here already,
   * perhaps by another process, is passed over. The first that does not fit is refused with
   * `ForeignChangeRefused`; those before it stay.
   */
  async takeOver(changes: readonly Change[]): Promise<void> {
    if (!this.#isFollower) throw new Error('a ledger that is written to takes over no changes')
    try {
      const taken = await this.#queue.add(async (writer) => {
        const { serial } = writer.head
        for (const change of changes) {
          const isOld = change.serial <= writer.head.serial
          if (isOld && (await isHere(this.#backend, change))) continue
          await appendForeign(writer, change)
          this.#epoch = change.epoch
        }
        return changes.filter((change) => change.serial > serial)
      })
      for (const change of taken) this.#recent.add(change)
      if (taken.length > 0) this.#onCommit()
    } finally {
      await this.#commits.tryCatchUp()
    }
  }

  /** What a serial changed, or undefined if there is none of that number yet. */
  change(serial: Serial): Promise<Change | undefined> {
    return this.#backend.change(serial)
  }

  /**
   * Every change from a serial on, then each new one as it is committed, by any process. Ends without an error
   * when the signal says so or the ledger is closed.
   */
  changes(
    from: Serial,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<Change, void, void> {
    const closing = this.#closing.signal
    const ended = signal ? AbortSignal.any([signal, closing]) : closing
    return streamChanges(this.#backend, this.#commits, { from, ended, recent: this.#recent })
  }

  /** Calls `follower` for every commit from now on, of any process, in order, until the returned function is called. */
  follow(follower: Follower): () => void {
    return this.#commits.follow(follower)
  }

  /**
   * Looks for commits of other processes from time to time, so that followers hear of them where no request
   * comes in. Returns how to stop; does not keep the process alive.
   */
  watch(intervalMs: number): () => void {
    return this.#commits.watch(intervalMs)
  }

  /** Checks the hash chain and the lives of all keys. Tells the first serial that does not fit. */
  verify(): Promise<Verified> {
    return verifyLedger(this.#backend)
  }

  /** Waits for running writes, then closes the backend. Followers and streams of changes end. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#queue.idle()
    this.#commits.stop()
    await this.#backend.close()
  }
}

/** What whoever would write here is told. */
export const fenced = ({ epoch, url }: Fence): Refusal => refuse('fenced', { epoch, url })

interface Write<T> {
  /** Of the actor. */
  readonly name: string
  readonly epoch: number
  readonly work: (tx: WriteTransaction) => Promise<T>
}

interface Written<T> {
  readonly result: T
  /** Undefined where nothing was changed. */
  readonly change?: Change
}

/** Only what the followed ledger writes comes into this one. */
export class FollowerWrites extends StartRefused {
  constructor() {
    super(
      'This is a replica: what its primary writes is taken over, and nothing else is written.',
      ['the same on its primary'],
    )
    this.name = 'FollowerWrites'
  }
}

/** The ledger has moved on to a newer epoch: another server was promoted, and this one may not write. */
export class StaleEpoch extends Error {
  constructor(own: number, current: number) {
    super(`this server writes in epoch ${own}, but the ledger is in epoch ${current}`)
    this.name = 'StaleEpoch'
  }
}
