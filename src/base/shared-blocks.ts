/** What is in memory of a file that many read: what it has just grown by, and parts that were read once for all who come for them soon after. */
import { RecentChunks } from './recent-chunks.ts'
import { recyclePiece, SMALL_PIECE, takePiece } from './pieces.ts'

/** Returns how many bytes were read. */
export type ReadInto = (into: Uint8Array, position: number) => Promise<number>

/** Those that were read last stay in memory. */
const MOST = 128

interface Use {
  /** How many have it and have not given it back. */
  count: number
  /** Nobody else will get it. */
  isOver: boolean
}

interface Loading {
  /** What is read ends before. */
  readonly end: number
  readonly block: Promise<Uint8Array>
}

export class SharedBlocks {
  readonly read: ReadInto
  readonly #recent = new RecentChunks()
  /** By where they start. One at the end of a growing file is short, and is read anew when there is more. */
  readonly #blocks = new Map<number, Uint8Array>()
  readonly #loading = new Map<number, Loading>()
  readonly #uses = new WeakMap<ArrayBufferLike, Use>()

  constructor(read: ReadInto) {
    this.read = read
  }

  /** What a file has just grown by, for those who keep up. `start`: right behind what was added before. */
  add(bytes: Uint8Array, start: number): void {
    this.#recent.add(bytes, start)
  }

  /** Some bytes from the position on, at most `length`; undefined if they are not in memory. */
  at(position: number, length: number): Uint8Array | undefined {
    const recent = this.#recent.at(position, length)
    if (recent) return recent
    const start = startOf(position)
    const block = this.#blocks.get(start)
    return block && start + block.length > position
      ? this.#give(block, position, length)
      : undefined
  }

  /** The same, once they are read; none if the file is shorter. So many must be there, and stay as they are. */
  async load(position: number, length: number): Promise<Uint8Array> {
    const start = startOf(position)
    let loading = this.#loading.get(start)
    if (!loading || loading.end <= position) {
      const end = Math.min(position + length, start + SMALL_PIECE)
      loading = { end, block: this.#load(start, end) }
      this.#loading.set(start, loading)
    }
    try {
      return this.#give(await loading.block, position, length)
    } finally {
      if (this.#loading.get(start) === loading) this.#loading.delete(start)
    }
  }

  /** Whoever got the bytes is done with them: their memory is used again once all are. Not so for who never says it. */
  giveBack(bytes: Uint8Array): void {
    const use = this.#uses.get(bytes.buffer)
    if (!use) return
    use.count--
    this.#recycle(bytes, use)
  }

  clear(): void {
    this.#recent.clear()
    for (const start of this.#blocks.keys()) this.#drop(start)
  }

  #give(block: Uint8Array, position: number, length: number): Uint8Array {
    const use = this.#uses.get(block.buffer)
    if (use) use.count++
    const from = position - startOf(position)
    return block.subarray(from, from + length)
  }

  #drop(start: number): void {
    const block = this.#blocks.get(start)
    const use = block && this.#uses.get(block.buffer)
    this.#blocks.delete(start)
    if (!block || !use) return
    use.isOver = true
    this.#recycle(block, use)
  }

  #recycle(bytes: Uint8Array, use: Use): void {
    if (!use.isOver || use.count > 0) return
    this.#uses.delete(bytes.buffer)
    recyclePiece(bytes)
  }

  async #load(start: number, end: number): Promise<Uint8Array> {
    const memory = takePiece(end - start)
    const block = memory.subarray(0, await this.read(memory, start))
    // one use, until those who wait for it have it
    const use = { count: 1, isOver: false }
    this.#uses.set(block.buffer, use)
    setImmediate(() => this.giveBack(block))
    this.#drop(start)
    this.#blocks.set(start, block)
    if (this.#blocks.size > MOST) this.#drop(this.#blocks.keys().next().value ?? start)
    return block
  }
}

const startOf = (position: number): number => position - (position % SMALL_PIECE)
