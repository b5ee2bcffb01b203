/**
 * What a replica knows of the blobs that it is still to get: up to which serial all are here, and which of those could
 * not be had. It may be lost: then all is looked at again.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Sha256 } from '#base/digest'
import type { Serial } from '#ledger/key'

/** A blob that could not be had, and is tried again. */
export interface OwedBlob {
  readonly digest: Sha256
  /** The key that names it. */
  readonly path: string
  readonly message: string
  /** How often it was tried. */
  readonly tries: number
  /** An instant: when it is tried again. */
  readonly nextAt: number
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 1000;
  CREATE TABLE IF NOT EXISTS owed (
    digest TEXT NOT NULL PRIMARY KEY,
    path TEXT NOT NULL,
    message TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS walked (
    one INTEGER NOT NULL PRIMARY KEY,
    serial INTEGER NOT NULL
  ) STRICT;
`

export class BlobBook {
  readonly #db: DatabaseSync
  readonly #list: StatementSync
  readonly #count: StatementSync
  readonly #nextDue: StatementSync
  readonly #save: StatementSync
  readonly #remove: StatementSync
  readonly #findWalked: StatementSync
  readonly #saveWalked: StatementSync

  /** A file that cannot be used is begun anew. */
  static open(file: string): BlobBook {
    mkdirSync(dirname(file), { recursive: true })
    try {
      return new BlobBook(file)
    } catch {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      return new BlobBook(file)
    }
  }

  /** Use `open`. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file)
    try {
      this.#db.exec(SCHEMA)
      this.#list = this.#db.prepare('SELECT * FROM owed ORDER BY next_at LIMIT ?')
      this.#count = this.#db.prepare('SELECT count(*) AS count FROM owed')
      this.#nextDue = this.#db.prepare('SELECT * FROM owed WHERE next_at <= ? ORDER BY next_at')
      this.#save = this.#db.prepare('INSERT OR REPLACE INTO owed VALUES (?, ?, ?, ?, ?)')
      this.#remove = this.#db.prepare('DELETE FROM owed WHERE digest = ?')
      this.#findWalked = this.#db.prepare('SELECT serial FROM walked')
      this.#saveWalked = this.#db.prepare('INSERT OR REPLACE INTO walked VALUES (1, ?)')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** All blobs up to this serial are here, or owed. */
  get walked(): Serial {
    return Number(this.#findWalked.get()?.['serial'] ?? -1)
  }

  set walked(serial: Serial) {
    this.#saveWalked.run(serial)
  }

  get owedCount(): number {
    return Number(this.#count.get()?.['count'])
  }

  /** The first of them, those that are tried next. */
  listOwed(most: number): OwedBlob[] {
    return this.#list.all(most).map(readOwed)
  }

  /** The one that has waited longest of those whose time has come. */
  findDue(now: number): OwedBlob | undefined {
    const row = this.#nextDue.get(now)
    return row && readOwed(row)
  }

  owe({ digest, path, message, tries, nextAt }: OwedBlob): void {
    this.#save.run(digest, path, message, tries, Math.round(nextAt))
  }

  settle(digest: Sha256): void {
    this.#remove.run(digest)
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }
}

function readOwed(row: Record<string, unknown>): OwedBlob {
  return {
    digest: String(row['digest']) as Sha256,
    path: String(row['path']),
    message: String(row['message']),
    tries: Number(row['tries']),
    nextAt: Number(row['next_at']),
  }
}
