/** A blob store in a folder of its own, which goes away with it. */
import { Readable } from 'node:stream'
import type { BlobStore, Sha256 } from '#blobs/blob-store'
import { openFilesystemBlobs } from '../../src/blobs/backends/filesystem.ts'
import { makeTempFolder } from './temp.ts'

export interface TestBlobs extends AsyncDisposable {
  readonly store: BlobStore
  keep(bytes: Uint8Array): Promise<Sha256>
}

export async function makeBlobs(): Promise<TestBlobs> {
  const folder = await makeTempFolder('blobs')
  const store = await openFilesystemBlobs(folder.path)
  return {
    store,
    async keep(bytes) {
      await using staged = await store.stage(Readable.from([bytes]))
      await staged.keep()
      return staged.digest
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      await folder.remove()
    },
  }
}
