/** Upstreams' lists of names: fetched as streams, kept sorted on disk, and never needed to install. */
import type { Clock } from '#base/clock'
import type { Crew } from '#base/crew'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import type { Ledger } from '#ledger/ledger'
import { UnreadablePage } from '#python/simple-page'
import type { IndexName } from '#registry/indexes'
import { addressOf, indexUrl, namesBasis, shownUrl, type UpstreamAddress } from './address.ts'
import { within, type Background } from './background.ts'
import { expiryMs, holdOffMs } from './expiry.ts'
import { listLocalNames } from './local-names.ts'
import type { Listings } from './listings.ts'
import { NAMES, type LocalState, type Look } from './local-state.ts'
import type { NameFile, NameList } from './name-file.ts'
import { NameLists } from './name-lists.ts'
import { readNames, readOwnNames } from './names-page.ts'
import { tellFailure, throwTold } from './outcome.ts'
import { acceptedPages } from './project-page.ts'
import type { MirrorSettings } from './settings.ts'
import { getMirror } from './situation.ts'
import type { ThroughPrimary } from './through-primary.ts'
import { acceptedEncodings } from './upstream-body.ts'
import { pageStatusFailure } from './upstream-failure.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'

export interface NamesNeeds {
  readonly ledger: Ledger
  readonly upstream: Upstream
  readonly through: ThroughPrimary | undefined
  readonly listings: Listings
  readonly local: LocalState
  readonly background: Background
  readonly settings: MirrorSettings
  readonly clock: Clock
  readonly log: Log
  readonly crew: Crew
  /** Called when a mirror has a new list. */
  readonly onList?: () => void
}

/** Told to the other processes of the server: the mirror whose list could not be fetched. */
const FAILED = 'no list of names'
const LONGEST_FETCH_MS = 15 * 60_000
/** How long a list is waited for where there is none at all, as devpi does. */
const FIRST_LIST_MS = 30_000
/** A list with fewer names is there as quickly as a page. */
export const SHORT_LIST = 10_000

export class UpstreamNames {
  readonly #needs: NamesNeeds
  readonly #flights = new SingleFlight<IndexName, NameFile | undefined>()
  readonly #lists: NameLists
  readonly #failedAt = new Map<IndexName, number>()
  readonly #long = new Map<IndexName, PromiseWithResolvers<undefined>>()

  constructor(folder: string, needs: NamesNeeds) {
    this.#lists = new NameLists(folder, needs)
    this.#needs = needs
    needs.crew.onCast(FAILED, (told) => this.#failedAt.set(String(told), needs.clock.now()))
  }

  /** Upstream's list, or an old one of it, or the names known here. No upstream makes it fail. */
  async names(index: IndexName): Promise<NameList> {
    const { ledger, settings, clock } = this.#needs
    const mirror = await ledger.read((tx) => getMirror(tx, index))
    const hasList = mirror.mirror_url !== undefined && !mirror.mirror_no_project_list
    if (!hasList || settings.offline) return listLocalNames(ledger, index)
    const address = addressOf(mirror)!
    const { list, look } = await this.find(index)
    const isFresh =
      look?.basis === namesBasis(address) && clock.now() < look.at + expiryMs(mirror, settings)
    if (list && isFresh) return list

    // The list is as good as it gets while somebody else fetches a new one, or after a failure.
    const failedAt = this.#failedAt.get(index) ?? -Infinity
    const isQuiet = clock.now() < failedAt + holdOffMs(mirror, settings)
    if (isQuiet || (list && this.#flights.isRunning(index))) {
      return list ?? listLocalNames(ledger, index)
    }
    const { requestTimeoutMs } = settings
    const waitMs = list ? requestTimeoutMs : Math.max(requestTimeoutMs, FIRST_LIST_MS)
    const next = await within(this.fetch(index, address), waitMs)
    return next ?? list ?? listLocalNames(ledger, index)
  }

  forget(index: IndexName): void {
    this.#failedAt.delete(index)
  }

  isFetching(index: IndexName): boolean {
    return this.#flights.isRunning(index)
  }

  /** Resolves once the list that is being fetched turns out to be no short one. */
  untilLong(index: IndexName): Promise<undefined> | undefined {
    return this.#long.get(index)?.promise
  }

  /** When the last fetch failed, if it did. */
  failedAt(index: IndexName): number | undefined {
    return this.#failedAt.get(index)
  }

  setUp(): Promise<void> {
    return this.#lists.setUp()
  }

  /** The list anew; one fetch at a time. Undefined after a failure, which is logged. */
  fetch(index: IndexName, address: UpstreamAddress): Promise<NameFile | undefined> {
    const { background, clock, log } = this.#needs
    const work = async (): Promise<NameFile | undefined> => {
      try {
        const list = await this.#refreshInTurn(index, address)
        this.#needs.onList?.()
        this.#failedAt.delete(index)
        return list
      } catch (error) {
        this.#failedAt.set(index, clock.now())
        this.#needs.crew.cast(FAILED, index)
        const reason = error instanceof UpstreamFailure ? { reason: error.message } : { error }
        log.warn({ index, ...reason }, 'the list of names of a mirror could not be fetched')
        return undefined
      }
    }
    return this.#flights.run(index, () => {
      this.#long.set(index, Promise.withResolvers())
      return background.add(work())
    })
  }

