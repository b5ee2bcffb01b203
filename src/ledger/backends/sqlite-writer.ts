/** One transaction of the SQLite backend, as its writer sees it. */
import { setImmediate } from 'node:timers/promises'
import type { BackendWriter, Birth, Row, ScanOptions, StoredLife } from '../backend.ts'
import { emptyHead, type Change, type Head } from '../change.ts'
import type { Fence } from '../fence.ts'
import type { Serial } from '../key.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import type { Reads, Writes } from './sqlite-statements.ts'

/** Keys that are written in one go: some milliseconds. */
const PORTION = 1000

export class SqliteWriter implements BackendWriter {
  readonly #reads: Reads
  readonly #writes: Writes
  #head: Head
  #failure: { readonly error: unknown } | undefined

  constructor(reads: Reads, writes: Writes) {
    this.#reads = reads
    this.#writes = writes
    this.#head = this.#run('read the ledger', () => reads.head()) ?? emptyHead
  }

  get head(): Head {
    return this.#head
  }

  async get(path: string, at: Serial): Promise<string | undefined> {
    return this.#run('read the ledger', () => this.#reads.get(path, at))
  }

  async scan(prefix: string, at: Serial, options: ScanOptions): Promise<Row[]> {
    return this.#run('read the ledger', () => this.#reads.scan(prefix, at, options))
  }

  async scanBirths(prefix: string, at: Serial, options: ScanOptions): Promise<Birth[]> {
    return this.#run('read the ledger', () => this.#reads.scanBirths(prefix, at, options))
  }

  async history(path: string): Promise<StoredLife[]> {
    return this.#run('read the ledger', () => this.#reads.history(path))
  }

  /** A change of very many keys lets others have their turns; readers see none of it yet. */
  async append(change: Change): Promise<void> {
    this.#run('write the ledger', () => this.#writes.begin(change))
    for (let start = 0; start < change.entries.length; start += PORTION) {
      if (start > 0) await setImmediate()
      const portion = change.entries.slice(start, start + PORTION)
      this.#run('write the ledger', () => this.#writes.append(change.serial, portion))
    }
    const { serial, epoch, format, hash } = change
    this.#head = { serial, epoch, format, hash }
  }

  async fence(): Promise<Fence | undefined> {
    return this.#run('read the ledger', () => this.#reads.fence())
  }

  async setFence(fence: Fence): Promise<void> {
    this.#run('write the ledger', () => this.#writes.setFence(fence))
  }

  async forgetAfter(serial: Serial): Promise<void> {
    this.#run('write the ledger', () => this.#writes.forgetAfter(serial))
    this.#head = this.#run('read the ledger', () => this.#reads.head()) ?? emptyHead
  }

  /** Throws what went wrong in this transaction, if anything did. */
  assertWhole(): void {
    if (this.#failure) throw this.#failure.error
  }

  /**
   * After one failure nothing more is done: SQLite rolls back by itself on some (a full disk among them), and
   * the next statement would then commit alone.
   */
  #run<T>(what: string, act: () => T): T {
    this.assertWhole()
    try {
      return act()
    } catch (cause) {
      const error = sqliteFailure(what, cause)
      this.#failure = { error }
      throw error
    }
  }
}
