/** Removes the blobs that nothing names. */
import type { BlobStore, Sha256 } from './blob-store.ts'

export interface SweepOptions {
  /** The grace period: what was kept later than this before `now` may still be about to get its key. */
  readonly olderThanMs: number
  readonly now: number
}

export interface Swept {
  readonly removed: number
  /** Of all that were removed. */
  readonly bytes: number
}

/** Safe beside running uploads, as long as each commits its key within the grace period. */
export async function sweep(
  store: BlobStore,
  isNamed: (digest: Sha256) => boolean | Promise<boolean>,
  { olderThanMs, now }: SweepOptions,
): Promise<Swept> {
  const keptBefore = now - olderThanMs
  let removed = 0
  let bytes = 0
  for await (const digest of store.list()) {
    const blob = await store.stat(digest)
    if (!blob || blob.keptAt >= keptBefore) continue
    // The age is checked again after the name: an upload keeps its blob first, then commits its key.
    if (await isNamed(digest)) continue
    if (!(await store.remove(digest, { keptBefore }))) continue
    removed++
    bytes += blob.size
  }
  return { removed, bytes }
}
