/** The blob store of a replica: what is not here yet comes from the primary while it is being stored. */
import type { BlobStore, ByteRange, OpenBlob, Sha256 } from '#blobs/blob-store'
import { StoredBlobs } from '#blobs/stored-blobs'
import type { Readable } from 'node:stream'
import { refuse } from '#base/refusal'
import { LostBlob, readComing, type BlobFetcher } from './blob-fetcher.ts'

interface ReplicaBlobsNeeds {
  /** Since when the primary is known to be away, if it is. */
  awaySince(): number | undefined
  /** It would be good if it were there: somebody waits for a blob. */
  onMissed(): void
}

/**
 * While the primary is known to be away, `open` and `localPath` refuse what is not here with `blob-away`: whoever asks
 * shall not wait for it.
 */
export class ReplicaBlobs extends StoredBlobs {
  readonly #fetcher: BlobFetcher
  readonly #needs: ReplicaBlobsNeeds

  constructor(local: BlobStore, fetcher: BlobFetcher, needs: ReplicaBlobsNeeds) {
    super(local)
    this.#fetcher = fetcher
    this.#needs = needs
  }

  override async open(digest: Sha256, range?: ByteRange): Promise<OpenBlob | undefined> {
    const local = await this.local.open(digest, range)
    if (local) return local
    this.#assertThere()
    try {
      const coming = await this.#fetcher.begin(digest)
      const stored = async (): Promise<Readable | undefined> =>
        (await this.local.open(digest, range))?.stream
      const stream = await readComing(coming, stored, range)
      return stream && { size: coming.size ?? 0, stream }
    } catch (error) {
      if (error instanceof LostBlob) return undefined
      throw error
    }
  }

  override async size(digest: Sha256): Promise<number | undefined> {
    return (await this.local.size(digest)) ?? this.#sizeThere(digest)
  }

  override async localPath(digest: Sha256): Promise<string | undefined> {
    const path = await this.local.localPath(digest)
    if (path !== undefined) return path
    this.#assertThere()
    try {
      await this.#fetcher.keep(digest)
    } catch (error) {
      if (error instanceof LostBlob) return undefined
      throw error
    }
    return this.local.localPath(digest)
  }

  /** Undefined too where the primary cannot be asked: to whoever asks, what cannot be had is not there. */
  async #sizeThere(digest: Sha256): Promise<number | undefined> {
    if (this.#needs.awaySince() !== undefined) return undefined
    return this.#fetcher.findSize(digest).catch(() => undefined)
  }

  #assertThere(): void {
    const since = this.#needs.awaySince()
    if (since === undefined) return
    this.#needs.onMissed()
    throw refuse('blob-away', { since: new Date(since).toISOString() })
  }
}
