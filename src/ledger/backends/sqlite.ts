/** The ledger in one SQLite file (WAL): a row per change, and a row per life of a key. */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { StorageFailure } from '#base/failure'
import type { BackendWriter, LedgerBackend, Row, ScanOptions, StoredLife } from '../backend.ts'
import { emptyHead, comparePaths, type Change, type Head } from '../change.ts'
import type { Serial } from '../key.ts'
import {
  prepareReads,
  prepareWrites,
  SCHEMA,
  type Reads,
  type Writes,
} from './sqlite-statements.ts'

/** How long a writer waits for another process that holds the write lock. */
const LOCK_TIMEOUT_MS = 30_000

export class SqliteBackend implements LedgerBackend {
  readonly #reader: DatabaseSync
  readonly #writer: DatabaseSync
  readonly #reads: Reads
  readonly #writerReads: Reads
  readonly #writes: Writes
  #dataVersion: number

  /** `:memory:` is not possible: reader and writer are two connections to one file. */
  constructor(file: string) {
    this.#writer = openDatabase(file)
    guard('set up the ledger', () => this.#writer.exec(SCHEMA))
    this.#reader = openDatabase(file)
    this.#reads = prepareReads(this.#reader)
    this.#writerReads = prepareReads(this.#writer)
    this.#writes = prepareWrites(this.#writer)
    this.#dataVersion = this.#reads.dataVersion()
  }

  mayHaveChanged(): boolean {
    const version = guard('read the ledger', () => this.#reads.dataVersion())
    if (version === this.#dataVersion) return false
    this.#dataVersion = version
    return true
  }

  async head(): Promise<Head> {
    return guard('read the ledger', () => this.#reads.head()) ?? emptyHead
  }

  async get(path: string, at: Serial): Promise<string | undefined> {
    return guard('read the ledger', () => this.#reads.get(path, at))
  }

  async scan(prefix: string, at: Serial, options: ScanOptions): Promise<Row[]> {
    return guard('read the ledger', () => this.#reads.scan(prefix, at, options))
  }

  async scanPaths(prefix: string, at: Serial, options: ScanOptions): Promise<string[]> {
    return guard('read the ledger', () => this.#reads.scanPaths(prefix, at, options))
  }

  async history(path: string): Promise<StoredLife[]> {
    return guard('read the ledger', () => this.#reads.history(path))
  }

  async change(serial: Serial): Promise<Change | undefined> {
    return guard('read the ledger', () => {
      const change = this.#reads.change(serial)
      if (!change) return undefined
      const entries = this.#reads.changedEntries(serial)
      return { ...change, entries: entries.sort((a, b) => comparePaths(a.path, b.path)) }
    })
  }

  async changedPaths(serial: Serial): Promise<string[]> {
    return guard('read the ledger', () => this.#reads.changedPaths(serial))
  }

  async exclusive<T>(work: (writer: BackendWriter) => Promise<T>): Promise<T> {
    await this.#begin()
    let isOpen = true
    try {
      const result = await work(this.#exclusiveWriter())
      guard('write the ledger', () => this.#writer.exec('COMMIT'))
      isOpen = false
      return result
    } finally {
      if (isOpen) this.#rollBack()
    }
  }

  /** Takes the write lock of all processes, without blocking this one while another holds it. */
  async #begin(): Promise<void> {
    const deadline = Date.now() + LOCK_TIMEOUT_MS
    for (let pause = 1; ; pause = Math.min(pause * 2, 16)) {
      try {
        this.#writer.exec('BEGIN IMMEDIATE')
        return
      } catch (error) {
        if (!isBusy(error)) throw storageFailure('write the ledger', error)
        if (Date.now() > deadline) {
          throw storageFailure('write the ledger: another process holds it', error)
        }
      }
      await wait(pause)
    }
  }

  #rollBack(): void {
    // SQLite has rolled back by itself after some errors (a full disk among them).
    if (this.#writer.isTransaction) this.#writer.exec('ROLLBACK')
  }

  #exclusiveWriter(): BackendWriter {
    const reads = this.#writerReads
    const writes = this.#writes
    let head = guard('read the ledger', () => reads.head()) ?? emptyHead
    return {
      get head() {
        return head
      },
      get: async (path, at) => guard('read the ledger', () => reads.get(path, at)),
      scan: async (prefix, at, options) =>
        guard('read the ledger', () => reads.scan(prefix, at, options)),
      scanPaths: async (prefix, at, options) =>
        guard('read the ledger', () => reads.scanPaths(prefix, at, options)),
      history: async (path) => guard('read the ledger', () => reads.history(path)),
      async append(change) {
        guard('write the ledger', () => writes.append(change))
        head = { serial: change.serial, epoch: change.epoch, hash: change.hash }
      },
    }
  }

  async close(): Promise<void> {
    this.#reader.close()
    this.#writer.close()
  }
}

function openDatabase(file: string): DatabaseSync {
  return guard('open the ledger', () => {
    const db = new DatabaseSync(file, { timeout: 0 })
    // FULL: the write-ahead log is synced before a commit returns, so it survives a power loss.
    for (let tries = 0; ; tries++) {
      try {
        db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8000')
        break
      } catch (error) {
        // Another process is opening or recovering the same file at this very moment.
        if (!isBusy(error) || tries > 1000) throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      }
    }
    return db
  })
}

function guard<T>(what: string, act: () => T): T {
  for (let tries = 0; ; tries++) {
    try {
      return act()
    } catch (error) {
      // A reader meets a lock only in the moment when another process recovers or truncates the log.
      if (what !== 'read the ledger' || !isBusy(error) || tries > 200)
        throw storageFailure(what, error)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** SQLite's result codes: the low byte is the kind. */
const SQLITE_BUSY = 5
const SQLITE_FULL = 13

function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

const isBusy = (error: unknown): boolean => resultCode(error) === SQLITE_BUSY

function storageFailure(what: string, cause: unknown): unknown {
  if (resultCode(cause) === undefined) return cause
  const isFull = resultCode(cause) === SQLITE_FULL
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StorageFailure(`Cannot ${what}: ${reason}`, { isFull, cause })
}
