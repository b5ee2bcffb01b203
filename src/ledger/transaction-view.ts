/** The transactions: a backend's rows as typed values, and a writer's own changes laid over them. */
import { setImmediate } from 'node:timers/promises'
import type { BackendReader, BackendWriter, Birth, Row, ScanOptions } from './backend.ts'
import { comparePaths, type ChangedEntry } from './change.ts'
import { decodeValue, encodeValue } from './codec.ts'
import type { Key, KeyRange, Serial } from './key.ts'
import { decodeOnce } from './large-values.ts'
import type { LongLists } from './long-lists.ts'
import type {
  Life,
  ListedEntry,
  ListOptions,
  ReadTransaction,
  WriteTransaction,
} from './transaction.ts'

/** Keys that are read in one go: some milliseconds. */
const PORTION = 1000
/** Values that a write remembers: a very large one reads most of its keys once. */
const KNOWN = 1000

export interface ReadViewOptions {
  /** Of the reader's ledger. */
  readonly lists: LongLists
  /** Is told every key path and range prefix that is read, for caches. */
  readonly onRead?: (path: string) => void
}

export class ReadView implements ReadTransaction {
  readonly serial: Serial
  readonly #reader: BackendReader
  readonly #lists: LongLists
  readonly #onRead: ((path: string) => void) | undefined

  constructor(reader: BackendReader, serial: Serial, { lists, onRead }: ReadViewOptions) {
    this.#reader = reader
    this.serial = serial
    this.#lists = lists
    this.#onRead = onRead
  }

  async get<V>({ path }: Key<V>): Promise<V | undefined> {
    this.#onRead?.(path)
    const text = await this.#reader.get(path, this.serial)
    return text === undefined ? undefined : decodeOnce<V>(path, text, decodeValue)
  }

  async list<V>({ prefix }: KeyRange<V>, options: ListOptions = {}): Promise<ListedEntry<V>[]> {
    this.#onRead?.(prefix)
    if (options.limit === undefined) {
      return this.#lists.read<V>(this.#reader, { prefix, after: options.after }, this.serial)
    }
    const rows = await this.#reader.scan(prefix, this.serial, options)
    return rows.map((row) => listed<V>(prefix, row))
  }

  async listNames<V>({ prefix }: KeyRange<V>, options: ListOptions = {}): Promise<string[]> {
    this.#onRead?.(prefix)
    const names: string[] = []
    const { limit = Infinity } = options
    let { after } = options
    // In portions, between which others have their turns: an index may have 100,000 projects.
    for (;;) {
      const portion = Math.min(PORTION, limit - names.length)
      const births = await this.#reader.scanBirths(prefix, this.serial, { after, limit: portion })
      for (const [path] of births) names.push(path.slice(prefix.length))
      if (births.length < portion || names.length >= limit) return names
      after = births.at(-1)![0]
      await setImmediate()
    }
  }

  async history<V>({ path }: Key<V>): Promise<Life<V>[]> {
    this.#onRead?.(path)
    return readHistory<V>(this.#reader, path, this.serial)
  }
}

export class WriteView implements WriteTransaction {
  readonly time: number
  readonly actor: string
  readonly #writer: BackendWriter
  readonly #changed = new Map<string, string | null>()
  /** Stored values that were read: most are asked for again, at the latest to know whether they change. */
  readonly #known = new Map<string, string | undefined>()
  #hasEnded = false

  constructor(writer: BackendWriter, actor: string, time: number) {
    this.#writer = writer
    this.actor = actor
    this.time = time
  }

  /** The serial that this write builds on. */
  get serial(): Serial {
    return this.#writer.head.serial
  }

  async get<V>({ path }: Key<V>): Promise<V | undefined> {
    const own = this.#changed.get(path)
    const text = own === undefined ? await this.#stored(path) : (own ?? undefined)
    return text === undefined ? undefined : decodeValue<V>(text)
  }

  async list<V>({ prefix }: KeyRange<V>, options: ListOptions = {}): Promise<ListedEntry<V>[]> {
    const own = this.#ownBelow(prefix, options)
    const rows = await this.#writer.scan(prefix, this.serial, widen(options, own.length))
    return overlay(rows, own, options.limit).map((row) => listed<V>(prefix, row))
  }

