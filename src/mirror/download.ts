/**
 * Files of upstreams: here already, on their way, or to be fetched. One fetch per file, however many wait;
 * all of them read the same growing file, from its start or from anywhere.
 */
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Crew, Turn } from '#base/crew'
import { StorageFailure, UpstreamFailure } from '#base/failure'
import type { FollowedFile } from '#base/followed-file'
import { GrowingFile } from '#base/growing-file'
import type { Log } from '#base/log'
import { flightCounts } from '#base/single-flight'
import type { BlobStore, ByteRange, Sha256 } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import type { FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { shownUrl } from './address.ts'
import type { Background } from './background.ts'
import { FileCheck } from './file-check.ts'
import { lastModifiedOf } from './last-modified.ts'
import { madeKey, type Made, type MadeMetadata } from './made-metadata.ts'
import { PartsCheck } from './parts-proof.ts'
import { DownloadNews, joinDownload, type Arrived, type Joined } from './shared-download.ts'
import { findAddress } from './situation.ts'
import type { ThroughPrimary } from './through-primary.ts'
import { failureOf, statusFailure } from './upstream-failure.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'

export interface MirroredFile {
  /** Undefined where neither the page nor the answer told it. */
  readonly size: number | undefined
  readonly digest: Sha256 | undefined
  /** In the store: what is not may still turn out to be wrong. */
  readonly isHere: boolean
  /** The stream's user must end or destroy it. It breaks off before its last byte if the file is bad. */
  open(range?: ByteRange): Promise<Readable>
}

/** Which file is wanted, and for whom. */
export interface Wanted {
  readonly index: IndexName
  readonly project: ProjectName
  readonly filename: string
  readonly entry: FileEntry
}

export interface DownloadNeeds {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly upstream: Upstream
  readonly through: ThroughPrimary | undefined
  /** For files alone, where `through` fails: what is known of them can be checked here. */
  readonly direct: Upstream | undefined
  readonly background: Background
  readonly made: MadeMetadata
  readonly log: Log
  readonly crew: Crew
  /** Called for each mirror that wanted what came in, before anyone there who waits for its blob goes on. */
  readonly onKept: (wanted: Wanted, kept: Kept) => Promise<void>
}

export interface Kept {
  readonly digest: Sha256
  readonly size: number
  /** When it came to be upstream, where the answer that brought it says so. */
  readonly uploadedAt?: string | undefined
  /** What parts of it told before it came in, where these very parts are in it. */
  readonly told?: Made | undefined
}

/** A file that is here, or that upstream has begun to send. */
interface Source {
  readonly file: MirroredFile
  /** Resolves once the blob is in the store. */
  readonly kept: Promise<Kept>
  /** The download is another file's, of the same digest. */
  readonly isShared?: boolean
}

/** A file on its way from upstream into the store. */
interface Receiving {
  readonly growing: GrowingFile
  readonly size: number | undefined
  readonly news: DownloadNews | undefined
}

/** However slowly it comes: an upstream that is silent is noticed much earlier. */
const LONGEST_DOWNLOAD_MS = 6 * 3_600_000

export class Downloads {
  readonly #needs: DownloadNeeds
  /** From the first one who wants a file until it is kept or has failed. */
  readonly #running = new Map<string, Promise<Source>>()
  /** Those of them that fetch: mirrors that list the same digest share one. */
  readonly #byDigest = new Map<Sha256, Promise<Source>>()

  constructor(needs: DownloadNeeds) {
    this.#needs = needs
  }

  /** As soon as upstream has begun to answer. */
  async open(wanted: Wanted): Promise<MirroredFile> {
    return (await this.#source(wanted)).file
  }

  /** Once it is whole, checked and stored. `begun`: an answer that is it. */
  async keep(wanted: Wanted, begun?: UpstreamAnswer): Promise<Kept> {
    const { kept, isShared } = await this.#source(wanted, begun)
    if (!isShared) return kept
    return kept.catch(async (error: unknown) => {
      if (!(error instanceof UpstreamFailure)) throw error
      return (await (this.#running.get(nameOf(wanted)) ?? this.#begin(wanted))).kept
    })
  }

  /** Whether its bytes are in the store, or on their way. */
  async isHere(wanted: Wanted): Promise<boolean> {
    return this.#running.has(nameOf(wanted)) || (await this.#find(wanted)) !== undefined
  }

  /** The names of a project's files that are on their way. */
  listRunning(index: IndexName, project: ProjectName): string[] {
    const start = `${index}/${project}/`
    return [...this.#running.keys()]
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length, name.lastIndexOf(' ')))
  }

  /** The digest of a file that is in the store. */
  async findStored(wanted: Wanted): Promise<Sha256 | undefined> {
    return (await this.#find(wanted))?.file.digest
  }

  #source(wanted: Wanted, begun?: UpstreamAnswer): Promise<Source> {
    const { digest } = wanted.entry
    const running = this.#running.get(nameOf(wanted))
    const other = digest && this.#byDigest.get(digest)
    if (!running && !other) return this.#begin(wanted, begun)
    begun?.discard()
    flightCounts.waits++
    if (running) return running
    const source = this.#share(wanted, other!)
    track(this.#running, nameOf(wanted), source)
    return source
  }

  #begin(wanted: Wanted, begun?: UpstreamAnswer): Promise<Source> {
    const { digest } = wanted.entry
    const source = begun ? this.#fetch(wanted, begun) : this.#findOrFetch(wanted)
    if (digest !== undefined) track(this.#byDigest, digest, source)
    track(this.#running, nameOf(wanted), source)
    return source
  }

  /** Another upstream's failure says nothing of this one, which is asked then. */
  async #share(wanted: Wanted, other: Promise<Source>): Promise<Source> {
    try {
      const { file, kept } = await other
      return { file, kept: this.#needs.background.add(this.#learn(wanted, kept)), isShared: true }
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error
      return this.#findOrFetch(wanted)
    }
  }

  async #learn(wanted: Wanted, keeping: Promise<Kept>): Promise<Kept> {
    const kept = await keeping
    await this.#needs.onKept(wanted, kept)
    return kept
  }

  async #findOrFetch(wanted: Wanted): Promise<Source> {
    const found = await this.#find(wanted)
    if (!found) return this.#fetch(wanted)
    // It came for another index, or before its entry was made anew: this one has not heard what it tells.
    const isUnheard = wanted.entry.size === undefined
    if (isUnheard) void this.#needs.background.add(this.#learn(wanted, found.kept))
    return found
  }

  /** It may have been here for long, or have come in while somebody looked at its entry. */
  async #find({ index, project, filename, entry }: Wanted): Promise<Source | undefined> {
    const { blobs, ledger } = this.#needs
    const digest =
      entry.digest ??
      (await ledger.read((tx) => tx.get(keys.file(index, project, filename))))?.digest
    if (digest === undefined) return undefined
    const size = await blobs.size(digest)
    if (size === undefined) return undefined
    const open = (range?: ByteRange): Promise<Readable> => openBlob(blobs, digest, range)
    return { file: { size, digest, isHere: true, open }, kept: Promise.resolve({ digest, size }) }
  }

  /** Of all processes of the server one fetches, and the others read along. */
  async #fetch(wanted: Wanted, begun?: UpstreamAnswer): Promise<Source> {
    const { crew } = this.#needs
    if (crew.number === undefined) return this.#fetchHere(wanted, begun)
    let joined: Joined
    try {
      joined = await joinDownload(
        (onNews) => crew.enter(`file ${wanted.entry.digest ?? nameOf(wanted)}`, onNews),
        (turn, along) => this.#takeOver(wanted, turn, along),
      )
    } catch (error) {
      begun?.discard()
      throw error
    }
    if (joined.kind === 'own') return this.#fetchInTurn(wanted, joined.turn, begun)
    begun?.discard()
    const { blobs, background } = this.#needs
    if (joined.kind === 'arrived') {
      const { digest, size } = joined.arrived
      const open = (range?: ByteRange): Promise<Readable> => openBlob(blobs, digest, range)
      const kept = this.#keptElsewhere(wanted, joined.name, Promise.resolve(joined.arrived))
      return { file: { size, digest, isHere: true, open }, kept: background.add(kept) }
    }
    const { file } = joined
    const kept = background.add(this.#keptElsewhere(wanted, file.name, file.kept))
    const { digest } = wanted.entry
    return { file: this.#growingFile(file, { size: file.size, digest, kept: file.kept }), kept }
  }

  /** Another mirror's download says nothing to this one by itself. */
  async #keptElsewhere(
    wanted: Wanted,
    name: string | undefined,
    keeping: Promise<Arrived>,
  ): Promise<Kept> {
    return name === nameOf(wanted) ? keeping : this.#learn(wanted, keeping)
  }

  async #fetchInTurn(wanted: Wanted, turn: Turn, begun?: UpstreamAnswer): Promise<Source> {
    const news = new DownloadNews(turn)
    try {
      const found = begun ? undefined : await this.#find(wanted) // perhaps it has just come in
      if (!found) return await this.#fetchHere(wanted, begun, news)
      news.kept(await found.kept)
      return found
    } catch (error) {
      news.failed(error)
      throw error
    }
  }

  /** The process that fetched it has ended: those who read along here have the rest from a new download of the same bytes. */
  async #takeOver(wanted: Wanted, turn: Turn, along: FollowedFile): Promise<Arrived> {
    const news = new DownloadNews(turn, along)
    try {
      const found = await this.#find(wanted)
      if (found) {
        const kept = await found.kept
        news.kept(kept)
        return kept
      }
      if (wanted.entry.digest === undefined) {
        throw new UpstreamFailure(`${wanted.filename} was broken off, and nobody knows its hash`)
      }
      return await (
        await this.#fetchHere(wanted, undefined, news)
      ).kept
    } catch (error) {
      news.failed(error)
      throw error
    }
  }

  async #fetchHere(wanted: Wanted, begun?: UpstreamAnswer, news?: DownloadNews): Promise<Source> {
    const answer = begun ?? (await this.#ask(wanted))
    try {
      const size = sizeOf(answer, wanted.entry)
      const growing = await GrowingFile.create(this.#needs.blobs.newStagingPath(), {
        holdLast: true,
        ...(size !== undefined && { expectedSize: size }),
      })
      await news?.begin({ path: growing.path, size, length: 0, name: nameOf(wanted) })
      const kept = this.#needs.background.add(
        this.#receive(wanted, answer, { growing, size, news }),
      )
      return { file: this.#growingFile(growing, { size, digest: wanted.entry.digest, kept }), kept }
    } catch (error) {
      answer.discard()
      throw error
    }
  }

  async #ask(wanted: Wanted): Promise<UpstreamAnswer> {
    const { upstream, through, direct, background } = this.#needs
    if (!through) return this.#askUpstream(wanted, upstream)
    const answer = through.askFile(wanted, background.signal(LONGEST_DOWNLOAD_MS))
    return answer.catch((error: unknown) => {
      if (!direct || !(error instanceof UpstreamFailure)) throw error
      return this.#askUpstream(wanted, direct)
    })
  }

  async #askUpstream(wanted: Wanted, upstream: Upstream): Promise<UpstreamAnswer> {
    const { ledger, background } = this.#needs
    const { index, filename, entry } = wanted
    const url = entry.upstream?.url
    if (url === undefined) throw new UpstreamFailure(`${filename} has no address upstream`)
    return upstream.ask({
      url,
      address: await ledger.read((tx) => findAddress(tx, index)),
      headers: { accept: '*/*', 'accept-encoding': 'identity' },
      signal: background.signal(LONGEST_DOWNLOAD_MS),
    })
  }

  #growingFile(
    growing: { read(range?: ByteRange): Readable; close(): unknown },
    { size, digest, kept }: Omit<MirroredFile, 'open' | 'isHere'> & { kept: Promise<Arrived> },
  ): MirroredFile {
    const { blobs } = this.#needs
    let isRunning = true
    const stop = (): void => {
      isRunning = false
      void growing.close()
    }
    kept.then(stop, stop) // a failure is logged, and the growing file tells its readers
    const open = async (range?: ByteRange): Promise<Readable> =>
      isRunning ? growing.read(range) : openBlob(blobs, (await kept).digest, range)
    return { size, digest, isHere: false, open }
  }

  /** The bytes into the growing file, and the file, if it is the right one, into the store. */
  async #receive(
    wanted: Wanted,
    answer: UpstreamAnswer,
    { growing, size, news }: Receiving,
  ): Promise<Kept> {
    const { blobs, onKept, log } = this.#needs
    const { index, filename, entry } = wanted
    try {
      const check = new FileCheck({ hashes: entry.hashes, size })
      const parts = await this.#checkOfParts(wanted)
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        check.update(chunk)
        parts?.check.update(chunk)
        await growing.append(chunk)
        news?.grew(growing.size)
      }
      const uploadedAt = lastModifiedOf(answer)
      const told = parts?.check.holds() ? parts.made : undefined
      const kept = {
        ...check.finish(),
        ...(uploadedAt !== undefined && { uploadedAt }),
        ...(told && { told }),
      }
      growing.finish()
      const staged = await blobs.adopt(growing.path, kept)
      await staged.keep()
      await onKept(wanted, kept)
      news?.kept(kept)
      return kept
    } catch (error) {
      const failure = failureOf(error, answer.url)
      await rm(growing.path, { force: true })
      news?.failed(failure)
      // Last: whoever hears of it and asks again at once must not join this download.
      growing.fail(failure)
      const reason = failure.message
      log.warn({ index, filename, url: shownUrl(answer.url), reason }, 'a download failed')
      throw failure
    } finally {
      answer.body.destroy()
    }
  }

  async #checkOfParts(wanted: Wanted): Promise<{ made: Made; check: PartsCheck } | undefined> {
    const { ledger, made } = this.#needs
    const address = await ledger.read((tx) => findAddress(tx, wanted.index))
    const found = made.find(madeKey(wanted, address))
    return found?.proof && { made: found, check: new PartsCheck(found.proof) }
  }
}

