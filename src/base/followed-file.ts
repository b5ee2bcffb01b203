/** A file that another process of this server writes, read from its start meanwhile: its growth is told from outside. */
import { close, open, read } from 'node:fs'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { errorCode } from './disk-failure.ts'
import { FollowingReader, type Growth } from './following-reader.ts'
import type { GrowingRange } from './growing-file.ts'
import { SharedBlocks } from './shared-blocks.ts'

const openFile = promisify(open)
const readFile = promisify(read)
const closeFile = promisify(close)

/** What is read at once for all who wait for it. */
const SHARED = 256 * 1024

/** Like `GrowingFile` with `holdLast`, for its readers: the last byte of what they asked for waits for `finish`. */
export class FollowedFile {
  /** The last one is read; under those before it a read may be running. */
  readonly #files: number[]
  readonly #expectedSize: number | undefined
  readonly #readers = new Set<FollowingReader>()
  readonly #memory = new SharedBlocks((into, position) => this.#readInto(into, position))
  readonly #growth: Growth
  #size = 0
  /** What readers may have: the rest is being read for all of them. */
  #visible = 0
  #isReading = false
  #isFinished = false
  #failure: Error | undefined
  #isClosing = false

  /** Undefined where it is not there any more: its writer has kept it, or given it up. */
  static async open(
    path: string,
    expectedSize: number | undefined,
  ): Promise<FollowedFile | undefined> {
    const fd = await openIfThere(path)
    return fd === undefined ? undefined : new FollowedFile(fd, expectedSize)
  }

  /** Use `open`. */
  constructor(fd: number, expectedSize: number | undefined) {
    this.#files = [fd]
    this.#expectedSize = expectedSize
    this.#growth = {
      readableUntil: (end) => this.#readableUntil(end),
      isAtEnd: (position) => this.#isFinished && position >= this.#size,
      memory: this.#memory,
      isShared: () => this.#readers.size > 1,
      release: (reader) => {
        this.#readers.delete(reader)
        if (this.#readers.size === 0) this.#memory.clear()
        this.#closeIfIdle()
      },
    }
  }

  /** So many bytes are there. */
  grow(size: number): void {
    this.#size = size
    if (!this.#isReading) void this.#readForAll()
  }

  /**
   * The same bytes come anew in another file, from the start: readers wait until it has what they have not had yet. Returns
   * whether that file is there.
   */
  async continueIn(path: string): Promise<boolean> {
    const fd = await openIfThere(path)
    if (fd === undefined) return false
    this.#files.push(fd)
    this.#size = 0
    this.#visible = 0
    this.#memory.clear()
    return true
  }

  /** All bytes are there, and are the right ones. */
  finish(size: number): void {
    if (this.#failure) return
    this.#isFinished = true
    this.grow(size)
  }

  /** Breaks off every reader. */
  fail(error: Error): void {
    if (this.#isFinished || this.#failure) return
    this.#failure = error
    for (const reader of this.#readers) reader.destroy(error)
  }

  /** As `GrowingFile.read`. Not after `close`. */
  read(range?: GrowingRange): Readable {
    const end = (range?.end ?? Infinity) + 1
    const reader = new FollowingReader(this.#growth, range?.start ?? 0, end)
    this.#readers.add(reader)
    if (this.#failure) reader.destroy(this.#failure)
    return reader
  }

  /** After `finish` or `fail`: readers go on in their own time, and the last one closes the file. */
  close(): void {
    this.#isClosing = true
    this.#closeIfIdle()
  }

  async #readInto(into: Uint8Array, position: number): Promise<number> {
    return (await readFile(this.#files.at(-1)!, into, 0, into.length, position)).bytesRead
  }

  #readableUntil(end: number): number {
    if (this.#isFinished) return Math.min(this.#visible, end)
    return Math.min(this.#visible, Math.min(this.#expectedSize ?? this.#visible, end) - 1)
  }

  #wakeAll(): void {
    for (const reader of this.#readers) reader.wake()
  }

  /** One read for many readers; one alone reads for itself, and so do all where this fails. */
  async #readForAll(): Promise<void> {
    this.#isReading = true
    while (this.#visible < this.#size) {
      const [file, start] = [this.#files.at(-1)!, this.#visible]
      const length = Math.min(SHARED, this.#size - start)
      const isShared = this.#readers.size > 1
      const bytes = isShared ? await readPart(file, start, length) : undefined
      if (file !== this.#files.at(-1)) continue // it begins anew
      if (bytes) this.#memory.add(bytes, start)
      else this.#memory.clear()
      this.#visible = bytes ? start + bytes.length : this.#size
      this.#wakeAll()
    }
    this.#isReading = false
    this.#wakeAll()
    this.#closeIfIdle()
  }

  #closeIfIdle(): void {
    if (!this.#isClosing || this.#isReading || this.#readers.size > 0) return
    for (const fd of this.#files.splice(0)) void closeFile(fd)
  }
}

/** Undefined where nothing can be read. */
async function readPart(file: number, start: number, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafeSlow(length)
  try {
    const { bytesRead } = await readFile(file, bytes, 0, length, start)
    return bytesRead > 0 ? bytes.subarray(0, bytesRead) : undefined
  } catch {
    return undefined
  }
}

async function openIfThere(path: string): Promise<number | undefined> {
  try {
    return await openFile(path, 'r')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    return undefined
  }
}
