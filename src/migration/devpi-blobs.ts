/** The blob store of a server that follows a devpi-server: what is not here yet is fetched when it is asked for. */
import type { Readable } from 'node:stream'
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
import type { DevpiFiles } from './devpi-files.ts'

export class DevpiBlobs implements BlobStore {
  readonly #local: BlobStore
  readonly #files: DevpiFiles

  constructor(local: BlobStore, files: DevpiFiles) {
    this.#local = local
    this.#files = files
  }

  async open(digest: Sha256, range?: ByteRange): Promise<OpenBlob | undefined> {
    return (await this.#local.open(digest, range)) ?? this.#files.open(digest, range)
  }

  async size(digest: Sha256): Promise<number | undefined> {
    return (await this.#local.size(digest)) ?? this.#files.findSize(digest)
  }

  /** Of what is stored here. */
  stat(digest: Sha256): Promise<BlobStat | undefined> {
    return this.#local.stat(digest)
  }

  async localPath(digest: Sha256): Promise<string | undefined> {
    const local = await this.#local.localPath(digest)
    if (local !== undefined || !(await this.#files.keep(digest))) return local
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
}
