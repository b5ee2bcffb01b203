/** The last bytes of a growing file, kept in memory: readers who keep up share them, and read no file. */

const CAPACITY = 1024 * 1024
/** So that the search stays short when chunks are tiny. */
const MOST_CHUNKS = 64

interface Chunk {
  readonly start: number
  readonly bytes: Uint8Array
}

export class RecentChunks {
  /** Without gaps, in order. */
  #chunks: Chunk[] = []
  #size = 0

  /** `start`: where in the file the bytes stand, right after the chunk before. */
  add(bytes: Uint8Array, start: number): void {
    this.#chunks.push({ start, bytes })
    this.#size += bytes.length
    while (this.#size > CAPACITY || this.#chunks.length > MOST_CHUNKS) {
      this.#size -= this.#chunks.shift()!.bytes.length
    }
  }

  /** Some bytes from the position on, at most `length`; undefined if they are not here. */
  at(position: number, length: number): Uint8Array | undefined {
    const first = this.#chunks[0]
    if (!first || position < first.start) return undefined
    const chunk = this.#chunks.findLast(({ start }) => start <= position)!
    const bytes = chunk.bytes.subarray(position - chunk.start, position - chunk.start + length)
    return bytes.length > 0 ? bytes : undefined
  }

  clear(): void {
    this.#chunks = []
    this.#size = 0
  }
}
