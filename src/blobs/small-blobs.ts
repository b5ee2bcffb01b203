/**
 * Small blobs in memory, for who serves files: what is asked for over and over is neither opened nor read again. Content
 * is kept under its own SHA-256 only, so what is here is right whatever becomes of the disk; whether somebody may have it
 * is for the caller to know, before the digest is.
 */
import type { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import { sha256 } from '#base/digest'
import { isRecycling } from '#base/pieces'
import { waitFor } from '#base/waits'
import type { BlobStore, ByteRange, Sha256 } from './blob-store.ts'

/** Bytes. What is larger is sent faster than it would be kept. */
const LARGEST = 64 * 1024
/** What an entry takes beside its bytes. */
const OVERHEAD = 256

export interface WantedBlob {
  readonly digest: Sha256
  /** Of all of it, in bytes. */
  readonly size: number
  /** Within the size. */
  readonly range?: ByteRange | undefined
}

export class SmallBlobs {
  readonly #blobs: BlobStore
  readonly #kept: LRUCache<Sha256, Uint8Array>
  /** How often something was here, and was small and was not. */
  readonly counts = { hits: 0, misses: 0 }

  constructor(blobs: BlobStore, maxBytes: number) {
    this.#blobs = blobs
    this.#kept = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (bytes) => bytes.byteLength + OVERHEAD,
    })
  }

  /** Bytes of all that is kept, as the limit counts them. */
  get size(): number {
    return this.#kept.calculatedSize
  }

  /** Of what is in memory alone. */
  find(digest: Sha256): Uint8Array | undefined {
    const bytes = this.#kept.get(digest)
    if (bytes) this.counts.hits++
    return bytes
  }

  /** Keeps what has this digest; anything else is left alone. It must not be written to afterwards. */
  keep(digest: Sha256, bytes: Uint8Array): void {
    if (bytes.byteLength <= LARGEST && sha256(bytes) === digest) this.#kept.set(digest, bytes)
  }

  /**
   * The bytes, or a range of them: at once where they are in memory. Undefined if the blob is not in the store. A
   * stream's user must end or destroy it.
   */
  open(wanted: WantedBlob): Uint8Array | Promise<Uint8Array | Readable | undefined> {
    const bytes = this.find(wanted.digest)
    return bytes ? partOf(bytes, wanted.range) : waitFor('disk', this.#openStored(wanted))
  }

  async #openStored({
    digest,
    size,
    range,
  }: WantedBlob): Promise<Uint8Array | Readable | undefined> {
    if (size <= LARGEST) {
      this.counts.misses++
      const bytes = await this.#load(digest, size)
      if (bytes) return partOf(bytes, range)
    }
    return (await this.#blobs.open(digest, range))?.stream
  }

  /** Undefined too for what is damaged: that is sent, or not, as whatever is not kept here. */
  async #load(digest: Sha256, size: number): Promise<Uint8Array | undefined> {
    const opened = await this.#blobs.open(digest)
    if (opened?.size !== size) {
      opened?.stream.destroy()
      return undefined
    }
    // Memory of its own: in a shared piece each small blob would hold on to all of it.
    const bytes = Buffer.allocUnsafeSlow(size)
    let at = 0
    const { stream } = opened
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes.set(chunk.subarray(0, size - at), at)
      at += chunk.byteLength
      if (isRecycling(stream)) stream.recycle(chunk)
    }
    if (at !== size || sha256(bytes) !== digest) return undefined
    this.#kept.set(digest, bytes)
    return bytes
  }
}

const partOf = (bytes: Uint8Array, range: ByteRange | undefined): Uint8Array =>
  range ? bytes.subarray(range.start, range.end + 1) : bytes
