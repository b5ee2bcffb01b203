/** A received file that waits to be kept or discarded. */
import { closeSync, unlink } from 'node:fs'
import { promisify } from 'node:util'
import { diskFailure } from '#base/disk-failure'
import type { Sha256, StagedBlob } from '../blob-store.ts'
import { dropFile, type Received } from './incoming-file.ts'
import type { Shelf } from './shelf.ts'

const removeFile = promisify(unlink)

export class StagedFile implements StagedBlob {
  readonly digest: Sha256
  readonly size: number
  readonly path: string
  readonly #fd: number
  readonly #bytes: Uint8Array | undefined
  readonly #shelf: Shelf
  /** What has become of it; the first of `keep` and `discard` decides. */
  #end: Promise<void> | undefined
  #isDiscarded = false

  constructor(path: string, { digest, size, fd, bytes }: Received, shelf: Shelf) {
    this.digest = digest
    this.size = size
    this.path = path
    this.#fd = fd
    this.#bytes = bytes
    this.#shelf = shelf
  }

  async keep(): Promise<void> {
    if (this.#isDiscarded) throw new Error(`blob ${this.digest} was discarded and cannot be kept`)
    return (this.#end ??= this.#place())
  }

  async discard(): Promise<void> {
    if (this.#end) return this.#end.catch(() => {}) // whoever called `keep` is told of its failure
    this.#isDiscarded = true
    return (this.#end = dropFile(this.#fd, this.path))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discard()
  }

  async #place(): Promise<void> {
    try {
      await this.#shelf.place(this.digest, {
        path: this.path,
        fd: this.#fd,
        bytes: this.#bytes,
      })
    } catch (error) {
      await removeFile(this.path).catch(() => {}) // `clearStaging` will
      throw diskFailure(error, `keep blob ${this.digest}`)
    } finally {
      closeSync(this.#fd) // nothing is left to write: it costs less than handing it to a thread
    }
  }
}
