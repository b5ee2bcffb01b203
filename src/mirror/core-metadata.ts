/** The `.metadata` files of mirrored wheels: upstream's where it has them, else read from the wheel, by its end if that will do. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { LRUCache } from 'lru-cache'
import { isSha256, sha256, type Sha256 } from '#base/digest'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import { ArchiveProblem } from '#python/archive-problem'
import { readWheelMetadata } from '#python/wheel-archive'
import { keys } from '#registry/keys'
import type { Background } from './background.ts'
import type { Downloads, Kept, Wanted } from './download.ts'
import { learn, type Learned } from './learn.ts'
import type { MadeMetadata } from './made-metadata.ts'
import { findAddress } from './situation.ts'
import { acceptedEncodings, readBytes } from './upstream-body.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'
import type { ThroughPrimary } from './through-primary.ts'
import { isMetadataOf, requiredPython, WheelParts } from './wheel-parts.ts'

export interface MetadataNeeds {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly upstream: Upstream
  readonly through: ThroughPrimary | undefined
  readonly downloads: Downloads
  readonly background: Background
  readonly made: MadeMetadata
  readonly log: Log
}

const LARGEST = 16 * 1024 * 1024
/** Kept in memory. */
const RECENT_BYTES = 8 * 1024 * 1024
const LONGEST_FETCH_MS = 60_000

