/**
 * Upstreams that are one page: links to files of many projects, as for pip's `--find-links`, or a folder for each project,
 * as web servers list them. The page is fetched once for all projects, and kept in memory while it is fresh.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '#base/clock'
import { sha256 } from '#base/digest'
import { UpstreamFailure } from '#base/failure'
import { SingleFlight } from '#base/single-flight'
import { parseFilename } from '#python/filename'
import { readFolders } from '#python/folder-links'
import type { ProjectName } from '#python/name'
import { UnreadablePage, type PageFile } from '#python/simple-page'
import { inTurns, type Steps } from '#python/steps'
import { shownUrl, type UpstreamAddress } from './address.ts'
import {
  acceptedPages,
  askPage,
  assertForPrograms,
  assertHtml,
  type ProjectAnswer,
} from './project-page.ts'
import { acceptedEncodings, readText } from './upstream-body.ts'
import { pageStatusFailure } from './upstream-failure.ts'
import type { Upstream } from './upstream.ts'

export interface Listing {
  readonly files: ReadonlyMap<ProjectName, readonly PageFile[]>
  /** Addresses of folders. */
  readonly folders: ReadonlyMap<ProjectName, string>
  readonly etag: string | undefined
  readonly at: number
}

interface Question {
  readonly address: UpstreamAddress
  readonly signal: AbortSignal
  /** A page that was fetched before is too old. */
  readonly since: number
}

const LARGEST = 64 * 1024 * 1024
/** Each may hold as many files as a large mirror. */
const MOST_KEPT = 20

export class Listings {
  readonly #upstream: Upstream
  readonly #clock: Clock
  readonly #kept = new LRUCache<string, Listing>({ max: MOST_KEPT })
  readonly #flights = new SingleFlight<string, Listing>()

  constructor({ upstream, clock }: { readonly upstream: Upstream; readonly clock: Clock }) {
    this.#upstream = upstream
    this.#clock = clock
  }

  /** Throws `UpstreamFailure`. */
  async get({ address, signal, since }: Question): Promise<Listing> {
    const key = keyOf(address)
    const kept = this.#kept.get(key)
    if (kept && kept.at >= since) return kept
    return this.#flights.run(key, () => this.#fetch(address, signal, kept))
  }

  /** What the listing has of a project, as its page would have it. */
  async askProject(project: ProjectName, question: Question): Promise<ProjectAnswer> {
    const listing = await this.get(question)
    const own = listing.files.get(project) ?? []
    const folder = listing.folders.get(project)
    if (own.length === 0 && folder === undefined) return { kind: 'missing' }
    const below =
      folder === undefined
        ? undefined
        : await askPage(this.#upstream, { ...question, url: folder, etag: undefined })
    const more = below?.kind === 'page' ? below.page.files : []
    if (own.length + more.length === 0) return { kind: 'missing' }
    const page = { name: project, files: [...own, ...more] }
    return { kind: 'page', page, etag: undefined, lastSerial: undefined }
  }

  async #fetch(
    address: UpstreamAddress,
    signal: AbortSignal,
    kept: Listing | undefined,
  ): Promise<Listing> {
    const at = this.#clock.now()
    const { url } = address
    const headers = {
      accept: acceptedPages,
      'accept-encoding': acceptedEncodings,
      ...(kept?.etag !== undefined && { 'if-none-match': kept.etag }),
    }
    const answer = await this.#upstream.ask({ url, address, headers, signal, isForPage: true })
    if (answer.status === 304 && kept) {
      answer.discard()
      return this.#keep(address, { ...kept, at })
    }
    if (answer.status !== 200) {
      answer.discard()
      throw pageStatusFailure(answer.status, answer.url)
    }
    const text = await readText(answer, LARGEST)
    const etag = answer.header('etag')
    try {
      assertHtml(text, answer)
      const { MOST_LISTED, readProjectHtml } = await import('#python/html-page-reader')
      const { files } = await inTurns(readProjectHtml(text, answer.url, MOST_LISTED))
      const folders = await inTurns(readFolders(text, answer.url))
      assertForPrograms(text, files.length === 0 && folders.size === 0)
      return this.#keep(address, { files: await inTurns(byProject(files)), folders, etag, at })
    } catch (error) {
      if (!(error instanceof UnreadablePage)) throw error
      const message = `cannot read ${shownUrl(answer.url)}: ${error.reason}`
      throw new UpstreamFailure(message, { cause: error })
    }
  }

  #keep(address: UpstreamAddress, listing: Listing): Listing {
    this.#kept.set(keyOf(address), listing)
    return listing
  }
}

/** What somebody else may see with a token is not for who has none. */
const keyOf = ({ url, authorization, connection }: UpstreamAddress): string =>
  sha256(JSON.stringify([url, authorization, connection]))

/** A file name that does not tell its project is nobody's. */
function* byProject(
  files: readonly PageFile[],
): Steps<ReadonlyMap<ProjectName, readonly PageFile[]>> {
  const found = new Map<ProjectName, PageFile[]>()
  for (const file of files) {
    const name = parseFilename(file.filename)?.name
    if (name === undefined) continue
    const own = found.get(name)
    if (own) own.push(file)
    else found.set(name, [file])
    yield
  }
  return found
}
