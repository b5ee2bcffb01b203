/** The contract of a blob store: bytes under their SHA-256. */
import type { Readable } from 'node:stream'
import type { Sha256 } from '#base/digest'

export type { Sha256 }

export interface ByteRange {
  /** First byte, from 0. */
  readonly start: number
  /** Last byte, inclusive. */
  readonly end: number
}

/**
 * Bytes received into a temporary place, hashed, not yet part of the store. Whoever holds one must
 * `keep` or `discard` it.
 */
export interface StagedBlob extends AsyncDisposable {
  readonly digest: Sha256
  /** Bytes. */
  readonly size: number
  /** A local file that holds the bytes until `keep` or `discard`. */
  readonly path: string
  /** Makes the bytes durable under their digest: after it resolves they survive a power loss. */
  keep(): Promise<void>
  /** Removes them. Does nothing after `keep`. */
  discard(): Promise<void>
}

export interface StageOptions {
  /** Refuses with `TooLarge` as soon as more bytes than this have come. */
  readonly limit?: number
  /** Called with each chunk before it is written, for further hashes. */
  readonly tap?: (chunk: Uint8Array) => void
}

export interface BlobStore {
  /**
   * Streams into a temporary file while hashing; an error or abort of the source leaves nothing. The
   * source is read to its end or destroyed, and must not write again into a chunk it has given.
   */
  stage(source: Readable | AsyncIterable<Uint8Array>, options?: StageOptions): Promise<StagedBlob>
  /** A path for a new file of the caller's, on a local disk, that is to be given to `adopt` or removed. */
  newStagingPath(): string
  /** Takes over such a file, which the caller has written, closed or not, and hashed. */
  adopt(
    path: string,
    found: { readonly digest: Sha256; readonly size: number },
  ): Promise<StagedBlob>
  /** The size in bytes, or undefined if it is not here. */
  size(digest: Sha256): Promise<number | undefined>
  /** Its size, and when it was last kept; undefined if it is not here. */
  stat(digest: Sha256): Promise<BlobStat | undefined>
  /** The bytes, or a range of them; undefined if it is not here. The stream's user must end or destroy it. */
  open(digest: Sha256, range?: ByteRange): Promise<OpenBlob | undefined>
  /** A local file that holds the bytes, where the backend has one (for archive readers and `sendfile`). */
  localPath(digest: Sha256): Promise<string | undefined>
  /** Where the file of such a blob lies, whether it is here or not; undefined where the backend has no files. */
  pathOf(digest: Sha256): string | undefined
  /** Returns whether it did. With `keptBefore` it leaves a blob that was kept (again) later. */
  remove(digest: Sha256, options?: RemoveOptions): Promise<boolean>
  /** Nothing may be asked of it any more. */
  close(): Promise<void>
  /** All digests, in order. */
  list(): AsyncIterable<Sha256>
  /** Removes temporary files left behind by a process that died. Returns how many. */
  clearStaging(olderThanMs: number): Promise<number>
}

export interface BlobStat {
  /** Bytes. */
  readonly size: number
  readonly keptAt: number
}

export interface RemoveOptions {
  /** An instant. */
  readonly keptBefore?: number
}

export interface OpenBlob {
  /** The size of the whole blob, whatever the range. */
  readonly size: number
  readonly stream: Readable
}

/** More bytes than the limit. */
export class TooLarge extends Error {
  readonly limit: number

  constructor(limit: number) {
    super(`more than ${limit} bytes`)
    this.name = 'TooLarge'
    this.limit = limit
  }
}
