/** The blob store of a replica: what is not here yet comes from the primary while it is being stored. */
import type {
  BlobStat,
  BlobStore,
  ByteRange,
  OpenBlob,
  RemoveOptions,
  Sha256,
  StagedBlob,
  StageOptions,
} from '#blobs/blob-store'
import type { Readable } from 'node:stream'
import { LostBlob, readComing, type BlobFetcher } from './blob-fetcher.ts'

export class ReplicaBlobs implements BlobStore {
  readonly #local: BlobStore
  readonly #fetcher: BlobFetcher
  readonly #isAway: () => boolean

  /** `isAway`: the primary is known to be so. */
  constructor(local: BlobStore, fetcher: BlobFetcher, isAway: () => boolean) {
    this.#local = local
    this.#fetcher = fetcher
    this.#isAway = isAway
  }

  async open(digest: Sha256, range?: ByteRange): Promise<OpenBlob | undefined> {
    const local = await this.#local.open(digest, range)
    if (local) return local
    try {
      const coming = await this.#fetcher.begin(digest)
      const stored = async (): Promise<Readable | undefined> =>
        (await this.#local.open(digest, range))?.stream
      const stream = await readComing(coming, stored, range)
      return stream && { size: coming.size ?? 0, stream }
    } catch (error) {
      if (error instanceof LostBlob) return undefined
      throw error
    }
  }

  async size(digest: Sha256): Promise<number | undefined> {
    return (await this.#local.size(digest)) ?? this.#sizeThere(digest)
  }

  /** Of what is stored here. */
  stat(digest: Sha256): Promise<BlobStat | undefined> {
    return this.#local.stat(digest)
  }

  async localPath(digest: Sha256): Promise<string | undefined> {
    const path = await this.#local.localPath(digest)
    if (path !== undefined) return path
    try {
      await this.#fetcher.keep(digest)
    } catch (error) {
      if (error instanceof LostBlob) return undefined
      throw error
    }
    return this.#local.localPath(digest)
  }

  stage(source: Readable | AsyncIterable<Uint8Array>, options?: StageOptions): Promise<StagedBlob> {
    return this.#local.stage(source, options)
  }

  newStagingPath(): string {
    return this.#local.newStagingPath()
  }

  adopt(
    path: string,
    found: { readonly digest: Sha256; readonly size: number },
  ): Promise<StagedBlob> {
    return this.#local.adopt(path, found)
  }

  remove(digest: Sha256, options?: RemoveOptions): Promise<boolean> {
    return this.#local.remove(digest, options)
  }

  list(): AsyncIterable<Sha256> {
    return this.#local.list()
  }

  clearStaging(olderThanMs: number): Promise<number> {
    return this.#local.clearStaging(olderThanMs)
  }

  close(): Promise<void> {
    return this.#local.close()
  }

  /** Undefined too where the primary cannot be asked: to whoever asks, what cannot be had is not there. */
  async #sizeThere(digest: Sha256): Promise<number | undefined> {
    if (this.#isAway()) return undefined
    return this.#fetcher.findSize(digest).catch(() => undefined)
  }
}