export class CoreMetadata {
  readonly #needs: MetadataNeeds
  readonly #parts: WheelParts
  readonly #flights = new SingleFlight<string, Buffer | undefined>()
  /** By its own digest: a resolver asks for the same again and again. */
  readonly #recent = new LRUCache<Sha256, Buffer>({
    maxSize: RECENT_BYTES,
    sizeCalculation: (bytes) => bytes.length + 1,
  })

  constructor(needs: MetadataNeeds) {
    this.#needs = needs
    this.#parts = new WheelParts(needs)
  }

  /** What the entry promises is answered, or upstream has failed. Undefined where neither it nor the wheel has any. */
  async open(wanted: Wanted): Promise<Buffer | undefined> {
    const { index, project, filename, entry } = wanted
    const kept = await this.#findKept(entry.metadata)
    if (kept) return kept
    const key = `${index}/${project}/${filename}`
    return this.#flights.run(key, () => this.#needs.background.add(this.#make(wanted)))
  }

  /** By a few small requests, once nobody waits for any. Undefined where that is not possible. */
  async makeAhead(wanted: Wanted): Promise<Learned | undefined> {
    const { downloads } = this.#needs
    if (!this.#parts.mayHaveParts(wanted)) return undefined
    await this.#flights.settled()
    if (await downloads.isHere(wanted)) return undefined
    const found = await this.#parts.make(wanted)
    if (found.kind === 'made') return found.made
    found.answer?.discard()
    return undefined
  }

  /** What a wheel that is here says of itself, its metadata kept as a blob; nothing of what has none. */
  async learnFrom(wanted: Wanted, { digest }: Kept): Promise<Learned> {
    const { filename, index, entry } = wanted
    if (!filename.endsWith('.whl')) return {}
    const bytes = await this.#readWheel(filename, digest)
    const made = await this.#parts.findMade(wanted)
    const metadata = bytes ? await this.#keepOnce(wanted, bytes) : false
    const instead = made?.metadata || undefined
    if (made && made.metadata !== metadata) {
      this.#needs.log.warn({ index, filename }, 'a wheel says otherwise than its parts did')
      await this.#parts.remember(wanted, { ...made, metadata })
    }
    const requiresPython = bytes && entry.requiresPython === undefined && requiredPython(bytes)
    return { metadata, instead, ...(requiresPython && { requiresPython }) }
  }

  async #make(wanted: Wanted): Promise<Buffer | undefined> {
    if (this.#needs.through) return this.#askPrimary(wanted, this.#needs.through)
    const inWheel = await this.#findInWheel(wanted)
    if (inWheel) return this.#learned(wanted, inWheel)
    if (wanted.entry.metadata === false) return undefined
    const fetched = await this.#fetch(wanted)
    return fetched ? this.#learned(wanted, fetched) : this.#makeFrom(wanted)
  }

  /** With the primary away, what lies in a wheel that is here will do. */
  async #askPrimary(wanted: Wanted, through: ThroughPrimary): Promise<Buffer | undefined> {
    const signal = this.#needs.background.signal(LONGEST_FETCH_MS)
    try {
      const bytes = await through.findMetadata(wanted, signal)
      if (bytes) await this.#keep(bytes)
      return bytes
    } catch (error) {
      const bytes = await this.#findInWheel(wanted)
      if (bytes) return bytes
      throw error
    }
  }

  async #learned(wanted: Wanted, bytes: Buffer): Promise<Buffer> {
    await learn(this.#needs.ledger, wanted, { metadata: await this.#keep(bytes) })
    return bytes
  }

  /** From parts of the wheel, or all of it. */
  async #makeFrom(wanted: Wanted): Promise<Buffer | undefined> {
    const { entry } = wanted
    const found = await this.#parts.make(wanted)
    if (found.kind === 'whole') return this.#takeFromWheel(wanted, found.answer)
    const { made } = found
    const isPromised = isString(entry.metadata) && made.metadata !== entry.metadata
    if (isPromised) return this.#takeFromWheel(wanted)
    await learn(this.#needs.ledger, wanted, made)
    if (made.metadata) return this.#findKept(made.metadata)
    return this.#assertUnpromised(wanted)
  }

  #assertUnpromised({ filename, entry }: Wanted): undefined {
    if (!entry.metadata) return undefined
    throw new UpstreamFailure(`${filename} has no core metadata, though upstream says so`)
  }

  /** Undefined where the wheel is not here, or holds something else than what is announced. */
  async #findInWheel(wanted: Wanted): Promise<Buffer | undefined> {
    const { filename, entry } = wanted
    const digest = await this.#needs.downloads.findStored(wanted)
    const bytes = digest && (await this.#readWheel(filename, digest))
    const isRight = bytes && (!isString(entry.metadata) || sha256(bytes) === entry.metadata)
    return isRight ? bytes : undefined
  }

  /** Undefined where upstream has none, or none that is right. */
  async #fetch({ index, project, filename, entry }: Wanted): Promise<Buffer | undefined> {
    const { ledger, upstream, background, log } = this.#needs
    const url = entry.metadata ? URL.parse(entry.upstream?.url ?? '') : undefined
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

  async #takeFromWheel(wanted: Wanted, begun?: UpstreamAnswer): Promise<Buffer | undefined> {
    const { filename, entry } = wanted
    const { digest } = await this.#needs.downloads.keep(wanted, begun)
    const bytes = await this.#readWheel(filename, digest)
    if (!bytes) return this.#assertUnpromised(wanted)
    if (isString(entry.metadata) && sha256(bytes) !== entry.metadata) {
      throw new UpstreamFailure(`the core metadata of ${filename} is not what upstream lists`)
    }
    return this.#learned(wanted, bytes)
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
    const recent = this.#recent.get(metadata)
    if (recent) return recent
    const blob = await this.#needs.blobs.open(metadata)
    const bytes = blob && (await buffer(blob.stream))
    if (bytes) this.#recent.set(metadata, bytes)
    return bytes
  }

  /** What the entry names is here, and no sweep takes it. */
  async #keepOnce({ index, project, filename }: Wanted, bytes: Buffer): Promise<Sha256> {
    const { ledger, blobs } = this.#needs
    const digest = sha256(bytes)
    const known = await ledger.read((tx) => tx.get(keys.file(index, project, filename)))
    const isHere = known?.metadata === digest && (await blobs.size(digest)) !== undefined
    return isHere ? digest : this.#keep(bytes)
  }

  async #keep(bytes: Buffer): Promise<Sha256> {
    await using staged = await this.#needs.blobs.stage(Readable.from([bytes]))
    await staged.keep()
    this.#recent.set(staged.digest, bytes)
    return staged.digest
  }
}

const isString = (value: unknown): value is string => typeof value === 'string'
