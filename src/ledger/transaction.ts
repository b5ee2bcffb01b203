/** What a reader and a writer may do inside a transaction. */
import type { Key, KeyRange, Serial } from './key.ts'

export interface ListOptions {
  /** Begin after this path (exclusive). */
  readonly after?: string
  readonly limit?: number
}

export interface ListedEntry<V> {
  readonly path: string
  /** The part of the path behind the range's prefix. */
  readonly name: string
  readonly value: V
}

/** A consistent view: everything is read as it stood at one serial. */
export interface ReadTransaction {
  readonly serial: Serial
  get<V>(key: Key<V>): Promise<V | undefined>
  /** All entries of the range in the order of their paths (by UTF-8 bytes). */
  list<V>(range: KeyRange<V>, options?: ListOptions): Promise<ListedEntry<V>[]>
  /** Like `list`, without reading the values. */
  listNames<V>(range: KeyRange<V>, options?: ListOptions): Promise<string[]>
  /** Every life the key has had up to this serial, oldest first; without what this transaction has set. */
  history<V>(key: Key<V>): Promise<Life<V>[]>
}

/** One life of a key: it was born at a serial and, unless it lives, died at one. */
export interface Life<V> {
  readonly born: Serial
  readonly died: Serial | undefined
  readonly value: V
}

/** A view that also writes. It sees its own changes; they become one serial together, or none. */
export interface WriteTransaction extends ReadTransaction {
  /** The instant of this change, in milliseconds. */
  readonly time: number
  readonly actor: string
  set<V>(key: Key<V>, value: V): void
  remove(key: Key<unknown>): void
}
