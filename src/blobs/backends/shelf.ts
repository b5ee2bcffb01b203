/** Where kept files stand, and how one gets there so that it survives a power loss. */
import { close, fsync, mkdir, open, rename, renameSync, stat, unlink } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isSha256 } from '#base/digest'
import { errorCode } from '#base/disk-failure'
import type { BlobStat, Sha256 } from '../blob-store.ts'
import { FolderSync } from './folder-sync.ts'
import { Journal } from './journal.ts'

const openFile = promisify(open)
const syncFile = promisify(fsync)
const closeFile = promisify(close)
const renameFile = promisify(rename)
const makeFolder = promisify(mkdir)
const statFile = promisify(stat)
const removeFile = promisify(unlink)

export interface SyncableFile {
  readonly path: string
  readonly fd: number
  /** All of it, where it is small. */
  readonly bytes: Uint8Array | undefined
}

/** Where the small ones stand first. */
export interface JournalPlace {
  readonly folder: string
  readonly prefix: string
}

/** How many files are synced at once when a journal ends: others want the disk too. */
const SYNCS = 4

export class Shelf {
  /** Holds the folders `00` to `ff`, made when first needed. */
  readonly folder: string
  readonly #syncs = new FolderSync()
  readonly #durableFolders: Set<string>
  /** Those that are there, durable or not. */
  readonly #presentFolders: Set<string>
  readonly #journal: Journal

  /** `durableFolders`: names of the folders that are known to survive a power loss. */
  constructor(folder: string, durableFolders: Iterable<string>, journal: JournalPlace) {
    this.folder = folder
    this.#durableFolders = new Set(durableFolders)
    this.#presentFolders = new Set(this.#durableFolders)
    this.#journal = new Journal({
      ...journal,
      syncBlobs: (digests, turn) => this.syncBlobs(digests, turn),
    })
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
  async place(digest: Sha256, { path: from, fd, bytes }: SyncableFile): Promise<void> {
    const path = this.pathOf(digest)
    if (bytes) {
      return this.#journal.keep({ digest, bytes }, () => this.#renameInto(path, from))
    }
    await syncFile(fd)
    await this.#renameInto(path, from)
    await this.#syncFolderOf(path)
  }

  /** Makes those that are here durable where they lie, each when it is its `turn`. */
  async syncBlobs(digests: Iterable<Sha256>, turn?: () => Promise<void>): Promise<void> {
    const paths = [...digests].map((digest) => this.pathOf(digest)).values()
    const folders = new Map<string, string>()
    const work = async (): Promise<void> => {
      for (const path of paths) {
        await turn?.()
        if (await syncIfThere(path)) folders.set(dirname(path), path)
      }
    }
    await Promise.all(Array.from({ length: SYNCS }, work))
    for (const path of folders.values()) await this.#syncFolderOf(path)
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

  /** Makes all durable where it lies, and lets go of the folders. */
  async close(): Promise<void> {
    await this.#journal.close()
    await this.#syncs.close()
  }

  async #renameInto(path: string, from: string): Promise<void> {
    const folder = dirname(path)
    const name = basename(folder)
    try {
      if (!this.#presentFolders.has(name)) await makeFolder(folder, { recursive: true })
      this.#presentFolders.add(name)
      renameSync(from, path) // waits for no bytes: it takes less than handing it to a thread
    } catch (error) {
      // Somebody removed the empty folder.
      if (errorCode(error) !== 'ENOENT') throw error
      this.#durableFolders.delete(name)
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

async function syncIfThere(path: string): Promise<boolean> {
  try {
    const fd = await openFile(path, 'r')
    await syncFile(fd).finally(() => closeFile(fd))
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
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
