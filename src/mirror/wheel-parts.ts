/** The core metadata of wheels that are not here, made from parts of them: once for all mirrors. */
import type { Log } from '#base/log'
import type { Ledger } from '#ledger/ledger'
import { ArchiveProblem } from '#python/archive-problem'
import { metadataField, parseMetadata } from '#python/metadata'
import { normalizeName } from '#python/name'
import { readWheelEnd } from '#python/wheel-end'
import type { UpstreamAddress } from './address.ts'
import type { Background } from './background.ts'
import type { Wanted } from './download.ts'
import { FarWheels, NoParts, type FarWheel } from './far-wheel.ts'
import { madeKey, type Made, type MadeMetadata } from './made-metadata.ts'
import type { MetadataBlobs } from './metadata-blobs.ts'
import { witnessed } from './parts-proof.ts'
import { findAddress } from './situation.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'

export interface WheelPartsNeeds {
  readonly ledger: Ledger
  readonly upstream: Upstream
  readonly background: Background
  readonly made: MadeMetadata
  readonly kept: MetadataBlobs
  readonly log: Log
}

/** `whole`: only the whole file can tell. It may be on its way already. */
export type Found =
  | { readonly kind: 'made'; readonly made: Made }
  | { readonly kind: 'whole'; readonly answer?: UpstreamAnswer | undefined }

/** For all requests together. */
const LONGEST_MS = 30_000
/** An answer that turns out to be the whole file may go on for longer. */
const LONGEST_WHOLE_MS = 6 * 3_600_000
const LONGEST_SPECIFIER = 500

export class WheelParts {
  readonly #needs: WheelPartsNeeds
  readonly #far: FarWheels
  readonly #flights = new Map<string, Promise<Found>>()

  constructor(needs: WheelPartsNeeds) {
    this.#needs = needs
    this.#far = new FarWheels(needs.upstream)
  }

  /** Whether parts can be had of it, as far as is known. */
  mayHaveParts({ entry }: Wanted): boolean {
    return !this.#far.sendsWhole(entry.upstream?.url ?? '')
  }

  async findMade(wanted: Wanted): Promise<Made | undefined> {
    return this.#needs.made.find(madeKey(wanted, await this.#address(wanted)))
  }

  async remember(wanted: Wanted, made: Made): Promise<void> {
    this.#needs.made.save(madeKey(wanted, await this.#address(wanted)), made)
  }

  /** The metadata is held, or a blob. Throws `UpstreamFailure` where upstream fails. */
  async make(wanted: Wanted): Promise<Found> {
    const { kept, made } = this.#needs
    const address = await this.#address(wanted)
    const key = madeKey(wanted, address)
    // Whoever comes meanwhile finds what was made; the answer that brings a whole file is the first one's.
    await this.#flights.get(key)?.catch(() => undefined)
    const known = made.find(key)
    const isHere = known?.metadata && (await kept.has(known.metadata))
    if (known && (known.metadata === false || isHere)) return { kind: 'made', made: known }

    const flight = this.#ask(wanted, address)
    this.#flights.set(key, flight)
    try {
      const found = await flight
      if (found.kind === 'made') made.save(key, found.made)
      return found
    } finally {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
  }

  async #ask(wanted: Wanted, address: UpstreamAddress | undefined): Promise<Found> {
    const { entry } = wanted
    const url = entry.upstream?.url ?? ''
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), LONGEST_MS)
    const signal = AbortSignal.any([this.#needs.background.signal(LONGEST_WHOLE_MS), late.signal])
    try {
      const opened = await this.#far.open({ url, address, size: entry.size, signal })
      if (opened.kind === 'whole') return { kind: 'whole', answer: opened.answer }
      return await this.#read(wanted, opened.file)
    } catch (error) {
      if (!(error instanceof NoParts)) throw error
      this.#far.distrust(url)
      this.#tell(wanted, error.message)
      return { kind: 'whole' }
    } finally {
      clearTimeout(timer)
    }
  }

  async #read(wanted: Wanted, file: FarWheel): Promise<Found> {
    const { size, uploadedAt } = file
    try {
      const witness = witnessed(file)
      const { bytes } = await readWheelEnd(witness.file, wanted.filename)
      if (!isMetadataOf(bytes, wanted.project)) {
        throw new ArchiveProblem('missing', 'its metadata is of another project')
      }
      const metadata = this.#needs.kept.hold(bytes)
      const [requiresPython, proof] = [requiredPython(bytes), witness.prove()]
      return { kind: 'made', made: { metadata, size, uploadedAt, requiresPython, proof } }
    } catch (error) {
      if (!(error instanceof ArchiveProblem)) throw error
      this.#tell(wanted, error.reason)
      if (error.kind === 'unreadable') return { kind: 'whole' }
      return { kind: 'made', made: { metadata: false, size, uploadedAt } }
    }
  }

  #tell({ index, filename }: Wanted, reason: string): void {
    const message = 'the metadata of a wheel could not be read from parts of it'
    this.#needs.log.warn({ index, filename, reason }, message)
  }

  #address({ index }: Wanted): Promise<UpstreamAddress | undefined> {
    return this.#needs.ledger.read((tx) => findAddress(tx, index))
  }
}

/** An error page with status 200 is none. */
export function isMetadataOf(bytes: Buffer, project: string): boolean {
  const name = metadataField(parseMetadata(bytes), 'name')
  return name !== undefined && normalizeName(name) === project
}

export function requiredPython(bytes: Buffer): string | undefined {
  const text = metadataField(parseMetadata(bytes), 'requires_python')?.trim()
  const isPlain = text && text.length <= LONGEST_SPECIFIER && !/\p{Cc}/u.test(text)
  return isPlain ? text : undefined
}
