/** The pages of documentation, read out of the zip in the blob store: nothing is unpacked. */
import { buffer } from 'node:stream/consumers'
import { pipeline, Transform, type Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import { refuse } from '#base/refusal'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore, ByteRange, Sha256 } from '#blobs/blob-store'
import { ArchiveProblem } from '#python/archive-problem'
import type { RandomAccess } from '#python/archive-source'
import { openPage, readPages, type Page, type Pages } from '#python/docs-zip'

export type { Page, Pages }

/** Bytes of memory for directories of zips, about: a page asks for fifty files of the same zip. */
const KEPT_BYTES = 32 * 1024 * 1024
/** What a member costs besides its name. */
const MEMBER_BYTES = 200

export class DocsPages {
  readonly #blobs: BlobStore
  readonly #kept = new LRUCache<Sha256, Pages>({ maxSize: KEPT_BYTES, sizeCalculation: weigh })
  readonly #reading = new SingleFlight<Sha256, Pages>()

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** None, where the zip can't be read: whatever was uploaded as documentation is kept. */
  async list(digest: Sha256): Promise<Pages> {
    return this.#kept.get(digest) ?? this.#reading.run(digest, () => this.#read(digest))
  }

  /** A page, or a part of it. This, or the stream, refuses where the bytes are not what the zip says of them. */
  async open(digest: Sha256, page: Page, range?: ByteRange): Promise<Readable> {
    const file = await this.#access(digest)
    const opened = openPage(file, page, (packed) => this.#openRange(digest, packed))
    const whole = await opened.catch((error: Error) => {
      throw refusalOf(error, page)
    })
    const part = takePart(page, range)
    pipeline(whole, part, ignore)
    return part
  }

  async #read(digest: Sha256): Promise<Pages> {
    const pages = await readPages(await this.#access(digest)).catch((error: unknown) => {
      if (error instanceof ArchiveProblem) return new Map<string, Page>()
      throw error
    })
    this.#kept.set(digest, pages)
    return pages
  }

  async #access(digest: Sha256): Promise<RandomAccess> {
    const size = await this.#blobs.size(digest)
    if (size === undefined) throw lost(digest)
    const bytesAt = async (position: number, length: number): Promise<Buffer> => {
      const end = Math.min(position + length, size) - 1
      if (end < position) return Buffer.alloc(0)
      return buffer(await this.#openRange(digest, { start: position, end }))
    }
    return { size, bytesAt, [Symbol.asyncDispose]: async () => {} }
  }

  async #openRange(digest: Sha256, range: ByteRange): Promise<Readable> {
    const blob = await this.#blobs.open(digest, range)
    if (!blob) throw lost(digest)
    return blob.stream
  }
}

/** What is deflated has to be inflated from its start. */
function takePart(page: Page, { start, end }: ByteRange = { start: 0, end: page.size - 1 }) {
  let at = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(Math.max(start - at, 0), Math.max(end + 1 - at, 0))
      at += chunk.length
      done(null, part)
    },
    destroy(error, done) {
      done(error && refusalOf(error, page))
    },
  })
}

/** The zip is somebody's upload: what is wrong in it is no failure of the server. */
function refusalOf(error: Error, { path }: Page): Error {
  return error instanceof ArchiveProblem ? refuse('docs-file-damaged', { path }) : error
}

function weigh(pages: Pages): number {
  let size = 1
  for (const path of pages.keys()) size += path.length + MEMBER_BYTES
  return size
}

const lost = (digest: Sha256) => new Error(`the documentation ${digest} is lost`)

function ignore(): void {}
