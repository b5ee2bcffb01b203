/** One reader of a growing file: gives what is there, and waits for more at the end of it. */
import { Readable } from 'node:stream'
import { recyclePiece, SMALL_PIECE, takePiece, type Recycling } from './pieces.ts'
import type { SharedBlocks } from './shared-blocks.ts'

/** What a reader may ask of its file. */
export interface Growth {
  /** The first byte that may not be read yet by a reader that stops before `end`. */
  readableUntil(end: number): number
  /** Nothing will ever come at this position. */
  isAtEnd(position: number): boolean
  /** What is in memory of the file, and how it is read. */
  readonly memory: SharedBlocks
  /** Whether others read too: what is read is for all of them. */
  isShared(): boolean
  /** The reader is done with the file, whatever the reason. */
  release(reader: FollowingReader): void
}

/** What a slow reader costs, about twice. */
const CHUNK = SMALL_PIECE

export class FollowingReader extends Readable implements Recycling {
  readonly #growth: Growth
  /** The first byte after its range. */
  readonly #end: number
  #position: number
  /** Memory of what was read for this reader alone. */
  readonly #own = new WeakSet<ArrayBufferLike>()
  #isWaiting = false
  #isReading = false
  #finishDestroy: (() => void) | undefined

  constructor(growth: Growth, start: number, end: number) {
    super({ highWaterMark: CHUNK })
    this.#growth = growth
    this.#position = start
    this.#end = end
  }

  recycle(chunk: Uint8Array): void {
    if (this.#own.delete(chunk.buffer)) recyclePiece(chunk)
    else this.#growth.memory.giveBack(chunk)
  }

  /** Something has changed in the file. */
  wake(): void {
    if (!this.#isWaiting) return
    this.#isWaiting = false
    this._read()
  }

  override _read(): void {
    const position = this.#position
    if (position >= this.#end || this.#growth.isAtEnd(position)) {
      this.push(null)
      return
    }
    const length = Math.min(CHUNK, this.#growth.readableUntil(this.#end) - position)
    if (length <= 0) {
      this.#isWaiting = true
      return
    }
    const recent = this.#growth.memory.at(position, length)
    if (recent) this.#give(recent)
    else void this.#readFile(length)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#isWaiting = false
    const finish = () => {
      this.#growth.release(this)
      callback(error)
    }
    // The file must not be closed under a running read: its number may be another file's by then.
    if (this.#isReading) this.#finishDestroy = finish
    else finish()
  }

  async #readFile(length: number): Promise<void> {
    this.#isReading = true
    try {
      const { memory } = this.#growth
      const bytes = this.#growth.isShared()
        ? await memory.load(this.#position, length)
        : await this.#readOwn(length)
      if (bytes.length === 0) throw new Error('the file has become shorter while it was read')
      this.#isReading = false
      if (!this.destroyed) this.#give(bytes)
    } catch (error) {
      this.#isReading = false
      this.destroy(error as Error)
    } finally {
      this.#finishDestroy?.()
    }
  }

  async #readOwn(length: number): Promise<Uint8Array> {
    const buffer = takePiece(length)
    this.#own.add(buffer.buffer)
    return buffer.subarray(0, await this.#growth.memory.read(buffer, this.#position))
  }

  #give(bytes: Uint8Array): void {
    this.#position += bytes.length
    this.push(bytes)
  }
}
