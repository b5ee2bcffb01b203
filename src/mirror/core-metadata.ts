/** The `.metadata` files of mirrored wheels: upstream's where it has them, else read from the wheel, by its end if that will do. */
import type { Crew } from '#base/crew'
import { isSha256, sha256, type Sha256 } from '#base/digest'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import { ArchiveProblem } from '#python/archive-problem'
import type { ProjectName } from '#python/name'
import { readWheelMetadata } from '#python/wheel-archive'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Background } from './background.ts'
import type { Downloads, Kept, Wanted } from './download.ts'
import { learn, type Learned } from './learn.ts'
import type { Made, MadeMetadata } from './made-metadata.ts'
import { MetadataBlobs } from './metadata-blobs.ts'
import { tellFailure, throwTold } from './outcome.ts'
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
  readonly crew: Crew
}

const LARGEST = 16 * 1024 * 1024
const LONGEST_FETCH_MS = 60_000

export class CoreMetadata {
  readonly #needs: MetadataNeeds
  readonly #parts: WheelParts
  readonly #flights = new SingleFlight<string, Buffer | undefined>()
  readonly #kept: MetadataBlobs
  /** What was answered, and is being written down: by mirror and project. */
  readonly #unlearned = new Map<string, Promise<unknown>>()

  constructor(needs: MetadataNeeds) {
    this.#needs = needs
    this.#kept = new MetadataBlobs(needs.blobs)
    this.#parts = new WheelParts({ ...needs, kept: this.#kept })
  }

  /** What the entry promises is answered, or upstream has failed. Undefined where neither it nor the wheel has any. */
  async open(wanted: Wanted): Promise<Buffer | undefined> {
    const { index, project, filename, entry } = wanted
    const kept = await this.#findKept(entry.metadata)
    if (kept) return kept
    const key = `${index}/${project}/${filename}`
    return this.#flights.run(key, () => this.#needs.background.add(this.#makeInTurn(wanted)))
  }

  /** Whether something that was answered of a project is not in its entries yet. */
  isLearning(index: IndexName, project: ProjectName): boolean {
    return this.#unlearned.has(`${index}/${project}`)
  }

  /** Resolves once it is, or could not be stored. */
  async settled(index: IndexName, project: ProjectName): Promise<void> {
    await this.#unlearned.get(`${index}/${project}`)
  }

  /** By a few small requests, once nobody waits for any. Undefined where that is not possible. */
  async makeAhead(wanted: Wanted): Promise<Learned | undefined> {
    const { downloads } = this.#needs
    if (!this.#parts.mayHaveParts(wanted)) return undefined
    await this.#flights.settled()
    if (await downloads.isHere(wanted)) return undefined
    const found = await this.#parts.make(wanted)
    if (found.kind === 'whole') found.answer?.discard()
    const isKept = found.kind === 'made' && (await this.#isKept(found.made))
    return isKept ? found.made : undefined
  }

  /** What a wheel that is here says of itself, its metadata kept as a blob; nothing of what has none. */
  async learnFrom(wanted: Wanted, { digest, told }: Kept): Promise<Learned> {
    const { filename, index, entry } = wanted
    if (!filename.endsWith('.whl')) return {}
    // The whole wheel holds the very parts that told its metadata: it tells the same.
    if (told?.metadata && (await this.#isKept(told))) {
      return { metadata: told.metadata, requiresPython: told.requiresPython }
    }
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

  /** By one of all processes: the others find what it has made, and what its entry has learned. */
  async #makeInTurn(wanted: Wanted): Promise<Buffer | undefined> {
    const { index, project, filename } = wanted
    const { crew, ledger } = this.#needs
    if (crew.number === undefined) return this.#make(wanted)
    const turn = await crew.enter(`metadata ${index}/${project}/${filename}`)
    if (turn.kind === 'heard') throwTold(turn.outcome)
    let end: () => unknown = () => turn.kind === 'own' && turn.end({})
    try {
      const entry = await ledger.read((tx) => tx.get(keys.file(index, project, filename)))
      const now = entry ? { ...wanted, entry } : wanted
      return (await this.#findKept(now.entry.metadata)) ?? (await this.#make(now))
    } catch (error) {
      end = () => turn.kind === 'own' && turn.end(tellFailure(error))
      throw error
    } finally {
      // Whoever waited does not wait until it is written down; others would make it once more.
      void this.settled(index, project).finally(end)
    }
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
    const bytes = made.metadata ? await this.#kept.find(made.metadata) : undefined
    this.#learnBehind(wanted, made)
    return bytes ?? this.#assertUnpromised(wanted)
  }

  /** Whoever asks for it does not wait until it is written down: from parts it can be made again. */
  #learnBehind(wanted: Wanted, made: Made): void {
    const key = `${wanted.index}/${wanted.project}`
    const learning = this.#needs.background.add(
      Promise.all([this.#unlearned.get(key), this.#learnMade(wanted, made)]),
    )
    this.#unlearned.set(key, learning)
    void learning.then(() => {
      if (this.#unlearned.get(key) === learning) this.#unlearned.delete(key)
    })
  }

  /** Never fails: what could not be stored is made again when it is asked for. */
  async #learnMade(wanted: Wanted, made: Made): Promise<void> {
    const { ledger, log } = this.#needs
    const { index, filename } = wanted
    try {
      if (await this.#isKept(made)) await learn(ledger, wanted, made)
    } catch (error) {
      log.error({ index, filename, error }, 'what parts of a wheel tell could not be stored')
    }
  }

  async #isKept({ metadata }: Made): Promise<boolean> {
    return metadata === false || (await this.#kept.keep(metadata))
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
    return this.#kept.find(metadata)
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
    const digest = this.#kept.hold(bytes)
    await this.#kept.keep(digest)
    return digest
  }
}

const isString = (value: unknown): value is string => typeof value === 'string'
