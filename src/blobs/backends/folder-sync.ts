/** Syncs folders over and over, for many who wait. */
import { close, open } from 'node:fs'
import { promisify } from 'node:util'
import { syncOpenFolder } from '#base/sync-folder'

const openFile = promisify(open)
const closeFile = promisify(close)

/** Syncs that are asked for while one runs share the next: one sync covers all earlier renames. */
export class FolderSync {
  readonly #running = new Map<string, Promise<void>>()
  readonly #next = new Map<string, Promise<void>>()
  readonly #open = new Map<string, number>()

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
    const run = this.#syncOpen(folder).finally(() => {
      if (this.#running.get(folder) === run) this.#running.delete(folder)
    })
    this.#running.set(folder, run)
    return run
  }

  /** Folders stay open: there are few, and each is synced over and over. */
  async #syncOpen(folder: string): Promise<void> {
    let fd = this.#open.get(folder)
    if (fd === undefined) this.#open.set(folder, (fd = await openFile(folder, 'r')))
    await syncOpenFolder(fd)
  }

  /** To be called when a folder has been made anew: the open one is another. */
  async forget(folder: string): Promise<void> {
    const fd = this.#open.get(folder)
    this.#open.delete(folder)
    if (fd !== undefined) await closeFile(fd)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((folder) => this.forget(folder)))
  }
}