  /** One fetch of all processes: the others find the list that it brought. */
  async #refreshInTurn(index: IndexName, address: UpstreamAddress): Promise<NameFile | undefined> {
    const turn = await this.#needs.crew.enter(`names ${index}`)
    if (turn.kind === 'heard') {
      throwTold(turn.outcome)
      return (await this.find(index)).list
    }
    try {
      const list = await this.#refresh(index, address)
      turn.end({})
      return list
    } catch (error) {
      turn.end(tellFailure(error))
      throw error
    }
  }

  async #refresh(index: IndexName, address: UpstreamAddress): Promise<NameFile> {
    const { upstream, through, local, clock, background } = this.#needs
    const { list, look } = await this.find(index)
    const etag = look?.basis === namesBasis(address) ? look.etag : undefined
    const at = clock.now()
    if (address.layout === 'listing' && !through) return this.#refreshListing(index, address, at)
    const known = list && etag !== undefined ? { 'if-none-match': etag } : {}
    const signal = background.signal(LONGEST_FETCH_MS)
    const answer = through
      ? await through.askNames(index, known, signal)
      : await upstream.ask({
          url: address.ownOnly ? indexUrl(address) : address.url,
          address,
          headers: {
            accept: address.ownOnly ? 'application/json' : acceptedPages,
            'accept-encoding': acceptedEncodings,
            ...known,
          },
          signal,
        })
    if (answer.status === 304 && list && look) {
      answer.discard()
      local.save(index, NAMES, { ...look, at })
      return list
    }
    if (answer.status !== 200) {
      answer.discard()
      throw pageStatusFailure(answer.status, answer.url)
    }
    const names = address.ownOnly && !through ? readOwnNames(answer) : readNames(answer)
    const next = await this.#store(index, answer, names)
    await this.#lists.use(index, next, {
      basis: namesBasis(address),
      etag: answer.header('etag'),
      at,
    })
    return next
  }

  async #refreshListing(index: IndexName, address: UpstreamAddress, at: number): Promise<NameFile> {
    const { listings, background } = this.#needs
    const signal = background.signal(LONGEST_FETCH_MS)
    const { files, folders } = await listings.get({ address, signal, since: at })
    const names = [...new Set([...files.keys(), ...folders.keys()])]
    const next = await this.#lists.write(index, batchOf(names))
    await this.#lists.use(index, next, { basis: namesBasis(address), etag: undefined, at })
    return next
  }

  async #store(
    index: IndexName,
    answer: UpstreamAnswer,
    names: AsyncIterable<string[]>,
  ): Promise<NameFile> {
    try {
      return await this.#lists.write(index, this.#watchLength(index, names))
    } catch (error) {
      if (!(error instanceof UnreadablePage)) throw error
      const message = `cannot read ${shownUrl(answer.url)}: ${error.reason}`
      throw new UpstreamFailure(message, { cause: error })
    }
  }

  async *#watchLength(
    index: IndexName,
    batches: AsyncIterable<string[]>,
  ): AsyncGenerator<string[]> {
    let count = 0
    for await (const names of batches) {
      count += names.length
      if (count >= SHORT_LIST) this.#long.get(index)?.resolve(undefined)
      yield names
    }
  }

  /** The list that is here, however old. */
  find(index: IndexName): Promise<{ list: NameFile | undefined; look: Look | undefined }> {
    return this.#lists.find(index)
  }
}

async function* batchOf(names: string[]): AsyncGenerator<string[]> {
  yield names
}
