/** The blob store of a server that follows a devpi-server: what is not here yet is fetched when it is asked for. */
import type { BlobStore, ByteRange, OpenBlob, Sha256 } from '#blobs/blob-store'
import { StoredBlobs } from '#blobs/stored-blobs'
import type { DevpiFiles } from './devpi-files.ts'

export class DevpiBlobs extends StoredBlobs {
  readonly #files: DevpiFiles

  constructor(local: BlobStore, files: DevpiFiles) {
    super(local)
    this.#files = files
  }

  override async open(digest: Sha256, range?: ByteRange): Promise<OpenBlob | undefined> {
    return (await this.local.open(digest, range)) ?? this.#files.open(digest, range)
  }

  override async size(digest: Sha256): Promise<number | undefined> {
    return (await this.local.size(digest)) ?? this.#files.findSize(digest)
  }

  override async localPath(digest: Sha256): Promise<string | undefined> {
    const local = await this.local.localPath(digest)
    if (local !== undefined || !(await this.#files.keep(digest))) return local
    return this.local.localPath(digest)
  }
}
