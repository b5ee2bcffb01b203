/** The `.metadata` files of mirrored wheels: upstream's where it has them, else read from the wheel. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { isSha256, sha256, type Sha256 } from '#base/digest'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import { ArchiveProblem } from '#python/archive-problem'
import { metadataField, parseMetadata } from '#python/metadata'
import { normalizeName } from '#python/name'
import { readWheelMetadata } from '#python/wheel-archive'
import type { Background } from './background.ts'
import type { Downloads, Kept, Wanted } from './download.ts'
import { learn } from './learn.ts'
import { findAddress } from './situation.ts'
import { acceptedEncodings, readBytes } from './upstream-body.ts'
import type { Upstream } from './upstream.ts'

export interface MetadataNeeds {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly upstream: Upstream
  readonly downloads: Downloads
  readonly background: Background
  readonly log: Log
}

const LARGEST = 16 * 1024 * 1024
const LONGEST_FETCH_MS = 60_000

export class CoreMetadata {
  readonly #needs: MetadataNeeds
  readonly #flights = new SingleFlight<string, Buffer | undefined>()

  constructor(needs: MetadataNeeds) {
    this.#needs = needs
  }

  /** What the entry promises is answered, or upstream has failed. Undefined where neither it nor the wheel has any. */
  async open(wanted: Wanted): Promise<Buffer | undefined> {
    const { index, project, filename, entry } = wanted
    const kept = await this.#findKept(entry.metadata)
    if (kept) return kept
    const key = `${index}/${project}/${filename}`
    return this.#flights.run(key, () => this.#needs.background.add(this.#make(wanted)))
  }

  /** The digest of a wheel's own metadata, which is kept as a blob; undefined for what has none. */
  async keepOf(filename: string, { digest }: Kept): Promise<Sha256 | undefined> {
    const bytes = await this.#readWheel(filename, digest)
    return bytes && this.#keep(bytes)
  }

  async #make(wanted: Wanted): Promise<Buffer | undefined> {
    const bytes =
      (await this.#findInWheel(wanted)) ??
      (await this.#fetch(wanted)) ??
      (await this.#takeFromWheel(wanted))
    if (!bytes) return undefined
    const metadata = await this.#keep(bytes)
    await learn(this.#needs.ledger, wanted, { metadata })
    return bytes
  }

  /** Undefined where the wheel is not here, or holds something else than what is announced. */
  async #findInWheel(wanted: Wanted): Promise<Buffer | undefined> {
    const { filename, entry } = wanted
    const digest = await this.#needs.downloads.findStored(wanted)
    const bytes = digest && (await this.#readWheel(filename, digest))
    const isHashed = entry.metadata !== undefined && entry.metadata !== true
    const isRight = bytes && (!isHashed || sha256(bytes) === entry.metadata)
    return isRight ? bytes : undefined
  }

  /** Undefined where upstream has none, or none that is right. */
  async #fetch({ index, project, filename, entry }: Wanted): Promise<Buffer | undefined> {
    const { ledger, upstream, background, log } = this.#needs
    const url = entry.metadata === undefined ? undefined : URL.parse(entry.upstream?.url ?? '')
    if (!url) return undefined
    url.pathname += '.metadata'
    const answer = await upstream.ask({
      url: url.href,
      address: await ledger.read((tx) => findAddress(tx, index)),
      headers: { accept: '*/*', 'accept-encoding': acceptedEncodings },
      signal: background.signal(LONGEST_FETCH_MS),
    })
    if (answer.status !== 200) {
      answer.discard()
      return undefined
    }
    const bytes = await readBytes(answer, LARGEST)
    const isRight =
      entry.metadata === true ? isMetadataOf(bytes, project) : sha256(bytes) === entry.metadata
    if (isRight) return bytes
    log.warn({ index, filename }, 'the metadata that upstream serves is not that of the file')
    return undefined
  }

  async #takeFromWheel(wanted: Wanted): Promise<Buffer | undefined> {
    const { filename, entry } = wanted
    const { digest } = await this.#needs.downloads.keep(wanted)
    const bytes = await this.#readWheel(filename, digest)
    if (!bytes && entry.metadata === undefined) return undefined
    if (!bytes) {
      throw new UpstreamFailure(`${filename} has no core metadata, though upstream says so`)
    }
    if (typeof entry.metadata === 'string' && sha256(bytes) !== entry.metadata) {
      throw new UpstreamFailure(`the core metadata of ${filename} is not what upstream lists`)
    }
    return bytes
  }

  async #readWheel(filename: string, digest: Sha256): Promise<Buffer | undefined> {
    const path = filename.endsWith('.whl') && (await this.#needs.blobs.localPath(digest))
    if (!path) return undefined
    try {
      return (await readWheelMetadata(path, filename)).bytes
    } catch (error) {
      if (error instanceof ArchiveProblem) return undefined
      throw error
    }
  }

  async #findKept(metadata: Wanted['entry']['metadata']): Promise<Buffer | undefined> {
    if (typeof metadata !== 'string' || !isSha256(metadata)) return undefined
    const blob = await this.#needs.blobs.open(metadata)
    return blob && buffer(blob.stream)
  }

  async #keep(bytes: Buffer): Promise<Sha256> {
    await using staged = await this.#needs.blobs.stage(Readable.from([bytes]))
    await staged.keep()
    return staged.digest
  }
}

/** An error page with status 200 is none. */
function isMetadataOf(bytes: Buffer, project: string): boolean {
  const name = metadataField(parseMetadata(bytes), 'name')
  return name !== undefined && normalizeName(name) === project
}
