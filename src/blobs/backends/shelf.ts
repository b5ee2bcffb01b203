/** Where kept files stand, and how one gets there so that it survives a power loss. */
import { fsync, mkdir, rename, stat, unlink } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isSha256 } from '#base/digest'
import { errorCode } from '#base/disk-failure'
import type { BlobStat, Sha256 } from '../blob-store.ts'
import { FolderSync } from './folder-sync.ts'

const syncFile = promisify(fsync)
const renameFile = promisify(rename)
const makeFolder = promisify(mkdir)
const statFile = promisify(stat)
const removeFile = promisify(unlink)

export interface SyncableFile {
  readonly path: string
  readonly fd: number
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

  /**
   * The same bytes may stand here already, or come in twice at once: whichever is moved last stands, is
   * durable, and is new to a sweep. What was damaged is whole again.
   */
  async place(digest: Sha256, file: SyncableFile): Promise<void> {
    const path = this.pathOf(digest)
    await syncFile(file.fd)
    await this.#renameInto(path, file.path)
    await this.#syncFolderOf(path)
  }

  /**
   * Removes what was kept before an instant. It is moved `aside` first and looked at again: a `place`
   * of the same bytes either comes after that, or its file is the one that was moved, and gets back.
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
