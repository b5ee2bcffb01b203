/** Upstreams' lists of names: fetched as streams, kept sorted on disk, and never needed to install. */
import type { Stats } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#base/clock'
import { sha256 } from '#base/digest'
import { errorCode } from '#base/disk-failure'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import type { Ledger } from '#ledger/ledger'
import { parseName } from '#python/name'
import { UnreadablePage } from '#python/simple-page'
import type { IndexName } from '#registry/indexes'
import { parseAddress, shownUrl, type UpstreamAddress } from './address.ts'
import { within, type Background } from './background.ts'
import { expiryMs, holdOffMs } from './expiry.ts'
import { listLocalNames } from './local-names.ts'
import { NAMES, type LocalState, type Look } from './local-state.ts'
import { NameFile, type NameList } from './name-file.ts'
import { NameSorter } from './name-sorter.ts'
import { acceptedPages } from './project-page.ts'
import type { MirrorSettings } from './settings.ts'
import { getMirror } from './situation.ts'
import { acceptedEncodings, contentType, readBody } from './upstream-body.ts'
import { statusFailure } from './upstream-failure.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'

export interface NamesNeeds {
  readonly ledger: Ledger
  readonly upstream: Upstream
  readonly local: LocalState
  readonly background: Background
  readonly settings: MirrorSettings
  readonly clock: Clock
  readonly log: Log
}

const LARGEST_LIST = 1024 * 1024 * 1024
const LONGEST_FETCH_MS = 15 * 60_000
/** How long a list is waited for where there is none at all, as devpi does. */
const FIRST_LIST_MS = 30_000
/** A list with fewer names is there as quickly as a page. */
export const SHORT_LIST = 10_000
/** Nobody works on a file that long. */
const ABANDONED_MS = 3_600_000

export class UpstreamNames {
  readonly #needs: NamesNeeds
  readonly #folder: string
  readonly #flights = new SingleFlight<IndexName, NameFile | undefined>()
  readonly #lists = new Map<IndexName, NameFile>()
  readonly #failedAt = new Map<IndexName, number>()
  readonly #long = new Map<IndexName, PromiseWithResolvers<undefined>>()
  #temporary = 0

  constructor(folder: string, needs: NamesNeeds) {
    this.#folder = folder
    this.#needs = needs
  }

