/**
 * Blobs as files: FOLDER/sha256/ab/abcdef… holds what is kept, FOLDER/tmp/ what is still coming in, FOLDER/journal/ a durable
 * copy of small ones whose files are not synced yet.
 * Several processes may share the folder, also over NFS.
 */
import { randomBytes } from 'node:crypto'
import { close, fstatSync, open } from 'node:fs'
import { mkdir, readdir, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { systemClock } from '#base/clock'
import { isSha256, sha256OfStream } from '#base/digest'
import { diskFailure, errorCode } from '#base/disk-failure'
import { syncFolder } from '#base/sync-folder'
import type {
  BlobStat,
  BlobStore,
  ByteRange,
  OpenBlob,
  RemoveOptions,
  Sha256,
  StagedBlob,
  StageOptions,
} from '../blob-store.ts'
import { BlobReader } from './blob-reader.ts'
import { receiveFile } from './incoming-file.ts'
import { ownJournals, recoverJournals } from './journal-recovery.ts'
import { Shelf, statIfThere } from './shelf.ts'
import { StagedFile } from './staged-file.ts'

const openFile = promisify(open)
const closeFile = promisify(close)

export class FilesystemBlobs implements BlobStore {
  readonly #shelf: Shelf
  readonly #folders: Folders
  readonly #prefix: string
  #staged = 0

  /** Use `openFilesystemBlobs`, which makes the folders. `prefix`: of names, unlike that of any other process. */
  constructor(shelf: Shelf, folders: Folders, prefix: string) {
    this.#shelf = shelf
    this.#folders = folders
    this.#prefix = prefix
  }

  async stage(
    source: Readable | AsyncIterable<Uint8Array>,
    options: StageOptions = {},
  ): Promise<StagedBlob> {
    const path = this.newStagingPath()
    return new StagedFile(path, await receiveFile(path, source, options), this.#shelf)
  }

  async adopt(path: string, found: { digest: Sha256; size: number }): Promise<StagedBlob> {
    try {
      const fd = await openFile(path, 'r')
      return new StagedFile(path, { ...found, fd }, this.#shelf)
    } catch (error) {
      throw diskFailure(error, `take over ${path}`)
    }
  }

  async size(digest: Sha256): Promise<number | undefined> {
    return (await this.stat(digest))?.size
  }

  async stat(digest: Sha256): Promise<BlobStat | undefined> {
    const path = this.#shelf.pathOf(digest)
    return statIfThere(path).catch((error: unknown) => {
      throw diskFailure(error, `look for blob ${digest}`)
    })
  }

  async open(digest: Sha256, range?: ByteRange): Promise<OpenBlob | undefined> {
    if (range && !(range.start >= 0 && range.start <= range.end)) {
      throw new RangeError(`not a range of bytes: ${range.start}-${range.end}`)
    }
    const path = this.#shelf.pathOf(digest)
    let fd: number | undefined
    try {
      fd = await openFile(path, 'r')
      const { size } = fstatSync(fd) // of an open file it waits for nothing
      const end = Math.min(size, (range?.end ?? Infinity) + 1)
      return { size, stream: new BlobReader(fd, { start: range?.start ?? 0, end }) }
    } catch (error) {
      if (fd !== undefined) await closeFile(fd)
      if (errorCode(error) === 'ENOENT') return undefined
      throw diskFailure(error, `open blob ${digest}`)
    }
  }

  async localPath(digest: Sha256): Promise<string | undefined> {
    return (await this.stat(digest)) && this.#shelf.pathOf(digest)
  }

  pathOf(digest: Sha256): string {
    return this.#shelf.pathOf(digest)
  }

  async remove(digest: Sha256, { keptBefore }: RemoveOptions = {}): Promise<boolean> {
    const path = this.#shelf.pathOf(digest)
    try {
      if (keptBefore !== undefined) {
        return await this.#shelf.removeOlder(digest, keptBefore, this.newStagingPath())
      }
      await unlink(path)
      return true
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false
      throw diskFailure(error, `remove blob ${digest}`)
    }
  }

  async *list(): AsyncIterable<Sha256> {
    const { folder } = this.#shelf
    for (const prefix of await listFolders(folder)) {
      for (const name of (await readdir(join(folder, prefix))).toSorted()) {
        if (isSha256(name) && name.startsWith(prefix)) yield name
      }
    }
  }

  async clearStaging(olderThanMs: number): Promise<number> {
    await this.recover()
    const before = systemClock.now() - olderThanMs
    let removed = 0
    for (const name of await readdir(this.#folders.staging)) {
      const path = join(this.#folders.staging, name)
      try {
        if ((await stat(path)).mtimeMs > before) continue
        await unlink(path)
        removed++
      } catch (error) {
        // Another process has kept or cleared it.
        if (errorCode(error) !== 'ENOENT') throw diskFailure(error, `remove ${path}`)
      }
    }
    return removed
  }

  close(): Promise<void> {
    return this.#shelf.close()
  }

  newStagingPath(): string {
    return join(this.#folders.staging, `${this.#prefix}-${(this.#staged++).toString(36)}`)
  }

  /** Puts back what journals hold and a power loss took. */
  async recover(): Promise<void> {
    await recoverJournals({
      folder: this.#folders.journals,
      isWhole: (digest) => this.#isWhole(digest),
      restore: async (digest, bytes) => {
        const path = this.newStagingPath()
        await writeFile(path, bytes, { flag: 'wx', mode: 0o644 })
        await (await this.adopt(path, { digest, size: bytes.byteLength })).keep()
      },
      syncBlobs: (digests) => this.#shelf.syncBlobs(digests),
    })
  }

  async #isWhole(digest: Sha256): Promise<boolean> {
    const opened = await this.open(digest)
    return opened !== undefined && (await sha256OfStream(opened.stream)).digest === digest
  }
}

interface Folders {
  readonly staging: string
  readonly journals: string
}

/** Makes the folders where they are missing, so that they survive a power loss. */
export async function openFilesystemBlobs(folder: string): Promise<FilesystemBlobs> {
  const root = resolve(folder)
  const shelves = join(root, 'sha256')
  const staging = join(root, 'tmp')
  const journals = join(root, 'journal')
  // Also for a process on another machine, or with our process id before.
  const prefix = randomBytes(9).toString('base64url')
  try {
    const madeFrom = await mkdir(shelves, { recursive: true, mode: 0o750 })
    for (const folder of [staging, journals]) await mkdir(folder, { recursive: true, mode: 0o750 })
    for (const made of pathsBetween(root, madeFrom ?? shelves)) await syncFolder(made)
    const present = await listFolders(shelves)
    await syncFolder(shelves)
    const journal = { folder: journals, prefix: ownJournals(prefix) }
    const shelf = new Shelf(shelves, present, journal)
    const blobs = new FilesystemBlobs(shelf, { staging, journals }, prefix)
    await blobs.recover()
    return blobs
  } catch (error) {
    throw diskFailure(error, `open the blob folder ${root}`)
  }
}

/** The parents of folders that were just made, from `folder` upwards. */
function pathsBetween(folder: string, made: string): string[] {
  const last = dirname(made)
  const paths = [folder]
  while (paths.at(-1) !== last && paths.at(-1) !== dirname(paths.at(-1)!)) {
    paths.push(dirname(paths.at(-1)!))
  }
  return paths
}

async function listFolders(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name)).toSorted()
}
