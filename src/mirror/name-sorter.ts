/**
 * Sorts names that are too many for memory: sorted runs in one file, merged into another. Upstreams send
 * them nearly sorted, and then there is one run and nothing to merge.
 */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { linesOf } from './name-file.ts'

export interface SorterLimits {
  /** Names sorted in memory: so many take a few milliseconds, during which nobody else is served. */
  readonly batch: number
  /** How many runs are merged at a time … */
  readonly fanIn: number
  /** … and how many bytes of each are in memory. */
  readonly piece: number
}

const usual: SorterLimits = { batch: 8192, fanIn: 100, piece: 4096 }

interface Run {
  readonly start: number
  end: number
  last: string
}

export class NameSorter implements AsyncDisposable {
  readonly #path: string
  readonly #limits: SorterLimits
  #file: RunFile
  #batch: string[] = []

  /** Writes beside the path while it works. */
  static async create(path: string, limits = usual): Promise<NameSorter> {
    return new NameSorter(path, limits, await RunFile.create(`${path}.runs`))
  }

  /** Use `create`. */
  constructor(path: string, limits: SorterLimits, file: RunFile) {
    this.#path = path
    this.#limits = limits
    this.#file = file
  }

  /** Normal names, in any order and more than once. One call at a time. */
  async add(names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#batch.push(name)
      if (this.#batch.length === this.#limits.batch) await this.#flush()
    }
  }

  /** The path then holds each name once, in order. */
  async finish(): Promise<void> {
    await this.#flush()
    for (let pass = 1; this.#file.runs.length > 1; pass++) {
      const merged = await RunFile.create(`${this.#path}.merged-${pass}`)
      const source = this.#file
      try {
        const { fanIn } = this.#limits
        for (let i = 0; i < source.runs.length; i += fanIn) {
          await merge(source.handle, source.runs.slice(i, i + fanIn), merged, this.#limits)
        }
      } finally {
        this.#file = merged
        await source.remove()
      }
    }
    await rename(this.#file.path, this.#path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.remove()
  }

  async #flush(): Promise<void> {
    const names = this.#batch.sort()
    this.#batch = []
    await this.#file.write(names)
  }
}

/** Sorted runs, one behind the other. */
class RunFile {
  readonly path: string
  readonly handle: FileHandle
  readonly runs: Run[] = []

  static async create(path: string): Promise<RunFile> {
    return new RunFile(path, await open(path, 'w+'))
  }

  /** Use `create`. */
  constructor(path: string, handle: FileHandle) {
    this.path = path
    this.handle = handle
  }

  /** Goes on with the last run where the order allows it. */
  async write(names: readonly string[]): Promise<void> {
    const run = this.runs.at(-1)
    const first = names[0]
    if (first === undefined) return
    const goesOn = run !== undefined && first >= run.last
    const lines = linesWithoutRepeats(names, goesOn ? run.last : undefined)
    const bytes = Buffer.from(lines, 'latin1')

    const end = run?.end ?? 0
    await this.handle.write(bytes, 0, bytes.length, end)
    const last = names.at(-1)!
    if (goesOn) Object.assign(run, { end: end + bytes.length, last })
    else this.runs.push({ start: end, end: end + bytes.length, last })
  }

  async remove(): Promise<void> {
    await this.handle.close()
    await rm(this.path, { force: true })
  }
}

function linesWithoutRepeats(names: readonly string[], before: string | undefined): string {
  let lines = ''
  let last = before
  for (const name of names) {
    if (name !== last) lines += `${name}\n`
    last = name
  }
  return lines
}

/** Merges runs into one run of the target, or goes on with its last one. */
async function merge(
  source: FileHandle,
  runs: readonly Run[],
  target: RunFile,
  { batch, piece }: SorterLimits,
): Promise<void> {
  const cursors: Cursor[] = []
  for (const run of runs) {
    const cursor = new Cursor(linesOf(source, run.start, run.end, piece))
    if (await cursor.refill()) push(cursors, cursor)
  }
  let names: string[] = []
  while (cursors.length > 0) {
    const least = cursors[0]!
    names.push(least.name)
    if (!least.advance() && !(await least.refill())) {
      const last = cursors.pop()!
      if (last === least) break
      cursors[0] = last
    }
    sink(cursors)
    if (names.length === batch) {
      await target.write(names)
      names = []
    }
  }
  await target.write(names)
}

/** A place in a run. */
class Cursor {
  name = ''
  readonly #lines: ReturnType<typeof linesOf>
  #names: string[] = []
  #next = 0

  constructor(lines: ReturnType<typeof linesOf>) {
    this.#lines = lines
  }

  /** False when more must be read first. */
  advance(): boolean {
    const name = this.#names[this.#next++]
    if (name === undefined) return false
    this.name = name
    return true
  }

  /** False at the end of the run. */
  async refill(): Promise<boolean> {
    const { value, done } = await this.#lines.next()
    if (done) return false
    this.#names = value.names
    this.#next = 0
    return this.advance()
  }
}

/** A binary heap with the least name on top. */
function push(heap: Cursor[], cursor: Cursor): void {
  let child = heap.push(cursor) - 1
  while (child > 0) {
    const parent = (child - 1) >>> 1
    if (heap[parent]!.name <= heap[child]!.name) return
    swap(heap, parent, child)
    child = parent
  }
}

/** Puts the top, which has grown, in its place. */
function sink(heap: Cursor[]): void {
  let parent = 0
  for (;;) {
    const left = 2 * parent + 1
    if (left >= heap.length) return
    const right = left + 1
    const child = right < heap.length && heap[right]!.name < heap[left]!.name ? right : left
    if (heap[parent]!.name <= heap[child]!.name) return
    swap(heap, parent, child)
    parent = child
  }
}

function swap(heap: Cursor[], a: number, b: number): void {
  const cursor = heap[a]!
  heap[a] = heap[b]!
  heap[b] = cursor
}