  /** Upstream's list, or an old one of it, or the names known here. No upstream makes it fail. */
  async names(index: IndexName): Promise<NameList> {
    const { ledger, settings, clock } = this.#needs
    const mirror = await ledger.read((tx) => getMirror(tx, index))
    const hasList = mirror.mirror_url !== undefined && !mirror.mirror_no_project_list
    if (!hasList || settings.offline) return listLocalNames(ledger, index)
    const address = parseAddress(mirror.mirror_url)
    const { list, look } = await this.find(index)
    const isFresh =
      look?.basis === address.url && clock.now() < look.at + expiryMs(mirror, settings)
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

  /** Upstream's list as far as it is here, or the projects that somebody asked for. */
  async known(index: IndexName): Promise<NameList> {
    const { list } = await this.find(index)
    return list ?? listLocalNames(this.#needs.ledger, index)
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

  /** Makes the folder, and removes what a process that died left behind. */
  async setUp(): Promise<void> {
    const { local, clock } = this.#needs
    await mkdir(this.#folder, { recursive: true })
    const lists = local
      .listNamesLooks()
      .map(({ index, fingerprint }) => listName(index, fingerprint))
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      const age = clock.now() - ((await statIfThere(path))?.mtimeMs ?? 0)
      if (!lists.includes(name) && age > ABANDONED_MS) await rm(path, { force: true })
    }
  }

  /** The list anew; one fetch at a time. Undefined after a failure, which is logged. */
  fetch(index: IndexName, address: UpstreamAddress): Promise<NameFile | undefined> {
    const { background, clock, log } = this.#needs
    const work = async (): Promise<NameFile | undefined> => {
      try {
        const list = await this.#refresh(index, address)
        this.#failedAt.delete(index)
        return list
      } catch (error) {
        this.#failedAt.set(index, clock.now())
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

  async #refresh(index: IndexName, address: UpstreamAddress): Promise<NameFile> {
    const { upstream, local, clock, background } = this.#needs
    const { list, look } = await this.find(index)
    const etag = look?.basis === address.url ? look.etag : undefined
    const at = clock.now()
    const answer = await upstream.ask({
      url: address.url,
      address,
      headers: {
        accept: acceptedPages,
        'accept-encoding': acceptedEncodings,
        ...(list && etag !== undefined && { 'if-none-match': etag }),
      },
      signal: background.signal(LONGEST_FETCH_MS),
    })
    if (answer.status === 304 && list && look) {
      answer.discard()
      local.save(index, NAMES, { ...look, at })
      return list
    }
    if (answer.status !== 200) {
      answer.discard()
      throw statusFailure(answer.status, answer.url)
    }
    const next = await this.#store(index, answer)
    const found = { basis: address.url, fingerprint: next.etag, etag: answer.header('etag'), at }
    local.save(index, NAMES, found)
    const previous = list?.path
    this.#lists.set(index, next)
    await this.#removeOthers(index, [next.path, previous])
    return next
  }

  async #store(index: IndexName, answer: UpstreamAnswer): Promise<NameFile> {
    const path = join(this.#folder, `${process.pid}-${this.#temporary++}.new`)
    try {
      await using sorter = await NameSorter.create(path)
      let count = 0
      for await (const names of readNames(answer)) {
        count += names.length
        if (count >= SHORT_LIST) this.#long.get(index)?.resolve(undefined)
        await sorter.add(names.flatMap((name) => parseName(name) ?? []))
      }
      await sorter.finish()
    } catch (error) {
      if (!(error instanceof UnreadablePage)) throw error
      const message = `cannot read ${shownUrl(answer.url)}: ${error.reason}`
      throw new UpstreamFailure(message, { cause: error })
    }
    const list = await NameFile.open(path)
    await list.moveTo(join(this.#folder, listName(index, list.etag)))
    return list
  }

  /** The list that is here, however old. The local state names it: another process may have fetched it. */
  async find(index: IndexName): Promise<{ list: NameFile | undefined; look: Look | undefined }> {
    const look = this.#needs.local.find(index, NAMES)
    if (!look) return { list: undefined, look: undefined }
    const open = this.#lists.get(index)
    if (open?.etag === look.fingerprint) return { list: open, look }
    try {
      const list = await NameFile.open(join(this.#folder, listName(index, look.fingerprint)))
      this.#lists.set(index, list)
      return { list, look }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      return { list: undefined, look: undefined }
    }
  }

  /** The previous list stays a while, for those who are reading it. */
  async #removeOthers(index: IndexName, kept: readonly (string | undefined)[]): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      if (name.startsWith(prefixOf(index)) && !kept.includes(path)) await rm(path, { force: true })
    }
  }
}

/** An index's name may hold what a file's may not. */
function prefixOf(index: IndexName): string {
  return `${sha256(index).slice(0, 16)}-`
}

function listName(index: IndexName, fingerprint: string): string {
  return prefixOf(index) + fingerprint
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch {
    return undefined // another process has removed it
  }
}

async function* readNames(answer: UpstreamAnswer): AsyncGenerator<string[]> {
  const body = readBody(answer, LARGEST_LIST)
  const first = await body.next()
  if (first.done) throw new UnreadablePage('it is empty')
  const type = contentType(answer)
  if (!/^(?:$|text\/|[^;]*(?:html|json))/i.test(type)) {
    throw new UnreadablePage(`it is of type ${type.slice(0, 60)}`)
  }
  const chunks = startingWith(first.value, body)
  const { parseNamesHtml, parseNamesJson, sniffNames } = await import('#python/simple-names')
  yield* sniffNames(first.value, type) === 'json' ? parseNamesJson(chunks) : parseNamesHtml(chunks)
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}
