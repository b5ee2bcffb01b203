/** Files of an export: copied or linked out of the store, unless an earlier export has left them there. */
import { constants } from 'node:fs'
import { copyFile, link, lstat, mkdir, rename, rm, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Sha256 } from '#base/digest'
import type { BlobStore } from '#blobs/blob-store'

export interface PlacedFile {
  /** Below the export, with `/`. */
  readonly relpath: string
  readonly digest: Sha256
  /** In milliseconds: what tells a file from another of the same name and size. */
  readonly modifiedAt: number
}

export type Placing = 'placed' | 'here' | 'missing'

export class FilePlacer {
  bytes = 0
  readonly #blobs: BlobStore
  readonly #folder: string
  readonly #hardLinks: boolean

  constructor(blobs: BlobStore, folder: string, hardLinks: boolean) {
    this.#blobs = blobs
    this.#folder = folder
    this.#hardLinks = hardLinks
  }

  async place({ relpath, digest, modifiedAt }: PlacedFile): Promise<Placing> {
    const source = await this.#blobs.localPath(digest)
    if (source === undefined) return 'missing'
    const target = join(this.#folder, relpath)
    const seconds = Math.floor(modifiedAt / 1000)
    const blob = await lstat(source)
    const present = await lstat(target).catch(() => undefined)
    const isSame = this.#hardLinks
      ? present?.ino === blob.ino && present.dev === blob.dev
      : present?.size === blob.size && Math.floor(present.mtimeMs / 1000) === seconds
    if (isSame) return 'here'
    await mkdir(dirname(target), { recursive: true })
    const begun = `${target}.part`
    await rm(begun, { force: true })
    if (this.#hardLinks) await link(source, begun)
    else {
      await copyFile(source, begun, constants.COPYFILE_FICLONE)
      await utimes(begun, seconds, seconds)
    }
    await rename(begun, target)
    this.bytes += blob.size
    return 'placed'
  }
}
