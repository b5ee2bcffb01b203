/** The transactions: a backend's rows as typed values, and a writer's own changes laid over them. */
import type { BackendReader, BackendWriter, Row } from './backend.ts'
import { comparePaths, type ChangedEntry } from './change.ts'
import { decodeValue, encodeValue } from './codec.ts'
import type { Key, KeyRange, Serial } from './key.ts'
import type {
  Life,
  ListedEntry,
  ListOptions,
  ReadTransaction,
  WriteTransaction,
} from './transaction.ts'

export class ReadView implements ReadTransaction {
  readonly serial: Serial
  readonly #reader: BackendReader
  readonly #onRead: ((path: string) => void) | undefined

  /** `onRead` is told every key path and range prefix that is read, for caches. */
  constructor(reader: BackendReader, serial: Serial, onRead?: (path: string) => void) {
    this.#reader = reader
    this.serial = serial
    this.#onRead = onRead
  }

  async get<V>({ path }: Key<V>): Promise<V | undefined> {
    this.#onRead?.(path)
    const text = await this.#reader.get(path, this.serial)
    return text === undefined ? undefined : decodeValue<V>(text)
  }

  async list<V>({ prefix }: KeyRange<V>, options: ListOptions = {}): Promise<ListedEntry<V>[]> {
    this.#onRead?.(prefix)
    const rows = await this.#reader.scan(prefix, this.serial, options)
    return rows.map((row) => listed<V>(prefix, row))
  }

  async listNames<V>({ prefix }: KeyRange<V>, options: ListOptions = {}): Promise<string[]> {
    this.#onRead?.(prefix)
    const paths = await this.#reader.scanPaths(prefix, this.serial, options)
    return paths.map((path) => path.slice(prefix.length))
  }

  async history<V>({ path }: Key<V>): Promise<Life<V>[]> {
    this.#onRead?.(path)
    return readHistory<V>(this.#reader, path)
  }
}

export class WriteView implements WriteTransaction {
  readonly time: number
  readonly actor: string
  readonly #writer: BackendWriter
  readonly #changed = new Map<string, string | null>()

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
    const text = own === undefined ? await this.#writer.get(path, this.serial) : (own ?? undefined)
    return text === undefined ? undefined : decodeValue<V>(text)
  }

  async list<V>({ prefix }: KeyRange<V>, options: ListOptions = {}): Promise<ListedEntry<V>[]> {
    const own = this.#ownBelow(prefix, options)
    if (own.length === 0) {
      const rows = await this.#writer.scan(prefix, this.serial, options)
      return rows.map((row) => listed<V>(prefix, row))
    }
    const { limit } = options
    const rows = await this.#writer.scan(prefix, this.serial, { ...options, limit: undefined })
    const merged = new Map<string, string | null>(rows.map(({ path, value }) => [path, value]))
    for (const [path, value] of own) merged.set(path, value)
    return [...merged]
      .filter((row): row is [string, string] => row[1] !== null)
      .sort(([a], [b]) => comparePaths(a, b))
      .slice(0, limit)
      .map(([path, value]) => listed<V>(prefix, { path, value }))
  }

  async listNames<V>(range: KeyRange<V>, options: ListOptions = {}): Promise<string[]> {
    const { prefix } = range
    if (this.#ownBelow(prefix, options).length > 0) {
      return (await this.list(range, options)).map(({ name }) => name)
    }
    const paths = await this.#writer.scanPaths(prefix, this.serial, options)
    return paths.map((path) => path.slice(prefix.length))
  }

  async history<V>({ path }: Key<V>): Promise<Life<V>[]> {
    return readHistory<V>(this.#writer, path)
  }

  set<V>({ path }: Key<V>, value: V): void {
    this.#changed.set(path, encodeValue(value))
  }

  remove({ path }: Key<unknown>): void {
    this.#changed.set(path, null)
  }

  /** What differs from the state before, in the order of the paths. */
  async changedEntries(): Promise<ChangedEntry[]> {
    const entries: ChangedEntry[] = []
    for (const [path, value] of this.#changed) {
      const before = await this.#writer.get(path, this.serial)
      if ((before ?? null) !== value) entries.push({ path, value })
    }
    return entries.sort((a, b) => comparePaths(a.path, b.path))
  }

  #ownBelow(prefix: string, { after }: ListOptions): [string, string | null][] {
    return [...this.#changed].filter(
      ([path]) => path.startsWith(prefix) && (after === undefined || comparePaths(path, after) > 0),
    )
  }
}

function listed<V>(prefix: string, { path, value }: Row): ListedEntry<V> {
  return { path, name: path.slice(prefix.length), value: decodeValue<V>(value) }
}

async function readHistory<V>(reader: BackendReader, path: string): Promise<Life<V>[]> {
  const lives = await reader.history(path)
  return lives.map(({ born, died, value }) => ({ born, died, value: decodeValue<V>(value) }))
}
