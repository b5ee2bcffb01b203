/** A stream into a new file, hashed on the way, in constant memory. */
import { createHash } from 'node:crypto'
import { close, open, openSync, unlink, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { diskFailure } from '#base/disk-failure'
import { LARGEST_RECORD } from './journal-records.ts'
import { TooLarge, type Sha256, type StageOptions } from '../blob-store.ts'

const openFile = promisify(open)
const writeFile = promisify(write)
const closeFile = promisify(close)
const removeFile = promisify(unlink)

/** So much is gathered before it is written: a small upload costs one write. */
const BATCH = 128 * 1024

/** Made, and copied into the system's memory, at once: handing it to another thread would take longer. */
const SMALL = 64 * 1024

export interface Received {
  readonly digest: Sha256
  readonly size: number
  /** Open; to be closed by `IncomingFile.remove` or its user. */
  readonly fd: number
  /** All of it, where it is small. */
  readonly bytes?: Uint8Array | undefined
}

/** Leaves no file when the source, the limit or the disk ends it early. */
export async function receiveFile(
  path: string,
  source: AsyncIterable<Uint8Array>,
  { limit = Infinity, tap }: StageOptions,
): Promise<Received> {
  const hash = createHash('sha256')
  const file = new IncomingFile(path)
  let size = 0
  try {
    for await (const chunk of source) {
      size += chunk.byteLength
      if (size > limit) throw new TooLarge(limit)
      tap?.(chunk)
      hash.update(chunk)
      if (file.add(chunk) >= BATCH) await file.flush()
    }
    const { fd, bytes } = await file.flush()
    const isWhole = bytes.byteLength === size && size <= LARGEST_RECORD
    return { digest: hash.digest('hex'), size, fd, bytes: isWhole ? bytes : undefined }
  } catch (error) {
    await file.remove()
    throw error
  }
}

/** Closes and removes a temporary file. What cannot be removed is left to `clearStaging`. */
export async function dropFile(fd: number, path: string): Promise<void> {
  await Promise.allSettled([removeFile(path), closeFile(fd)])
}

class IncomingFile {
  readonly #path: string
  #fd: number | undefined
  #batch: Uint8Array[] = []
  #batchSize = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Returns how many bytes wait to be written. */
  add(chunk: Uint8Array): number {
    this.#batch.push(chunk)
    return (this.#batchSize += chunk.byteLength)
  }

  /** Writes what waits and returns it with the open file, which is made on the first call. */
  async flush(): Promise<{ readonly fd: number; readonly bytes: Uint8Array }> {
    const bytes = this.#batch.length === 1 ? this.#batch[0]! : Buffer.concat(this.#batch)
    this.#batch = []
    this.#batchSize = 0
    try {
      const fd = (this.#fd ??= await makeFile(this.#path, bytes.byteLength))
      let done = 0
      // A write may stop short, with the reason told by the next one.
      while (done < bytes.byteLength) {
        const rest = done === 0 ? bytes : bytes.subarray(done)
        done +=
          rest.length <= SMALL ? writeSync(fd, rest) : (await writeFile(fd, rest)).bytesWritten
      }
      return { fd, bytes }
    } catch (error) {
      throw diskFailure(error, `write ${this.#path}`)
    }
  }

  async remove(): Promise<void> {
    if (this.#fd !== undefined) await dropFile(this.#fd, this.#path)
  }
}

async function makeFile(path: string, size: number): Promise<number> {
  return size <= SMALL ? openSync(path, 'wx', 0o644) : await openFile(path, 'wx', 0o644)
}
