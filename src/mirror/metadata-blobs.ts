/** Core metadata as blobs: what was asked for lately, or is not stored yet, is in memory. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { LRUCache } from 'lru-cache'
import { sha256, type Sha256 } from '#base/digest'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore } from '#blobs/blob-store'

/** A resolver asks for the same again and again. */
const RECENT_BYTES = 8 * 1024 * 1024

export class MetadataBlobs {
  readonly #blobs: BlobStore
  readonly #flights = new SingleFlight<Sha256, boolean>()
  readonly #recent = new LRUCache<Sha256, Buffer>({
    maxSize: RECENT_BYTES,
    sizeCalculation: (bytes) => bytes.length + 1,
  })
  readonly #unkept = new Map<Sha256, Buffer>()

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  async find(digest: Sha256): Promise<Buffer | undefined> {
    const here = this.#unkept.get(digest) ?? this.#recent.get(digest)
    if (here) return here
    const blob = await this.#blobs.open(digest)
    const bytes = blob && (await buffer(blob.stream))
    if (bytes) this.#recent.set(digest, bytes)
    return bytes
  }

  /** Takes it into memory, where it stays until somebody calls `keep`. */
  hold(bytes: Buffer): Sha256 {
    const digest = sha256(bytes)
    this.#recent.set(digest, bytes)
    this.#unkept.set(digest, bytes)
    return digest
  }

  /** Whether it is in memory, or a blob. */
  async has(digest: Sha256): Promise<boolean> {
    return this.#unkept.has(digest) || (await this.#blobs.size(digest)) !== undefined
  }

  /** Stores what is held. Resolves once it is a blob, to false where it is neither held nor one. */
  keep(digest: Sha256): Promise<boolean> {
    return this.#flights.run(digest, async () => {
      const bytes = this.#unkept.get(digest)
      if (!bytes) return (await this.#blobs.size(digest)) !== undefined
      try {
        await using staged = await this.#blobs.stage(Readable.from([bytes]))
        await staged.keep()
      } finally {
        this.#unkept.delete(digest)
      }
      return true
    })
  }
}
