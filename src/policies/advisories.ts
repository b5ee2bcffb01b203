/** The advisories that policies go by: read when the server starts, then looked for again and again. */
import type { AdvisoryEntry } from '#python/advisory'
import { Dispatchers } from '#base/dispatchers'
import { openLookup } from '#base/local-addresses'
import { networkReason } from '#base/network-failure'
import type { HookHost, RunningHook } from '#plugins/plugin'
import type { AdvisoryBook } from './advisory-book.ts'
import { feedPlace, isFeed, localPlace, type AdvisoryPlace } from './advisory-place.ts'

export interface AdvisoriesSettings {
  /** Folders, files and addresses. */
  readonly places: readonly string[]
  readonly intervalMs: number
  /** Then no feed is asked: what is kept of it counts. */
  readonly isOffline: boolean
}

/** What one place told last. */
interface Shelf {
  readonly place: AdvisoryPlace
  readonly isFeed: boolean
  book: AdvisoryBook | undefined
}

const CONNECT_MS = 10_000
const STALL_MS = 60_000
/** For all that one look fetches. */
const LONGEST_LOOK_MS = 600_000

export class Advisories {
  readonly #settings: AdvisoriesSettings
  #shelves: Shelf[] = []
  #revision = 0
  #look = (): Promise<void> => Promise.resolve()

  constructor(settings: AdvisoriesSettings) {
    this.#settings = settings
  }

  /** Goes up with new advisories. */
  get revision(): number {
    return this.#revision
  }

  /** Why nobody can tell what is bad, where that is so: none were ever read of some place, or there is no place. */
  get missing(): string | undefined {
    if (this.#settings.places.length === 0) return 'the server has no --advisories'
    const empty = this.#shelves.find(({ book }) => !book)
    return empty && `no advisories were read yet from ${empty.place.name}`
  }

  about(project: string): readonly AdvisoryEntry[] {
    return this.#shelves.flatMap(({ book }) => book?.byProject.get(project) ?? [])
  }

  /** Resolves once what is on this machine is read; feeds are looked at behind. */
  async start(host: HookHost): Promise<RunningHook> {
    const { places, intervalMs } = this.#settings
    const { folder, userAgent, log } = host
    const dispatchers = new Dispatchers({
      connectTimeoutMs: CONNECT_MS,
      stallTimeoutMs: STALL_MS,
      lookup: openLookup,
    })
    this.#shelves = places.map((place) => ({
      place: isFeed(place)
        ? feedPlace(place, { folder, dispatchers, userAgent })
        : localPlace(place),
      isFeed: isFeed(place),
      book: undefined,
    }))
    await Promise.all(
      this.#shelves.map((shelf) => this.#turn(shelf, log, () => shelf.place.load(undefined))),
    )
    const closing = new AbortController()
    let running = Promise.resolve()
    this.#look = () => {
      running = running.then(() => this.#lookAll(log, closing.signal))
      return running
    }
    const timer = setInterval(this.#look, intervalMs)
    timer.unref()
    if (this.#shelves.some((shelf) => shelf.isFeed)) void this.#look()
    return {
      async close() {
        clearInterval(timer)
        closing.abort()
        await running
        await dispatchers.destroy()
      },
    }
  }

  /** Looks now; one look at a time. */
  refresh(): Promise<void> {
    return this.#look()
  }

  async #lookAll(log: HookHost['log'], closing: AbortSignal): Promise<void> {
    for (const shelf of this.#shelves) {
      if (closing.aborted) return
      if (shelf.isFeed && this.#settings.isOffline) continue
      const signal = AbortSignal.any([closing, AbortSignal.timeout(LONGEST_LOOK_MS)])
      await this.#turn(shelf, log, () => shelf.place.look(shelf.book?.fingerprint, signal))
    }
  }

  /** What was read last stays where nothing can be read now. */
  async #turn(
    shelf: Shelf,
    log: HookHost['log'],
    read: () => Promise<AdvisoryBook | undefined>,
  ): Promise<void> {
    const { name: from } = shelf.place
    try {
      const book = await read()
      if (!book) return
      shelf.book = book
      this.#revision++
      const { count, skipped } = book
      log.info({ from, count, projects: book.byProject.size }, 'read the advisories')
      if (skipped.count > 0) log.warn({ from, ...skipped }, 'some advisories make no sense')
    } catch (error) {
      const reason =
        error instanceof Error && !('code' in error) ? error.message : networkReason(error)
      log.warn({ from, reason }, 'the advisories could not be read')
    }
  }
}
