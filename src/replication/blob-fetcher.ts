/**
 * Blobs from the primary into the store: one fetch for each, however many want it, checked before it is kept. A large
 * one is read by all of them while it grows.
 */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { sha256 } from '#base/digest'
import { UpstreamFailure } from '#base/failure'
import { GrowingFile } from '#base/growing-file'
import { networkReason } from '#base/network-failure'
import type { BlobStore, ByteRange, Sha256, StagedBlob } from '#blobs/blob-store'
import type { Primary, PrimaryBlob } from './primary.ts'

/** Bytes. Below it nobody gains by reading along. */
const SMALL = 512 * 1024

/** However slowly it comes: a primary that is silent is noticed much earlier. */
const LONGEST_MS = 6 * 3_600_000

/** A blob that is on its way. */
export interface ComingBlob {
  /** Undefined where the primary did not announce it. */
  readonly size: number | undefined
  /** Resolves once it is in the store. */
  readonly kept: Promise<void>
  /** Undefined for a small one. */
  readonly growing: GrowingFile | undefined
  /** Of a small one, once they have been found to be right: before they are durable. */
  readonly bytes: Promise<Buffer> | undefined
}

/** What the primary sent was not the blob. */
export class BrokenBlob extends UpstreamFailure {
  constructor(digest: Sha256, how: string) {
    super(`the primary sent another blob than ${digest}: ${how}`)
    this.name = 'BrokenBlob'
  }
}

/** The primary does not have it either. */
export class LostBlob extends UpstreamFailure {
  constructor(digest: Sha256) {
    super(`the primary has no blob ${digest}`, { status: 404 })
    this.name = 'LostBlob'
  }
}

type Come = ComingBlob | undefined

export class BlobFetcher {
  readonly #primary: Primary
  readonly #blobs: BlobStore
  readonly #coming = new Map<Sha256, Promise<ComingBlob>>()
  /** Those that are asked for together, until it is known which of them come so. */
  readonly #together = new Map<Sha256, Promise<Come>>()
  readonly #closing = new AbortController()

  /** `blobs`: the store of this machine. */
  constructor(primary: Primary, blobs: BlobStore) {
    this.#primary = primary
    this.#blobs = blobs
  }

  /** As soon as the primary has begun to answer. Throws `LostBlob`, or `UpstreamFailure` when it is away. */
  begin(digest: Sha256): Promise<ComingBlob> {
    const coming = this.#coming.get(digest)
    if (coming) return coming
    const begun = this.#beginAlone(digest)
    this.#coming.set(digest, begun)
    const remove = (): void => void this.#coming.delete(digest)
    begun.then(({ kept }) => kept.then(remove, remove), remove)
    return begun
  }

  /** Sees to it that it is here. */
  async keep(digest: Sha256): Promise<void> {
    await (
      await this.begin(digest)
    ).kept
  }

  /**
   * Sees to it that those of them are here that the primary sends together, as small ones; returns which. What came
   * broken is not among them, and nothing is when the primary is away.
   */
  async keepTogether(digests: readonly Sha256[]): Promise<ReadonlySet<Sha256>> {
    const asked = digests.filter((digest) => !this.#coming.has(digest))
    const come = new Map(asked.map((digest) => [digest, Promise.withResolvers<Come>()]))
    for (const [digest, { promise }] of come) this.#together.set(digest, promise)
    const keeping: Promise<Sha256>[] = []
    try {
      const sent = this.#primary.openSmallBlobs(asked, this.#signal())
      for await (const { digest, bytes } of sent) {
        const coming = this.#takeWhole(digest, bytes)
        come.get(digest)?.resolve(coming)
        if (coming) keeping.push(coming.kept.then(() => digest))
      }
    } catch {
      // Each of those that did not come is asked for by itself, and that says what is the matter.
    }
    for (const { resolve } of come.values()) resolve(undefined)
    const kept = await Promise.allSettled(keeping)
    for (const digest of asked) this.#together.delete(digest)
    return new Set(kept.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
  }

  /** Undefined where the primary has none, or does not say. */
  async findSize(digest: Sha256): Promise<number | undefined> {
    const coming = await this.#coming.get(digest)
    return coming?.size ?? (await this.#primary.sizeOfBlob(digest, this.#signal()))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const begun = await Promise.allSettled(this.#coming.values())
    const kept = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value.kept] : []))
    await Promise.allSettled(kept)
  }

