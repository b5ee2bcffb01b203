/**
 * Who would have been refused which file by a policy that is only rehearsed. Local, bounded, and not in the ledger:
 * nothing is lost but a count where the disk is full or the file is taken away.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { IndexName } from '#registry/indexes'

/** One kind of request: whose policy, what was asked for, and who asked. */
export interface Hit {
  /** The index on which the policy is set. */
  readonly index: IndexName
  readonly policy: string
  readonly reason: string
  /** The index that was asked. */
  readonly through: IndexName
  readonly project: string
  readonly filename: string
  /** A user, or the address of a client that nobody knows. */
  readonly who: string
  /** The program's name. */
  readonly agent: string
}

export interface CountedHit extends Hit {
  readonly count: number
  /** Milliseconds. */
  readonly first: number
  readonly last: number
}

/** Rows of one index, and of all. The oldest go first, some at a time. */
export const rehearsalLimits = { perIndex: 5000, all: 100_000, atOnce: 500 }

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  PRAGMA busy_timeout = 1000;
  CREATE TABLE IF NOT EXISTS hit (
    of_index TEXT NOT NULL,
    policy TEXT NOT NULL,
    reason TEXT NOT NULL,
    through TEXT NOT NULL,
    project TEXT NOT NULL,
    filename TEXT NOT NULL,
    who TEXT NOT NULL,
    agent TEXT NOT NULL,
    count INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    UNIQUE (of_index, policy, through, filename, who, agent)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS hit_by_time ON hit (of_index, last);
  CREATE INDEX IF NOT EXISTS hit_by_age ON hit (last);
`

const SAVE = `
  INSERT INTO hit (of_index, policy, reason, through, project, filename, who, agent, count, first, last)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + 1, last = excluded.last, reason = excluded.reason
  RETURNING count
`

export class RehearsalLog {
  readonly #db: DatabaseSync
  readonly #save: StatementSync
  readonly #list: StatementSync
  readonly #countOf: StatementSync
  readonly #countAll: StatementSync
  readonly #trimOne: StatementSync
  readonly #trimAll: StatementSync
  readonly #forget: StatementSync

  /** A file that cannot be used is begun anew. */
  static open(file: string): RehearsalLog {
    mkdirSync(dirname(file), { recursive: true })
    try {
      return new RehearsalLog(file)
    } catch {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      return new RehearsalLog(file)
    }
  }

  /** Use `open`. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file)
    try {
      this.#db.exec(SCHEMA)
      this.#save = this.#db.prepare(SAVE)
      this.#list = this.#db.prepare(
        `SELECT * FROM hit WHERE of_index = ? AND (? IS NULL OR project = ?) ORDER BY last DESC, rowid`,
      )
      this.#countOf = this.#db.prepare('SELECT count(*) AS n FROM hit WHERE of_index = ?')
      this.#countAll = this.#db.prepare('SELECT count(*) AS n FROM hit')
      this.#trimOne = this.#db.prepare(
        'DELETE FROM hit WHERE rowid IN (SELECT rowid FROM hit WHERE of_index = ? ORDER BY last LIMIT ?)',
      )
      this.#trimAll = this.#db.prepare(
        'DELETE FROM hit WHERE rowid IN (SELECT rowid FROM hit ORDER BY last LIMIT ?)',
      )
      this.#forget = this.#db.prepare('DELETE FROM hit WHERE of_index = ? OR through = ?')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  record(hit: Hit, at: number): void {
    const { index, policy, reason, through, project, filename, who, agent } = hit
    const facts = [index, policy, reason, through, project, filename, who, agent]
    attempt(() => {
      const row = this.#save.get(...facts, Math.round(at), Math.round(at))
      if (row?.['count'] === 1) this.#trim(index)
    })
  }

  /** What the policies of an index would have refused, the latest first; of one project where it is named. */
  list(index: IndexName, project?: string): CountedHit[] {
    const rows = attempt(() => this.#list.all(index, project ?? null, project ?? null)) ?? []
    return rows.map((row) => ({
      index: String(row['of_index']),
      policy: String(row['policy']),
      reason: String(row['reason']),
      through: String(row['through']),
      project: String(row['project']),
      filename: String(row['filename']),
      who: String(row['who']),
      agent: String(row['agent']),
      count: Number(row['count']),
      first: Number(row['first']),
      last: Number(row['last']),
    }))
  }

  /** Of an index that is no more. */
  forget(index: IndexName): void {
    attempt(() => this.#forget.run(index, index))
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  /** Names of programs and addresses are the client's to choose. */
  #trim(index: IndexName): void {
    const { perIndex, all, atOnce } = rehearsalLimits
    if (Number(this.#countOf.get(index)?.['n']) > perIndex) this.#trimOne.run(index, atOnce)
    if (Number(this.#countAll.get()?.['n']) > all) this.#trimAll.run(atOnce)
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
