/** The pages of documentation, read out of the zip in the blob store: nothing is unpacked. */
import { pipeline, Transform, type Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import { refuse } from '#base/refusal'
import { SingleFlight } from '#base/single-flight'
import type { BlobStore, ByteRange, Sha256 } from '#blobs/blob-store'
import { ArchiveProblem } from '#python/archive-problem'
import { openPage, readPages, type Page, type Pages } from '#python/docs-zip'
import { openBlob, openBlobAccess } from './blob-access.ts'

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
    const file = await openBlobAccess(this.#blobs, digest)
    const opened = openPage(file, page, (packed) => openBlob(this.#blobs, digest, packed))
    const whole = await opened.catch((error: Error) => {
      throw refusalOf(error, page)
    })
    const part = takePart(page, range)
    pipeline(whole, part, ignore)
    return part
  }

  async #read(digest: Sha256): Promise<Pages> {
    const pages = await readPages(await openBlobAccess(this.#blobs, digest)).catch(
      (error: unknown) => {
        if (error instanceof ArchiveProblem) return new Map<string, Page>()
        throw error
      },
    )
    this.#kept.set(digest, pages)
    return pages
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

function ignore(): void {}
