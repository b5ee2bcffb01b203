/** Reads a file in any order through one window, so that a thousand small reads cost a few large ones. */
import type { FileHandle } from 'node:fs/promises'
import { RandomAccessReader } from 'yauzl'

export class WindowReader extends RandomAccessReader {
  readonly #file: FileHandle
  readonly #window: Buffer
  #start = 0
  #end = 0

  constructor(file: FileHandle, windowSize: number) {
    super()
    this.#file = file
    this.#window = Buffer.alloc(windowSize)
  }

  /** Up to `length` bytes, fewer at the end of the file. */
  async bytes(position: number, length: number): Promise<Buffer> {
    if (length > this.#window.length) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(length), 0, length, position)
      return buffer.subarray(0, bytesRead)
    }
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
    this.#start = this.#end = position
    const { bytesRead } = await this.#file.read(this.#window, 0, this.#window.length, position)
    this.#end = position + bytesRead
  }
}
