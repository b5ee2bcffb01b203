/** Where this process stands: the last serial it has seen, and who wants to hear of the next. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LedgerBackend } from './backend.ts'
import type { Serial } from './key.ts'
import { RecentChanges } from './recent-changes.ts'

/** What followers are told of a commit, in the order of serials. */
export interface ChangeNotice {
  readonly serial: Serial
  readonly paths: readonly string[]
}

export type Follower = (notice: ChangeNotice) => void

/** After so many serials in one go, requests get a turn. */
const SERIALS_A_TURN = 256

export class CommitWatch {
  readonly #backend: LedgerBackend
  readonly #followers = new Set<Follower>()
  readonly #recent: RecentChanges
  readonly #timers = new Set<NodeJS.Timeout>()
  #serial: Serial
  /** The backend said that something changed, and it has not been read to the end yet. */
  #isBehind = false
  #catchingUp: Promise<void> | undefined
  /** The turn of the event loop in which it last looked. */
  #lookedIn = -1

  constructor(backend: LedgerBackend, serial: Serial, recent = new RecentChanges()) {
    this.#backend = backend
    this.#recent = recent
    this.#serial = serial
  }

  get serial(): Serial {
    return this.#serial
  }

  catchUp(): Promise<void> | undefined {
    if (this.#catchingUp) {
      // What is under way may have looked before the commit that the caller knows of.
      const again = (): Promise<void> | undefined => this.catchUp()
      return this.#catchingUp.then(again, again)
    }
    const changed = this.#isBehind || this.#backend.mayHaveChanged()
    if (changed === false) return undefined
    this.#catchingUp = this.#advance(changed).finally(() => (this.#catchingUp = undefined))
    return this.#catchingUp
  }

  /**
   * Like `catchUp`, but looks at the store once per turn of the event loop, however many ask. A request that
   * was read in this turn began before the look; so did any commit that its sender had heard of.
   */
  catchUpOnce(): Promise<void> | undefined {
    const turn = turnOfLoop()
    if (this.#lookedIn === turn && !this.#isBehind && !this.#catchingUp) return undefined
    const behind = this.catchUp()
    if (!behind) this.#lookedIn = turn
    return behind
  }

  /** Like `catchUp`; a failure is left to the next reader, who meets it too and reports it. */
  async tryCatchUp(): Promise<void> {
    try {
      await this.catchUp()
    } catch {
      // see above: nothing is forgotten, `#isBehind` remembers
    }
  }

  follow(follower: Follower): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  watch(intervalMs: number): () => void {
    const timer = setInterval(() => void this.tryCatchUp(), intervalMs).unref()
    this.#timers.add(timer)
    return () => {
      clearInterval(timer)
      this.#timers.delete(timer)
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers.clear()
    this.#followers.clear()
  }

  async #advance(changed: true | Promise<boolean>): Promise<void> {
    this.#isBehind = true
    if (await changed) await this.#tellUpTo((await this.#backend.head()).serial)
    this.#isBehind = false
  }

  async #tellUpTo(last: Serial): Promise<void> {
    for (let told = 1; this.#serial < last; told++) {
      if (this.#followers.size === 0) {
        this.#serial = last
        return
      }
      const serial = this.#serial + 1
      const paths = this.#recentPaths(serial) ?? (await this.#backend.changedPaths(serial))
      this.#serial = serial
      for (const follower of [...this.#followers]) tell(follower, { serial, paths })
      if (told % SERIALS_A_TURN === 0) await nextTurn()
    }
  }

  #recentPaths(serial: Serial): string[] | undefined {
    return this.#recent.find(serial)?.entries.map(({ path }) => path)
  }
}

/** Another one each time that the system is asked what has come in: what came then was sent before. */
const turnOfLoop = (): number => performance.nodeTiming.uvMetricsInfo.loopCount

/** A follower that throws is a bug. It is shown, and keeps neither the others nor the reader waiting. */
function tell(follower: Follower, notice: ChangeNotice): void {
  try {
    follower(notice)
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error))
  }
}
