/** Makes names in a folder durable: a renamed file survives a power loss once its folder is synced. */
import { close, fsync, open } from 'node:fs'
import { promisify } from 'node:util'
import { errorCode } from '#base/disk-failure'

const openFile = promisify(open)
const syncFile = promisify(fsync)
const closeFile = promisify(close)

/** Syncs that are asked for while one runs share the next: one sync covers all earlier renames. */
export class FolderSync {
  readonly #running = new Map<string, Promise<void>>()
  readonly #next = new Map<string, Promise<void>>()

  sync(folder: string): Promise<void> {
    const running = this.#running.get(folder)
    if (!running) return this.#start(folder)

    const waiting = this.#next.get(folder)
    if (waiting) return waiting

    const start = () => {
      this.#next.delete(folder)
      return this.#start(folder)
    }
    const next = running.then(start, start)
    this.#next.set(folder, next)
    return next
  }

  #start(folder: string): Promise<void> {
    const run = syncFolder(folder).finally(() => {
      if (this.#running.get(folder) === run) this.#running.delete(folder)
    })
    this.#running.set(folder, run)
    return run
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const fd = await openFile(folder, 'r')
  try {
    await syncFile(fd)
  } catch (error) {
    // Some network file systems cannot sync a folder: they write names through at once.
    if (!['EINVAL', 'ENOTSUP'].includes(errorCode(error) ?? '')) throw error
  } finally {
    await closeFile(fd)
  }
}
