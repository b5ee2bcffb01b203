/** A store in front of another one: whatever a subclass does not do otherwise is done there. */
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
} from './blob-store.ts'

export class StoredBlobs implements BlobStore {
  /** What is stored on this machine. */
  protected readonly local: BlobStore

  constructor(local: BlobStore) {
    this.local = local
  }

  async open(digest: Sha256, range?: ByteRange): Promise<OpenBlob | undefined> {
    return this.local.open(digest, range)
  }

  async size(digest: Sha256): Promise<number | undefined> {
    return this.local.size(digest)
  }

  /** Of what is stored here. */
  stat(digest: Sha256): Promise<BlobStat | undefined> {
    return this.local.stat(digest)
  }

  async localPath(digest: Sha256): Promise<string | undefined> {
    return this.local.localPath(digest)
  }

  pathOf(digest: Sha256): string | undefined {
    return this.local.pathOf(digest)
  }

  stage(source: Readable | AsyncIterable<Uint8Array>, options?: StageOptions): Promise<StagedBlob> {
    return this.local.stage(source, options)
  }

  newStagingPath(): string {
    return this.local.newStagingPath()
  }

  adopt(
    path: string,
    found: { readonly digest: Sha256; readonly size: number },
  ): Promise<StagedBlob> {
    return this.local.adopt(path, found)
  }

  remove(digest: Sha256, options?: RemoveOptions): Promise<boolean> {
    return this.local.remove(digest, options)
  }

  list(): AsyncIterable<Sha256> {
    return this.local.list()
  }

  clearStaging(olderThanMs: number): Promise<number> {
    return this.local.clearStaging(olderThanMs)
  }

  close(): Promise<void> {
    return this.local.close()
  }
}
