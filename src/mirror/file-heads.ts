/**
 * Sizes and upload times that an upstream's pages leave out, from the headers that it sends with the files: for indexes
 * whose policies look at them. Nothing of the files themselves is fetched.
 */
import { mostRecent } from '#base/most-recent'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { mapInParallel } from '#base/parallel'
import { SingleFlight } from '#base/single-flight'
import type { Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import { compareVersionTexts } from '#python/version-order'
import type { FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { UpstreamAddress } from './address.ts'
import type { Background } from './background.ts'
import { lastModifiedOf } from './last-modified.ts'
import { learnAll, type Learned, type Lesson } from './learn.ts'
import { findAddress } from './situation.ts'
import type { Upstream } from './upstream.ts'

export interface FileHeadsNeeds {
  readonly ledger: Ledger
  readonly upstream: Upstream
  readonly background: Background
  readonly log: Log
}

export type HeadFact = 'size' | 'uploadedAt'

/** Files of a project that are asked about, those of the newest versions first. */
const MOST_FILES = 500
const PARALLEL = 8
/** For all files of a project. */
const LONGEST_MS = 30_000
/** For so long nobody asks again about a file of which the headers did not tell all. */
const SILENT_MS = 6 * 3_600_000
const MOST_REMEMBERED = 50_000

interface Listed {
  readonly name: string
  readonly value: FileEntry
}

export class FileHeads {
  readonly #needs: FileHeadsNeeds
  readonly #flights = new SingleFlight<string, void>()
  /** By address. */
  readonly #asked = mostRecent<string, true>(MOST_REMEMBERED, { ttl: SILENT_MS })

  /** By project and facts, upstream's page of which nothing is left to ask: thousands of files are not read for each page. */
  readonly #settled = mostRecent<string, string>(MOST_REMEMBERED, { ttl: SILENT_MS })

  constructor(needs: FileHeadsNeeds) {
    this.#needs = needs
  }

  /** Asks about the files of which one of these is not known. Upstream's failures leave it unknown. */
  learn(index: IndexName, project: ProjectName, facts: readonly HeadFact[]): Promise<void> {
    const key = [index, project, ...facts].join('/')
    return this.#flights.run(key, () => this.#learn(index, project, facts))
  }

  async #learn(index: IndexName, project: ProjectName, facts: readonly HeadFact[]): Promise<void> {
    const { ledger, log } = this.#needs
    const key = [index, project, ...facts].join('/')
    const known = await ledger.read((tx) => tx.get(keys.project(index, project)))
    const page = known?.upstream?.fingerprint
    if (page !== undefined && this.#settled.get(key) === page) return
    const files = await ledger.read((tx) => tx.list(keys.files(index, project)))
    const wanted = this.#choose(files, facts)
    if (wanted.length === 0) {
      if (page !== undefined) this.#settled.set(key, page)
      return
    }
    const address = await ledger.read((tx) => findAddress(tx, index))
    const signal = this.#needs.background.signal(LONGEST_MS)
    const lessons: Lesson[] = []
    try {
      await mapInParallel(wanted, PARALLEL, async ({ name: filename, value: entry }) => {
        const told = await this.#ask(entry.upstream?.url ?? '', { address, signal })
        // A size that nobody needs could only be wrong, and then the file would be refused.
        const learned = Object.fromEntries(facts.map((fact) => [fact, told[fact]]))
        lessons.push({ wanted: { index, project, filename, entry }, learned })
      })
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error
      const message = 'sizes and upload times of files could not be asked for'
      log.info({ index, project, reason: error.message }, message)
    } finally {
      if (lessons.length > 0) await learnAll(ledger, lessons)
    }
  }

  #choose(files: readonly Listed[], facts: readonly HeadFact[]): Listed[] {
    return files
      .filter(({ value }) => {
        const url = value.upstream?.url
        const isIncomplete = facts.some((fact) => value[fact] === undefined)
        return isIncomplete && url !== undefined && !this.#asked.has(url)
      })
      .toSorted((a, b) => compareVersionTexts(b.value.version, a.value.version))
      .slice(0, MOST_FILES)
  }

  async #ask(
    url: string,
    how: { readonly address: UpstreamAddress | undefined; readonly signal: AbortSignal },
  ): Promise<Pick<Learned, HeadFact>> {
    const headers = { accept: '*/*', 'accept-encoding': 'identity' }
    const question = { url, headers, method: 'HEAD', isForPage: true, ...how } as const
    const answer = await this.#needs.upstream.ask(question)
    answer.discard()
    this.#asked.set(url, true)
    if (answer.status !== 200) return {}
    const length = answer.header('content-length') ?? ''
    const isFile =
      (answer.header('content-encoding') ?? 'identity') === 'identity' &&
      !/^text\/html\b/i.test(answer.header('content-type') ?? '')
    const size = isFile && /^[1-9]\d{0,14}$/.test(length) ? Number(length) : undefined
    return { size, uploadedAt: lastModifiedOf(answer) }
  }
}
