/** Reads a file in any order through one window, so that a thousand small reads cost a few large ones. */
import { RandomAccessReader } from 'yauzl'
import type { RandomAccess } from './archive-source.ts'

export class WindowReader extends RandomAccessReader {
  readonly #file: RandomAccess
  readonly #windowSize: number
  readonly #largestWindow: number
  #nextSize: number
  #window: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  /** `largest`: as far the window grows while the reading goes straight ahead, with small gaps. */
  constructor(file: RandomAccess, windowSize: number, largest = windowSize) {
    super()
    this.#file = file
    const whole = Math.max(file.size, 1)
    this.#windowSize = Math.min(windowSize, whole)
    this.#largestWindow = Math.min(largest, whole)
    this.#nextSize = this.#windowSize
  }

  /** Up to `length` bytes, fewer at the end of the file. */
  async bytes(position: number, length: number): Promise<Buffer> {
    if (length > this.#windowSize) return this.#file.bytesAt(position, length)
    if (!this.#holds(position, length)) await this.#move(position)
    return Buffer.from(this.#slice(position, length))
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    if (this.#holds(position, length)) {
      callback(null, this.#slice(position, length).copy(buffer, offset))
      return
    }
    void this.bytes(position, length).then(
      (bytes) => callback(null, bytes.copy(buffer, offset)),
      (error: Error) => callback(error),
    )
  }

  #holds(position: number, length: number): boolean {
    return position >= this.#start && position + length <= this.#end
  }

  #slice(position: number, length: number): Buffer {
    const from = position - this.#start
    return this.#window.subarray(from, Math.min(from + length, this.#end - this.#start))
  }

  async #move(position: number): Promise<void> {
    const gap = position - this.#end
    const goesAhead = gap >= 0 && gap <= this.#largestWindow / 4
    this.#nextSize = goesAhead
      ? Math.min(this.#nextSize * 2, this.#largestWindow)
      : this.#windowSize
    this.#start = this.#end = position
    this.#window = await this.#file.bytesAt(position, this.#nextSize)
    this.#end = position + this.#window.length
  }
}