  async listNames<V>({ prefix }: KeyRange<V>, options: ListOptions = {}): Promise<string[]> {
    const own = this.#ownBelow(prefix, options)
    const births = await this.#writer.scanBirths(prefix, this.serial, widen(options, own.length))
    if (own.length === 0) return births.map(([path]) => path.slice(prefix.length))
    const rows = overlay(births.map(nameOnly), own, options.limit)
    return rows.map(([path]) => path.slice(prefix.length))
  }

  async history<V>({ path }: Key<V>): Promise<Life<V>[]> {
    return readHistory<V>(this.#writer, path, this.serial)
  }

  set<V>({ path }: Key<V>, value: V): void {
    this.#change(path, encodeValue(value))
  }

  remove({ path }: Key<unknown>): void {
    this.#change(path, null)
  }

  /** What is set from here on would be lost: a missing `await` in the caller is told so. */
  end(): void {
    this.#hasEnded = true
  }

  /** What differs from the state before, in the order of the paths. */
  async changedEntries(): Promise<ChangedEntry[]> {
    const entries: ChangedEntry[] = []
    let read = 0
    for (const [path, value] of this.#changed) {
      if (++read % PORTION === 0) await setImmediate() // others have their turns
      const before = await this.#stored(path)
      if ((before ?? null) !== value) entries.push({ path, value })
    }
    return entries.sort((a, b) => comparePaths(a.path, b.path))
  }

  async #stored(path: string): Promise<string | undefined> {
    if (this.#known.has(path)) return this.#known.get(path)
    const text = await this.#writer.get(path, this.serial)
    if (this.#known.size < KNOWN) this.#known.set(path, text)
    return text
  }

  #change(path: string, value: string | null): void {
    if (this.#hasEnded) throw new Error(`${path} was changed after its transaction had ended`)
    this.#changed.set(path, value)
  }

  #ownBelow(prefix: string, { after }: ListOptions): ChangedEntry[] {
    const own: ChangedEntry[] = []
    for (const [path, value] of this.#changed) {
      const isAfter = after === undefined || comparePaths(path, after) > 0
      if (isAfter && path.startsWith(prefix)) own.push({ path, value })
    }
    return own.sort((a, b) => comparePaths(a.path, b.path))
  }
}

/** Enough stored rows for the limit, should all of the writer's own changes below the range be removals. */
function widen({ after, limit }: ListOptions, own: number): ScanOptions {
  return { after, limit: limit === undefined ? undefined : limit + own }
}

/** A stored row, or what a writer has set. */
type Laid = Row | readonly [path: string, value: string]

/** The stored rows with the writer's own changes laid over them; both are in the order of their paths. */
function overlay(rows: readonly Laid[], own: readonly ChangedEntry[], limit = Infinity): Laid[] {
  const merged: Laid[] = []
  let next = 0
  const takeOwn = ({ path, value }: ChangedEntry): void => {
    if (value !== null) merged.push([path, value])
    next++
  }
  for (const row of rows) {
    let mine = own[next]
    while (mine && comparePaths(mine.path, row[0]) < 0) {
      takeOwn(mine)
      mine = own[next]
    }
    if (mine?.path === row[0]) takeOwn(mine)
    else merged.push(row)
  }
  own.slice(next).forEach(takeOwn)
  return merged.length > limit ? merged.slice(0, limit) : merged
}

const nameOnly = ([path]: Birth): Laid => [path, '']

export function listed<V>(prefix: string, [path, value]: Laid): ListedEntry<V> {
  return { path, name: path.slice(prefix.length), value: decodeValue<V>(value) }
}

/** As it stood at the serial: later lives are left out, later deaths have not happened. */
async function readHistory<V>(reader: BackendReader, path: string, at: Serial): Promise<Life<V>[]> {
  const lives = await reader.history(path)
  return lives
    .filter(({ born }) => born <= at)
    .map(({ born, died, value }) => ({
      born,
      died: died !== undefined && died <= at ? died : undefined,
      value: decodeValue<V>(value),
    }))
}
