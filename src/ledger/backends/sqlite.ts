/** The ledger in one SQLite file (WAL): a row per change, and a row per life of a key. */
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type {
  BackendWriter,
  Birth,
  LedgerBackend,
  Row,
  ScanOptions,
  StoredLife,
} from '../backend.ts'
import { emptyHead, type Change, type Head } from '../change.ts'
import type { Fence } from '../fence.ts'
import type { Serial } from '../key.ts'
import { LargeLives } from '../large-values.ts'
import { guard, isBusy, sqliteFailure } from './sqlite-failure.ts'
import { openReader, openWriter } from './sqlite-file.ts'
import { prepareReads, prepareWrites, type Reads, type Writes } from './sqlite-statements.ts'
import { SqliteWriter } from './sqlite-writer.ts'

/** How long a writer waits for other processes. The lock is asked for again and again: SQLite has no queue for it. */
const LOCK_TIMEOUT_MS = 30_000
const LONGEST_PAUSE_MS = 4

export class SqliteBackend implements LedgerBackend {
  /** Two connections: what the writer has not committed yet is not to be seen by readers. */
  readonly #writer: DatabaseSync
  readonly #reader: DatabaseSync
  readonly #reads: Reads
  readonly #writerReads: Reads
  readonly #writes: Writes
  #dataVersion: number
  /** The transaction that runs on the writer's connection, and those that wait for it. */
  #lastTurn: Promise<unknown> = Promise.resolve()
  #isClosed = false

  /** `:memory:` is not possible: reader and writer are two connections to one file. */
  constructor(file: string) {
    this.#writer = openWriter(file)
    this.#reader = openReader(file)
    this.#reads = prepareReads(this.#reader, new LargeLives())
    this.#writerReads = prepareReads(this.#writer)
    this.#writes = prepareWrites(this.#writer)
    this.#dataVersion = this.#reads.dataVersion()
  }

  mayHaveChanged(): boolean {
    const version = this.#read((reads) => reads.dataVersion())
    if (version === this.#dataVersion) return false
    this.#dataVersion = version
    return true
  }

  async head(): Promise<Head> {
    return this.#read((reads) => reads.head()) ?? emptyHead
  }

  async fence(): Promise<Fence | undefined> {
    return this.#read((reads) => reads.fence())
  }

  async get(path: string, at: Serial): Promise<string | undefined> {
    return this.#read((reads) => reads.get(path, at))
  }

  async scan(prefix: string, at: Serial, options: ScanOptions): Promise<Row[]> {
    return this.#read((reads) => reads.scan(prefix, at, options))
  }

  async scanBirths(prefix: string, at: Serial, options: ScanOptions): Promise<Birth[]> {
    return this.#read((reads) => reads.scanBirths(prefix, at, options))
  }

  async history(path: string): Promise<StoredLife[]> {
    return this.#read((reads) => reads.history(path))
  }

  async change(serial: Serial): Promise<Change | undefined> {
    return this.#read((reads) => {
      const change = reads.change(serial)
      return change && { ...change, entries: reads.changedEntries(serial) }
    })
  }

  async changedPaths(serial: Serial): Promise<string[]> {
    return this.#read((reads) => reads.changedPaths(serial))
  }

  async findUnsoundLife(): Promise<Serial | undefined> {
    return this.#read((reads) => reads.unsoundLife())
  }

  exclusive<T>(work: (writer: BackendWriter) => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(() => this.#transaction(work))
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#lastTurn
    this.#reader.close()
    this.#writer.close()
  }

  #read<T>(act: (reads: Reads) => T): T {
    return guard('read the ledger', () => act(this.#reads))
  }

  async #transaction<T>(work: (writer: BackendWriter) => Promise<T>): Promise<T> {
    await this.#begin()
    try {
      const writer = new SqliteWriter(this.#writerReads, this.#writes)
      const result = await work(writer)
      writer.assertWhole()
      guard('write the ledger', () => this.#writer.exec('COMMIT'))
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** Takes the write lock of all processes, without blocking this one while another holds it. */
  async #begin(): Promise<void> {
    this.#rollBack()
    const deadline = performance.now() + LOCK_TIMEOUT_MS
    for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        this.#writer.exec('BEGIN IMMEDIATE')
        return
      } catch (error) {
        if (!isBusy(error)) throw sqliteFailure('write the ledger', error)
        if (performance.now() > deadline) {
          throw sqliteFailure('write the ledger, as another process holds it', error)
        }
      }
      await wait(pause)
    }
  }

  #rollBack(): void {
    try {
      if (this.#writer.isTransaction) this.#writer.exec('ROLLBACK')
    } catch {
      // The next transaction tries again before it begins; what counts is the error that led here.
    }
  }
}
