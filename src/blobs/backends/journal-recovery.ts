/** Puts back what journals hold and a power loss took. */
import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '#base/disk-failure'
import type { Sha256 } from '../blob-store.ts'
import { readRecords } from './journal-records.ts'

export interface Recovery {
  /** The journals'. */
  readonly folder: string
  /** Whether the whole blob is where it belongs. */
  isWhole(digest: Sha256): Promise<boolean>
  /** Writes it there, durably. */
  restore(digest: Sha256, bytes: Uint8Array): Promise<void>
  syncBlobs(digests: Iterable<Sha256>): Promise<void>
}

/**
 * Other processes may be at work: their journals are read like those of the dead, and what is whole is left alone. A journal that
 * was last written to before `diedBefore` (an instant) is nobody's any more, and is removed. Returns how many blobs were put back.
 */
export async function recoverJournals(recovery: Recovery, diedBefore: number): Promise<number> {
  let restored = 0
  for (const name of await readdir(recovery.folder)) {
    try {
      restored += await recover(recovery, join(recovery.folder, name), diedBefore)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error // its process has settled it meanwhile
    }
  }
  return restored
}

async function recover(recovery: Recovery, path: string, diedBefore: number): Promise<number> {
  const digests: Sha256[] = []
  let restored = 0
  for await (const { digest, bytes } of readRecords(path)) {
    digests.push(digest)
    if (await recovery.isWhole(digest)) continue
    await recovery.restore(digest, bytes)
    restored++
  }
  if ((await stat(path)).mtimeMs < diedBefore) {
    await recovery.syncBlobs(digests)
    await unlink(path)
  }
  return restored
}
