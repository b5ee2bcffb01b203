/**
 * What a replica knows of the blobs that it is still to get: up to which serial all are here, which of those could not
 * be had, and which entries are left out by choice. It may be lost: then all is looked at again.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Sha256 } from '#base/digest'
import type { Serial } from '#ledger/key'

/** No blob is left alone for longer: an instant beyond it was written while the clock was wrong. */
export const LONGEST_WAIT_MS = 3_600_000

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
  CREATE TABLE IF NOT EXISTS left_out (path TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS chosen (
    one INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    settings TEXT NOT NULL
  ) STRICT;
`

/** What was chosen, and the settings that say so, in whatever form their reader has. */
export interface Chosen {
  readonly name: string
  readonly settings: string
}

/** Books that were begun before there was a choice. */
const NO_CHOICE: Chosen = { name: 'all', settings: '{}' }

export class BlobBook {
  readonly #db: DatabaseSync
  readonly #list: StatementSync
  readonly #count: StatementSync
  readonly #nextDue: StatementSync
  readonly #save: StatementSync
  readonly #remove: StatementSync
  readonly #findWalked: StatementSync
  readonly #saveWalked: StatementSync
  readonly #leaveOut: StatementSync
  readonly #include: StatementSync
  #leftOutCount: number

  /**
   * A file that cannot be used is begun anew: what it knows can be found out again. Where `choice` is another one than
   * before, nothing has been looked at.
   */
  static open(file: string, choice?: Chosen): BlobBook {
    mkdirSync(dirname(file), { recursive: true })
    try {
      return new BlobBook(file, choice)
    } catch {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      return new BlobBook(file, choice)
    }
  }

  /** Use `open`. */
  constructor(file: string, choice?: Chosen) {
    this.#db = new DatabaseSync(file)
    try {
      this.#db.exec(SCHEMA)
      this.#list = this.#db.prepare('SELECT * FROM owed ORDER BY next_at LIMIT ?')
      this.#count = this.#db.prepare('SELECT count(*) AS count FROM owed')
      this.#nextDue = this.#db.prepare(
        'SELECT * FROM owed WHERE next_at <= ? OR next_at > ? ORDER BY next_at',
      )
      this.#save = this.#db.prepare('INSERT OR REPLACE INTO owed VALUES (?, ?, ?, ?, ?)')
      this.#remove = this.#db.prepare('DELETE FROM owed WHERE digest = ?')
      this.#findWalked = this.#db.prepare('SELECT serial FROM walked')
      this.#saveWalked = this.#db.prepare('INSERT OR REPLACE INTO walked VALUES (1, ?)')
      this.#leaveOut = this.#db.prepare('INSERT OR IGNORE INTO left_out VALUES (?)')
      this.#include = this.#db.prepare('DELETE FROM left_out WHERE path = ?')
      if (choice) this.#choose(choice)
      this.#leftOutCount = this.#countLeftOut()
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

  /** What was chosen when this was last written to. */
  get chosen(): Chosen {
    const row = this.#db.prepare('SELECT name, settings FROM chosen').get()
    return row ? { name: String(row['name']), settings: String(row['settings']) } : NO_CHOICE
  }

  /** A full disk is no reason not to start with the same choice: then nothing is written. */
  #choose({ name, settings }: Chosen): void {
    const before = this.chosen
    if (before.name === name && before.settings === settings) return
    this.#db.exec('BEGIN IMMEDIATE')
    this.#db.prepare('INSERT OR REPLACE INTO chosen VALUES (1, ?, ?)').run(name, settings)
    if (before.name !== name) {
      this.#db.exec('DELETE FROM owed; DELETE FROM left_out; DELETE FROM walked')
    }
    this.#db.exec('COMMIT')
  }

  /** Entries whose blobs are not got ahead. */
  get leftOutCount(): number {
    return this.#leftOutCount
  }

  /** Another process may have written in it until now. */
  recount(): void {
    this.#leftOutCount = this.#countLeftOut()
  }

  leaveOut(path: string): void {
    this.#leftOutCount += Number(this.#leaveOut.run(path).changes)
  }

  /** Its entry is wanted now, or gone. */
  include(path: string): void {
    if (this.#leftOutCount > 0) this.#leftOutCount -= Number(this.#include.run(path).changes)
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
    const row = this.#nextDue.get(now, now + LONGEST_WAIT_MS)
    return row && readOwed(row)
  }

  owe({ digest, path, message, tries, nextAt }: OwedBlob): void {
    this.#save.run(digest, path, message, tries, Math.round(nextAt))
  }

  settle(digest: Sha256): void {
    this.#remove.run(digest)
  }

  #countLeftOut(): number {
    return Number(this.#db.prepare('SELECT count(*) AS count FROM left_out').get()?.['count'])
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
