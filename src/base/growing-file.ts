/** A stream written into a local file, which many read from its start meanwhile. */
import { close, open, read, rm, write, writeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { diskFailure } from './disk-failure.ts'
import { FollowingReader, type Growth } from './following-reader.ts'
import { SharedBlocks } from './shared-blocks.ts'

const openFile = promisify(open)
const readFile = promisify(read)
const writeFile = promisify(write)
const closeFile = promisify(close)
const removeFile = promisify(rm)

export interface GrowingFileOptions {
  /** More bytes are refused, and to finish with fewer is a failure. */
  readonly expectedSize?: number
  /**
   * No reader gets the last byte of what it asked for until `finish`: after `fail` every client has a
   * body that is visibly too short.
   */
  readonly holdLast?: boolean
  readonly removeOnClose?: boolean
}

export interface GrowingRange {
  /** First byte, from 0. */
  readonly start: number
  /** Last byte, inclusive. */
  readonly end: number
}

/**
 * So much from its start is copied into the system's memory at once: handing it to another thread would take longer, and
 * most files are no larger. A disk that cannot keep up with large ones holds up nobody else.
 */
const AT_ONCE = 1024 * 1024

/**
 * One writer appends, then calls `finish` or `fail`, and at last `close`. Readers may come until
 * `close`, and finish in their own time; the writer waits for none of them.
 */
export class GrowingFile {
  readonly path: string
  readonly expectedSize: number | undefined
  readonly #fd: number
  readonly #holdLast: boolean
  readonly #removeOnClose: boolean
  readonly #readers = new Set<FollowingReader>()
  readonly #memory = new SharedBlocks((into, position) => this.#readInto(into, position))
  readonly #closed = Promise.withResolvers<void>()
  readonly #growth: Growth
  #size = 0
  #isWriting = false
  #isFinished = false
  #failure: Error | undefined
  #isClosing = false

  static async create(path: string, options: GrowingFileOptions = {}): Promise<GrowingFile> {
    try {
      return new GrowingFile(path, await openFile(path, 'wx+', 0o644), options)
    } catch (error) {
      throw diskFailure(error, `make ${path}`)
    }
  }

  /** Use `create`. */
  constructor(path: string, fd: number, options: GrowingFileOptions) {
    this.path = path
    this.expectedSize = options.expectedSize
    this.#fd = fd
    this.#holdLast = options.holdLast ?? false
    this.#removeOnClose = options.removeOnClose ?? false
    this.#growth = {
      readableUntil: (end) => this.#readableUntil(end),
      isAtEnd: (position) => this.#isFinished && position >= this.#size,
      memory: this.#memory,
      isShared: () => this.#readers.size > 1,
      release: (reader) => this.#release(reader),
    }
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size
  }

  /** How many are reading. */
  get readers(): number {
    return this.#readers.size
  }

  /** The chunk may be handed to readers as it is: it must not be written again. One call at a time. */
  async append(chunk: Uint8Array): Promise<void> {
    if (this.#isOver || this.#isWriting) {
      throw this.#failure ?? new Error(`${this.path} cannot be appended to now`)
    }
    if (this.#size + chunk.length > (this.expectedSize ?? Infinity)) {
      throw new Error(`more bytes came than the ${this.expectedSize} expected`)
    }
    this.#isWriting = true
    try {
      let done = 0
      while (done < chunk.length) {
        const place = [done, chunk.length - done, this.#size + done] as const
        done +=
          this.#size + chunk.length <= AT_ONCE
            ? writeSync(this.#fd, chunk, ...place)
            : (await writeFile(this.#fd, chunk, ...place)).bytesWritten
      }
    } catch (error) {
      throw diskFailure(error, `write ${this.path}`)
    } finally {
      this.#isWriting = false
      this.#closeIfIdle()
    }
    if (this.#failure) throw this.#failure
    if (this.#readers.size > 0) this.#memory.add(chunk, this.#size)
    this.#size += chunk.length
    this.#wakeAll()
  }

  /** All bytes are there, and are the right ones. */
  finish(): void {
    if (this.#isOver) return
    if (this.#isWriting) throw new Error(`${this.path} is still being appended to`)
    if (this.#size < (this.expectedSize ?? 0)) {
      this.fail(new Error(`${this.#size} bytes came instead of ${this.expectedSize}`))
      return
    }
    this.#isFinished = true
    this.#wakeAll()
  }

  /** Breaks off every reader. */
  fail(error: Error): void {
    if (this.#isOver) return
    this.#failure = error
    for (const reader of this.#readers) reader.destroy(error)
  }

  /** Follows the growth to the end or the end of the range. Its user must read it to its end or destroy it. */
  read(range?: GrowingRange): Readable {
    if (this.#isClosing) throw new Error(`${this.path} is closed to new readers`)
    if (range && !(range.start >= 0 && range.start <= range.end)) {
      throw new RangeError(`not a range of bytes: ${range.start}-${range.end}`)
    }
    const reader = new FollowingReader(
      this.#growth,
      range?.start ?? 0,
      (range?.end ?? Infinity) + 1,
    )
    this.#readers.add(reader)
    if (this.#failure) reader.destroy(this.#failure)
    return reader
  }

  /** Resolves once the last reader is gone and the file is closed, and removed if it was to be. */
  close(): Promise<void> {
    if (!this.#isFinished) this.fail(new Error(`${this.path} was closed before it was whole`))
    if (!this.#isClosing) {
      this.#isClosing = true
      this.#closeIfIdle()
    }
    return this.#closed.promise
  }

  get #isOver(): boolean {
    return this.#isFinished || this.#failure !== undefined
  }

  /** The first byte that may not be read yet, or not at all by a reader that stops before `end`. */
  #readableUntil(end: number): number {
    if (this.#isFinished || !this.#holdLast) return Math.min(this.#size, end)
    // Without an expected size any byte may turn out to be the last.
    return Math.min(this.#size, Math.min(this.expectedSize ?? this.#size, end) - 1)
  }

  #wakeAll(): void {
    for (const reader of this.#readers) reader.wake()
  }

  async #readInto(into: Uint8Array, position: number): Promise<number> {
    return (await readFile(this.#fd, into, 0, into.length, position)).bytesRead
  }

  #release(reader: FollowingReader): void {
    this.#readers.delete(reader)
    if (this.#readers.size === 0) this.#memory.clear()
    this.#closeIfIdle()
  }

  #closeIfIdle(): void {
    if (!this.#isClosing || this.#isWriting || this.#readers.size > 0) return
    this.#closed.resolve(this.#closeNow())
  }

  async #closeNow(): Promise<void> {
    await closeFile(this.#fd)
    if (this.#removeOnClose) await removeFile(this.path, { force: true })
  }
}