/** Upstream may have put another file at the same name. */
const nameOf = ({ index, project, filename, entry }: Wanted): string =>
  `${index}/${project}/${filename} ${entry.digest ?? ''}`

/** Keeps a source for those who come meanwhile, until it is kept or has failed. */
function track(sources: Map<string, Promise<Source>>, key: string, source: Promise<Source>): void {
  sources.set(key, source)
  const remove = (): void => {
    if (sources.get(key) === source) sources.delete(key)
  }
  source.then(({ kept }) => kept.then(remove, remove), remove)
}

/** As announced, which must be what the page lists. Throws for an answer that is not the file. */
function sizeOf(answer: UpstreamAnswer, { size: listed }: FileEntry): number | undefined {
  const announced = /^\d+$/.exec(answer.header('content-length') ?? '')?.[0]
  const size = announced === undefined ? listed : Number(announced)
  if (answer.status === 200 && size === (listed ?? size)) return size
  if (answer.status !== 200) throw statusFailure(answer.status, answer.url)
  throw new UpstreamFailure(
    `${shownUrl(answer.url)} is ${size} bytes long, but its page says ${listed}`,
  )
}

async function openBlob(blobs: BlobStore, digest: Sha256, range?: ByteRange): Promise<Readable> {
  const blob = await blobs.open(digest, range)
  if (!blob) throw new StorageFailure(`the blob ${digest} is gone`)
  return blob.stream
}
