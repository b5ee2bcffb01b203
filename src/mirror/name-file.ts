/**
 * A sorted list of names in a file, one to a line. Of 700,000 names only each few hundredth is in memory,
 * to find a name with one short read.
 */
import { createHash } from 'node:crypto'
import { open, rename, type FileHandle } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'

/** A list of project names, in normal form and in order, however long. */
export interface NameList {
  /** Changes when the names do. */
  readonly etag: string
  readonly count: number
  has(name: string): Promise<boolean>
  /** All names in order, some thousand at a time. */
  batches(): AsyncIterable<string[]>
}

interface Block {
  readonly firstName: string
  readonly start: number
}

const BLOCK = 4096
const MOST_RECENT = 100
const PIECE = 64 * 1024
const NEWLINE = 10

export class NameFile implements NameList {
  readonly etag: string
  readonly count: number
  #path: string
  readonly #blocks: readonly Block[]
  readonly #size: number
  /** Blocks that were looked into last: a resolver asks for many names at once. */
  readonly #recent = new LRUCache<number, string>({ max: MOST_RECENT })

  /** Reads the file once, which must be sorted. */
  static async open(path: string): Promise<NameFile> {
    const hash = createHash('sha256')
    const blocks: Block[] = []
    let count = 0
    let size = 0
    for await (const { names, start, bytes } of readLines(path)) {
      hash.update(bytes)
      count += names.length
      size = start + bytes.length
      let position = start
      for (const name of names) {
        if (position >= (blocks.at(-1)?.start ?? -BLOCK) + BLOCK) {
          // A copy: a part of a string keeps the whole piece in memory.
          blocks.push({ firstName: Buffer.from(name).toString('latin1'), start: position })
        }
        position += name.length + 1
      }
    }
    return new NameFile(path, { etag: hash.digest('hex'), count, blocks, size })
  }

  /** Use `open`. */
  constructor(
    path: string,
    found: { etag: string; count: number; blocks: readonly Block[]; size: number },
  ) {
    this.#path = path
    this.etag = found.etag
    this.count = found.count
    this.#blocks = found.blocks
    this.#size = found.size
  }

  get path(): string {
    return this.#path
  }

  async moveTo(path: string): Promise<void> {
    await rename(this.#path, path)
    this.#path = path
  }

  async has(name: string): Promise<boolean> {
    const number = this.#blockOf(name)
    const block = this.#blocks[number]
    if (!block || name.includes('\n')) return false

    const text = this.#recent.get(number) ?? (await this.#read(number, block))
    return text.includes(`\n${name}\n`)
  }

  /** Its lines, with a line end before each of them too. */
  async #read(number: number, { start }: Block): Promise<string> {
    const end = this.#blocks[number + 1]?.start ?? this.#size
    await using file = await open(this.#path)
    const { buffer } = await file.read({ buffer: Buffer.alloc(end - start), position: start })
    const text = `\n${buffer.toString('latin1')}`
    this.#recent.set(number, text)
    return text
  }

  async *batches(): AsyncGenerator<string[]> {
    for await (const { names } of readLines(this.#path)) yield names
  }

  /** The last block that does not begin after the name. */
  #blockOf(name: string): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#blocks[middle]!.firstName <= name) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

export interface Lines {
  readonly names: string[]
  /** Where the first of them begins in the file. */
  readonly start: number
  /** The lines as they stand there. Overwritten by the next ones. */
  readonly bytes: Buffer
}

async function* readLines(path: string): AsyncGenerator<Lines> {
  await using file = await open(path)
  yield* linesOf(file, 0, Infinity)
}

/** The lines of a part of a file, a piece at a time. Names are ASCII. */
export async function* linesOf(
  file: FileHandle,
  from: number,
  to: number,
  pieceSize = PIECE,
): AsyncGenerator<Lines> {
  const buffer = Buffer.allocUnsafe(pieceSize)
  let start = from
  while (start < to) {
    const length = Math.min(pieceSize, to - start)
    const { bytesRead } = await file.read(buffer, 0, length, start)
    const end = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1
    if (end === 0) return
    const bytes = buffer.subarray(0, end)
    yield { names: bytes.toString('latin1', 0, end - 1).split('\n'), start, bytes }
    start += end
  }
}
