/** Where kept files stand, and how one gets there so that it survives a power loss. */
import { close, fsync, mkdir, open, rename, stat, unlink, utimes } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '#base/clock'
import { isSha256 } from '#base/digest'
import { errorCode } from '#base/disk-failure'
import type { BlobStat, Sha256 } from '../blob-store.ts'
import { FolderSync } from './folder-sync.ts'

const openFile = promisify(open)
const syncFile = promisify(fsync)
const closeFile = promisify(close)
const renameFile = promisify(rename)
const makeFolder = promisify(mkdir)
const statFile = promisify(stat)
const touchFile = promisify(utimes)
const removeFile = promisify(unlink)

export interface SyncableFile {
  readonly path: string
  readonly fd: number
  readonly size: number
}

export class Shelf {
  /** Holds the folders `00` to `ff`, made when first needed. */
  readonly folder: string
  readonly #syncs = new FolderSync()
  readonly #durableFolders: Set<string>

  /** `durableFolders`: names of the folders that are known to survive a power loss. */
  constructor(folder: string, durableFolders: Iterable<string>) {
    this.folder = folder
    this.#durableFolders = new Set(durableFolders)
  }

  /** Digests come from requests, too: anything else must not become a path. */
  pathOf(digest: Sha256): string {
    if (!isSha256(digest)) throw new TypeError(`not a SHA-256 digest: ${JSON.stringify(digest)}`)
    return join(this.folder, digest.slice(0, 2), digest)
  }

  /** Returns false, and leaves the file where it is, when the bytes already stand here. */
  async place(digest: Sha256, file: SyncableFile): Promise<boolean> {
    const path = this.pathOf(digest)
    const present = await statIfThere(path)
    if (present?.size === file.size && (await this.#confirm(path, file.size))) return false

    await syncFile(file.fd)
    await this.#renameInto(path, file.path)
    await this.#syncFolderOf(path)
    return true
  }

  /**
   * Makes what stands here durable and new to a sweep. The last look is for a sweep that removed it
   * meanwhile; whatever is wrong with it, the new copy can take its place.
   */
  async #confirm(path: string, size: number): Promise<boolean> {
    try {
      const now = systemClock.now() / 1000
      await touchFile(path, now, now)
      await syncPath(path)
      await this.#syncFolderOf(path)
      return (await statIfThere(path))?.size === size
    } catch {
      return false
    }
  }

  /**
   * Removes what was kept before an instant. It is moved `aside` first and looked at again: a `place`
   * of the same bytes either sees that it is gone, or has touched it and gets it back.
   */
  async removeOlder(digest: Sha256, keptBefore: number, aside: string): Promise<boolean> {
    const path = this.pathOf(digest)
    const present = await statIfThere(path)
    if (!present || present.keptAt >= keptBefore) return false

    await renameFile(path, aside)
    if ((await statFile(aside)).mtimeMs >= keptBefore) {
      await renameFile(aside, path)
      await this.#syncFolderOf(path)
      return false
    }
    await removeFile(aside)
    return true
  }

  /** Lets go of the folders. */
  close(): Promise<void> {
    return this.#syncs.close()
  }

  async #renameInto(path: string, from: string): Promise<void> {
    const folder = dirname(path)
    try {
      if (!this.#durableFolders.has(basename(folder))) await makeFolder(folder, { recursive: true })
      await renameFile(from, path)
    } catch (error) {
      // Somebody removed the empty folder.
      if (errorCode(error) !== 'ENOENT') throw error
      this.#durableFolders.delete(basename(folder))
      await this.#syncs.forget(folder)
      await makeFolder(folder, { recursive: true })
      await renameFile(from, path)
    }
  }

  /** The folder's own name is synced as well, unless this process has done so: another may have made it. */
  async #syncFolderOf(path: string): Promise<void> {
    const folder = dirname(path)
    if (!this.#durableFolders.has(basename(folder))) {
      await this.#syncs.sync(this.folder)
      this.#durableFolders.add(basename(folder))
    }
    await this.#syncs.sync(folder)
  }
}

export async function statIfThere(path: string): Promise<BlobStat | undefined> {
  try {
    const { size, mtimeMs, ctimeMs } = await statFile(path)
    // A rename sets only ctime: the time of writing can be much older than that of keeping.
    return { size, keptAt: Math.max(mtimeMs, ctimeMs) }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function syncPath(path: string): Promise<void> {
  const fd = await openFile(path, 'r')
  try {
    await syncFile(fd)
  } finally {
    await closeFile(fd)
  }
}
