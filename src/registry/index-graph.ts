/** Which index inherits from which, kept in memory: one scan of all indexes, then only what each commit changes. */
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import type { Readers } from './access.ts'
import type { IndexEntry, IndexName, MirrorEntry } from './indexes.ts'
import { keys } from './keys.ts'

/** What the graph knows of an index. */
export interface Inheriting {
  readonly kind: IndexEntry['type']
  /** In their order; of a mirror there are none. */
  readonly bases: readonly IndexName[]
  /** Where not everybody may read it. */
  readonly readers?: Readers
  /** Of a mirror: where it is, as its options say. */
  readonly upstream?: {
    readonly url: MirrorEntry['mirror_url'] | undefined
    readonly layout: MirrorEntry['mirror_layout'] | undefined
  }
}

/** The indexes as they stand now, and who inherits from them directly. */
export interface Bases {
  readonly indexes: ReadonlyMap<IndexName, Inheriting>
  /** Also of bases that are missing. */
  heirsOf(name: IndexName): readonly IndexName[]
}

const PREFIX = keys.indexes().prefix

export class IndexGraph implements Bases {
  readonly #ledger: Ledger
  readonly #indexes = new Map<IndexName, Inheriting>()
  readonly #heirs = new Map<IndexName, Set<IndexName>>()
  /** Changed since they were read. */
  #changed = new Set<IndexName>()
  #isRead = false
  #revision = 0
  #reading: Promise<void> | undefined
  readonly #followers = new Set<() => void>()
  readonly #stop: () => void

  /** Reads nothing yet: the first who asks waits for one scan. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#stop = ledger.follow(({ paths }) => this.#hear(paths))
  }

  get indexes(): ReadonlyMap<IndexName, Inheriting> {
    return this.#indexes
  }

  /** Goes up with everything that is read anew. */
  get revision(): number {
    return this.#revision
  }

  heirsOf(name: IndexName): readonly IndexName[] {
    return [...(this.#heirs.get(name) ?? [])].toSorted()
  }

  /** Itself, where it is not older than any commit before the call, as far as that can be told at once. */
  peek(): Bases | undefined {
    const isBehind = this.#ledger.catchUpOnce() !== undefined
    const isCurrent = this.#isRead && this.#changed.size === 0 && !this.#reading
    return isBehind || !isCurrent ? undefined : this
  }

  /** Itself, when it is not older than any commit before the call. What is read from it must be read at once. */
  async current(): Promise<Bases> {
    await this.#ledger.catchUpOnce()
    while (!this.#isRead || this.#changed.size > 0 || this.#reading) {
      this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
      await this.#reading
    }
    return this
  }

  /** Like `current`; what is made in this transaction is made from all indexes, and is dropped with the next change. */
  async currentFor(tx: ReadTransaction): Promise<Bases> {
    await tx.listNames(keys.indexes(), { limit: 1 })
    return this.current()
  }

  /** Calls `follower` after each commit that touches an index, once the graph knows of it. */
  follow(follower: () => void): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  #hear(paths: readonly string[]): void {
    const changed = paths.filter((path) => path.startsWith(PREFIX))
    for (const path of changed) this.#changed.add(path.slice(PREFIX.length))
    if (changed.length > 0) void this.#readBehind()
  }

  async #readBehind(): Promise<void> {
    try {
      if (this.#isRead) await this.current()
    } catch {
      return // nothing is forgotten: who asks next meets the failure too
    }
    for (const follower of this.#followers) follower()
  }

  async #read(): Promise<void> {
    const changed = this.#changed
    this.#changed = new Set()
    try {
      if (this.#isRead) await this.#readSome(changed)
      else await this.#readAll()
      this.#revision++
    } catch (error) {
      for (const name of changed) this.#changed.add(name)
      throw error
    }
  }

  async #readAll(): Promise<void> {
    const all = await this.#ledger.read((tx) => tx.list(keys.indexes()))
    for (const { name, value } of all) this.#set(name, value)
    this.#isRead = true
  }

  async #readSome(names: ReadonlySet<IndexName>): Promise<void> {
    const entries = await this.#ledger.read((tx) =>
      Promise.all([...names].map(async (name) => [name, await tx.get(keys.index(name))] as const)),
    )
    for (const [name, entry] of entries) this.#set(name, entry)
  }

  #set(name: IndexName, entry: IndexEntry | undefined): void {
    for (const base of this.#indexes.get(name)?.bases ?? []) this.#removeHeir(base, name)
    if (!entry) {
      this.#indexes.delete(name)
      return
    }
    const bases = entry.type === 'stage' ? [...new Set(entry.bases)] : []
    this.#indexes.set(name, { kind: entry.type, bases, ...readersOf(entry), ...upstreamOf(entry) })
    for (const base of bases) {
      const heirs = this.#heirs.get(base)
      if (heirs) heirs.add(name)
      else this.#heirs.set(base, new Set([name]))
    }
  }

  #removeHeir(base: IndexName, heir: IndexName): void {
    const heirs = this.#heirs.get(base)
    heirs?.delete(heir)
    if (heirs?.size === 0) this.#heirs.delete(base)
  }

  close(): void {
    this.#stop()
    this.#followers.clear()
  }
}

function upstreamOf(entry: IndexEntry): Pick<Inheriting, 'upstream'> {
  if (entry.type !== 'mirror') return {}
  const { mirror_url: url, mirror_layout: layout } = entry
  return { upstream: { url, layout } }
}

function readersOf(entry: IndexEntry): Pick<Inheriting, 'readers'> {
  if (!entry.acl_read) return {}
  const upload = entry.type === 'stage' ? entry.acl_upload : []
  return { readers: { read: entry.acl_read, upload } }
}
