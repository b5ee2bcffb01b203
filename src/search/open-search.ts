/** The search index of a data folder: a file, a thread that reads it, and a process that follows the ledger into it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Crew, Stop } from '#base/crew'
import type { Log } from '#base/log'
import type { Ledger } from '#ledger/ledger'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Policies } from '#registry/policies'
import { showItem } from './shown.ts'
import { concernsSearch } from './changed.ts'
import { IndexerProcess, type IndexerProgram } from './indexer-process.ts'
import { openReader } from './open-reader.ts'
import { ReaderThread } from './reader-thread.ts'
import type {
  MatchQuery,
  MayRead,
  ProjectMatch,
  SearchBacklog,
  SearchIndex,
  SearchItem,
  SearchQuery,
  SearchResult,
  SearchStatus,
  SuggestQuery,
  Suggestion,
} from './search.ts'

export interface SearchNeeds {
  readonly ledger: Ledger
  readonly policies: Policies
  /** May be taken away at any time. */
  readonly file: string
  readonly indexer: IndexerProgram
  /** Tells another text whenever a list of names is another, of any process. */
  readonly namesState: () => string
  readonly log: Log
  /** The index is written by the one who leads. */
  readonly crew: Crew
}

/** What the one who leads is asked for, and what it tells. */
const CAUGHT_UP = 'search caught up'
const BACKLOG = 'search backlog'
/** How soon the one who leads is asked again. */
const LEADER_MS = 50
/** Others have the processor while a server starts. */
const QUIET_START_MS = 2000
/** Between looks for lists of names that other processes have fetched. */
const NAMES_MS = 15_000
const SUGGESTIONS = 10
const MOST_SUGGESTIONS = 50

export class Search implements SearchIndex {
  readonly #needs: SearchNeeds
  readonly #reader: ReaderThread
  readonly #indexer: IndexerProcess
  readonly #closing = new AbortController()
  readonly #unlead: Stop
  readonly #unfollow: () => void
  readonly #timer: NodeJS.Timeout
  #names: string
  #isLeading = false
  #isQuiet = true
  #hasCaughtUp = false

  constructor(needs: SearchNeeds) {
    this.#needs = needs
    const { crew } = needs
    this.#indexer = new IndexerProcess(needs.indexer, {
      log: needs.log,
      onIdle: (backlog) => crew.cast(BACKLOG, backlog),
    })
    crew.onCast(BACKLOG, (backlog) => this.#indexer.hearBacklog(backlog as SearchBacklog))
    crew.onGather(CAUGHT_UP, () => this.#isLeading && this.caughtUp().then(() => true))
    this.#reader = new ReaderThread(needs.file, () => {
      if (this.#isLeading) this.#indexer.repair()
    })
    this.#names = ''
    this.#unfollow = needs.ledger.follow(({ paths }) => {
      if (!paths.some(concernsSearch)) return
      this.#indexer.noteChange()
      this.#wake()
    })
    this.#timer = setInterval(() => this.lookAtNames(), NAMES_MS).unref()
    this.#unlead = crew.lead(() => this.#lead())
  }

  async query({ text, mayRead, page = 1 }: SearchQuery): Promise<SearchResult> {
    const indexes = await this.#readable(mayRead)
    const found = await this.#reader.find({ text, page, indexes })
    const { ledger, policies } = this.#needs
    const shown = await ledger.read(async (tx) => {
      const items: SearchItem[] = []
      for (const item of found.items) {
        const left = await showItem(tx, policies, item)
        if (left) items.push(left)
      }
      return items
    })
    return { ...found, items: shown }
  }

  async suggest({ text, mayRead, limit = SUGGESTIONS }: SuggestQuery): Promise<Suggestion[]> {
    const indexes = await this.#readable(mayRead)
    const most = Math.max(1, Math.min(Math.floor(limit) || SUGGESTIONS, MOST_SUGGESTIONS))
    return this.#reader.suggest({ text, indexes, limit: most })
  }

  match(query: MatchQuery, indexes: readonly IndexName[]): Promise<ProjectMatch[]> {
    return this.#reader.match({ ...query, indexes })
  }

  async status(): Promise<SearchStatus> {
    const { ledger } = this.#needs
    await ledger.catchUp()
    const { standing, counts } = await this.#reader.standing()
    return {
      serial: standing?.serial,
      waiting: ledger.serial - (standing?.serial ?? -1),
      failed: standing?.owed ?? 0,
      isRebuilding: standing?.isWalking ?? true,
      ...counts,
    }
  }

  backlog(): SearchBacklog {
    return this.#indexer.backlog
  }

  async caughtUp(): Promise<void> {
    if (this.#isLeading) {
      this.#isQuiet = false
      await this.#indexer.caughtUp()
    } else {
      await this.#leaderCaughtUp()
    }
    this.#hasCaughtUp = true
  }

  async soonCaughtUp(patienceMs: number): Promise<void> {
    await this.#needs.ledger.catchUp()
    if (this.#hasCaughtUp && this.backlog().changes === 0) return
    const patience = delay(patienceMs, undefined, { ref: false })
    // Whoever searches is answered from what is there.
    await Promise.race([this.caughtUp().catch(() => undefined), patience])
  }

  /** A list of names may be here that was not when this was last called. */
  lookAtNames(): void {
    const state = this.#needs.namesState()
    if (state === this.#names) return
    this.#names = state
    this.#wake()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#timer)
    this.#unfollow()
    await this.#unlead()
    await Promise.all([this.#reader.close(), this.#indexer.close()])
  }

  #wake(): void {
    if (this.#isLeading && !this.#isQuiet) this.#indexer.wake()
  }

  #lead(): Stop {
    this.#isLeading = true
    const ending = new AbortController()
    void this.#start(AbortSignal.any([ending.signal, this.#closing.signal]))
    return async () => {
      this.#isLeading = false
      ending.abort()
      await this.#indexer.rest()
    }
  }

  async #leaderCaughtUp(): Promise<void> {
    const { signal } = this.#closing
    for (;;) {
      const answers = await this.#needs.crew.gather(CAUGHT_UP)
      signal.throwIfAborted()
      if (answers.includes(true) || this.#isLeading) return
      await delay(LEADER_MS, undefined, { ref: false, signal })
    }
  }

  async #start(signal: AbortSignal): Promise<void> {
    await delay(QUIET_START_MS, undefined, { ref: false, signal }).catch(() => undefined)
    if (signal.aborted) return
    this.#isQuiet = false
    this.#names = this.#needs.namesState()
    if (this.#names !== '' || (await this.#isBehind(signal))) this.#wake()
  }

  /** A server without projects has nothing to be searched for, and starts no thread for it. */
  async #isBehind(signal: AbortSignal): Promise<boolean> {
    const { ledger, file, log } = this.#needs
    const reader = openReader(file)
    try {
      const standing = await reader.standing()
      if (standing)
        return standing.serial < ledger.serial || standing.isWalking || standing.owed > 0
      const some = await ledger.read((tx) => tx.listNames(keys.allProjects(), { limit: 1 }))
      return some.length > 0
    } catch (error) {
      if (!signal.aborted) log.error({ error }, 'the search index could not be read')
      return true
    } finally {
      await reader.close()
    }
  }

  async #readable(mayRead: MayRead = () => true): Promise<string[]> {
    const names = await this.#needs.ledger.read((tx) => tx.listNames(keys.indexes()))
    return names.filter((name) => mayRead(name))
  }
}
