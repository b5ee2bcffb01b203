/**
 * A lock between processes, held on a file. It is SQLite's: the kernel lets go of it when its holder dies,
 * so there is no stale lock to recognise.
 */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'

const ASK_AGAIN_MS = 200

/** Runs `work` while no other process runs work under the same lock file. `onWait` is called once if it must wait. */
export async function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait?: () => void,
): Promise<T> {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    for (let waits = 0; !tryToLock(lock); waits++) {
      if (waits === 0) onWait?.()
      await wait(ASK_AGAIN_MS)
    }
    return await work()
  } finally {
    lock.close()
  }
}

function tryToLock(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && /database is locked/.test(error.message)) return false
    throw error
  }
}