  /** Unless it comes together with others. */
  async #beginAlone(digest: Sha256): Promise<ComingBlob> {
    return (await this.#together.get(digest)) ?? this.#begin(digest)
  }

  async #begin(digest: Sha256): Promise<ComingBlob> {
    const answer = await this.#primary.openBlob(digest, this.#signal())
    if (!answer) throw new LostBlob(digest)
    const { size } = answer
    if (size !== undefined && size <= SMALL) {
      const received = this.#receiveSmall(digest, answer)
      const bytes = received.then((small) => small.bytes)
      bytes.catch(() => {}) // whoever waits for it is told
      return { size, growing: undefined, bytes, kept: received.then(({ staged }) => staged.keep()) }
    }
    const growing = await this.#grow(answer)
    return { size, growing, bytes: undefined, kept: this.#receive(digest, answer, growing) }
  }

  /** Undefined for what is another blob. */
  #takeWhole(digest: Sha256, bytes: Buffer): ComingBlob | undefined {
    if (sha256(bytes) !== digest) return undefined
    const kept = this.#blobs.stage(Readable.from([bytes])).then((staged) => staged.keep())
    kept.catch(() => {}) // whoever waits for it is told
    return { size: bytes.length, growing: undefined, bytes: Promise.resolve(bytes), kept }
  }

  async #grow({ size, body }: PrimaryBlob): Promise<GrowingFile> {
    try {
      return await GrowingFile.create(this.#blobs.newStagingPath(), {
        holdLast: true,
        ...(size !== undefined && { expectedSize: size }),
      })
    } catch (error) {
      body.destroy()
      throw error
    }
  }

  async #receiveSmall(
    digest: Sha256,
    { size, body }: PrimaryBlob,
  ): Promise<{ staged: StagedBlob; bytes: Buffer }> {
    const pieces: Uint8Array[] = []
    const tap = (piece: Uint8Array): void => void pieces.push(piece)
    const staged = await this.#blobs.stage(body, { tap }).catch((error: unknown) => {
      throw body.errored ? failureOf(error) : error
    })
    if (staged.digest === digest) return { staged, bytes: Buffer.concat(pieces) }
    await staged.discard()
    throw new BrokenBlob(digest, `its ${staged.size} of ${size} bytes are of ${staged.digest}`)
  }

  async #receive(digest: Sha256, { body }: PrimaryBlob, growing: GrowingFile): Promise<void> {
    try {
      const hash = createHash('sha256')
      for await (const chunk of body as AsyncIterable<Buffer>) {
        hash.update(chunk)
        await growing.append(chunk)
      }
      const found = hash.digest('hex')
      if (found !== digest) throw new BrokenBlob(digest, `its digest is ${found}`)
      growing.finish()
      const staged = await this.#blobs.adopt(growing.path, { digest, size: growing.size })
      await staged.keep()
    } catch (cause) {
      const error = body.errored ? failureOf(cause) : (cause as Error)
      await rm(growing.path, { force: true })
      growing.fail(error as Error)
      throw error
    } finally {
      body.destroy()
      void growing.close()
    }
  }

  #signal(): AbortSignal {
    return AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LONGEST_MS)])
  }
}

const failureOf = (cause: unknown): UpstreamFailure =>
  new UpstreamFailure(`the primary broke off a blob: ${networkReason(cause)}`, { cause })

/** The bytes of one that is on its way. Its user must end or destroy the stream. */
export async function readComing(
  { growing, bytes, kept }: ComingBlob,
  stored: () => Promise<Readable | undefined>,
  range?: ByteRange,
): Promise<Readable | undefined> {
  if (bytes) {
    const { start = 0, end = Infinity } = range ?? {}
    return Readable.from([(await bytes).subarray(start, end + 1)])
  }
  try {
    if (growing) return growing.read(range)
  } catch {
    // It has come to its end meanwhile.
  }
  await kept
  return stored()
}
