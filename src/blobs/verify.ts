/** Reads blobs again and compares them with their digests. */
import { sha256OfStream } from '#base/digest'
import { errorCode } from '#base/disk-failure'
import type { BlobStore, Sha256 } from './blob-store.ts'

export interface BlobProblem {
  readonly digest: Sha256
  readonly problem: 'missing' | 'damaged'
}

/** Yields only what is wrong. One blob is read at a time. */
export async function* verify(
  store: BlobStore,
  digests: AsyncIterable<Sha256> | Iterable<Sha256>,
): AsyncIterable<BlobProblem> {
  for await (const digest of digests) {
    const problem = await findProblem(store, digest)
    if (problem) yield { digest, problem }
  }
}

async function findProblem(
  store: BlobStore,
  digest: Sha256,
): Promise<BlobProblem['problem'] | undefined> {
  const blob = await store.open(digest)
  if (!blob) return 'missing'
  try {
    const read = await sha256OfStream(blob.stream)
    return read.digest === digest ? undefined : 'damaged'
  } catch (error) {
    // The disk itself has found that it cannot give these bytes back.
    if (errorCode(error) === 'EIO') return 'damaged'
    throw error
  }
}
