/** Puts back what journals hold and a power loss took. */
import { readdir, stat, unlink } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#base/clock'
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

/** A process that lives lets go of a journal within a minute or two. */
const FORGOTTEN_MS = 10 * 60_000

/** Begins the names of the journals that this process writes. */
const own = new Set<string>()

/** Begins the names of a new store's journals: those of no other, here or on another machine, begin so. */
export function ownJournals(random: string): string {
  const prefix = `${process.pid}.${random}`
  own.add(prefix)
  return prefix
}

/**
 * Journals of processes that are alive are left alone: the machine has not gone down since, and what is missing was removed. One of
 * which that is not known is read; what is whole stays as it is. Ten minutes later it is nobody's any more, and is removed.
 */
export async function recoverJournals(recovery: Recovery): Promise<void> {
  for (const name of await readdir(recovery.folder)) {
    try {
      await recover(recovery, name)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error // its process has settled it meanwhile
    }
  }
}

async function recover(recovery: Recovery, name: string): Promise<void> {
  const path = join(recovery.folder, name)
  const { mtimeMs } = await stat(path)
  const now = systemClock.now()
  const isForgotten = mtimeMs < now - FORGOTTEN_MS
  // Before the machine was started another process may have had this number.
  const isOfToday = mtimeMs > now - uptime() * 1000
  if (!isForgotten && isOfToday && isAlive(name)) return

  const digests: Sha256[] = []
  for await (const { digest, bytes } of readRecords(path)) {
    digests.push(digest)
    if (!(await recovery.isWhole(digest))) await recovery.restore(digest, bytes)
  }
  if (!isForgotten) return
  await recovery.syncBlobs(digests)
  await unlink(path)
}

/** Whether a process of this machine that writes the journal is there. */
function isAlive(name: string): boolean {
  const [pid = '', random = ''] = name.split(/[.-]/, 2)
  if (Number(pid) === process.pid) return own.has(name.slice(0, name.lastIndexOf('-')))
  try {
    return random !== '' && process.kill(Number(pid), 0)
  } catch (error) {
    return errorCode(error) === 'EPERM' // it is another user's
  }
}
