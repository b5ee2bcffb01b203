/**
 * What only this machine knows of its upstreams, and may be lost: when a page was last looked at, its ETag, and
 * which claimed names upstreams offer. It is not in the ledger, so that a look that finds nothing new makes no serial.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { Claim } from './claims.ts'

/** The last look at a page that upstream answered. */
export interface Look {
  /** What the links were made from besides the page: they hold only as long as this is the same. */
  readonly basis: string
  /** Of the links in the ledger at that time; of the list of names, its digest. */
  readonly fingerprint: string
  readonly etag: string | undefined
  readonly at: number
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  PRAGMA busy_timeout = 1000;
  CREATE TABLE IF NOT EXISTS look (
    mirror TEXT NOT NULL,
    project TEXT NOT NULL,
    basis TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    etag TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (mirror, project)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS claim (
    mirror TEXT NOT NULL,
    project TEXT NOT NULL,
    stage TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (mirror, project)
  ) WITHOUT ROWID, STRICT;
`

/** The list of names is remembered like a project of this name, which none can have. */
export const NAMES = ''

export class LocalState {
  readonly #db: DatabaseSync
  readonly #find: StatementSync
  readonly #listNames: StatementSync
  readonly #save: StatementSync
  readonly #remove: StatementSync
  readonly #listMirrors: StatementSync
  readonly #removeMirror: StatementSync
  readonly #listClaims: StatementSync
  readonly #saveClaim: StatementSync
  readonly #removeClaim: StatementSync

  /** A file that cannot be used is begun anew. */
  static open(file: string): LocalState {
    mkdirSync(dirname(file), { recursive: true })
    try {
      return new LocalState(file)
    } catch {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      return new LocalState(file)
    }
  }

  /** Use `open`. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file)
    try {
      this.#db.exec(SCHEMA)
      this.#find = this.#db.prepare(
        'SELECT basis, fingerprint, etag, at FROM look WHERE mirror = ? AND project = ?',
      )
      this.#listNames = this.#db.prepare('SELECT mirror, fingerprint FROM look WHERE project = ?')
      this.#save = this.#db.prepare('INSERT OR REPLACE INTO look VALUES (?, ?, ?, ?, ?, ?)')
      this.#remove = this.#db.prepare('DELETE FROM look WHERE mirror = ? AND project = ?')
      this.#listMirrors = this.#db.prepare('SELECT DISTINCT mirror FROM look')
      this.#removeMirror = this.#db.prepare('DELETE FROM look WHERE mirror = ?')
      this.#listClaims = this.#db.prepare('SELECT * FROM claim ORDER BY since')
      this.#saveClaim = this.#db.prepare('INSERT OR REPLACE INTO claim VALUES (?, ?, ?, ?)')
      this.#removeClaim = this.#db.prepare('DELETE FROM claim WHERE mirror = ? AND project = ?')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  find(index: IndexName, project: ProjectName | typeof NAMES): Look | undefined {
    return attempt(() => {
      const row = this.#find.get(index, project)
      if (!row) return undefined
      const { basis, fingerprint, etag, at } = row
      return {
        basis: String(basis),
        fingerprint: String(fingerprint),
        etag: etag === null ? undefined : String(etag),
        at: Number(at),
      }
    })
  }

  listNamesLooks(): { index: IndexName; fingerprint: string }[] {
    const rows = attempt(() => this.#listNames.all(NAMES)) ?? []
    return rows.map((row) => ({
      index: String(row['mirror']),
      fingerprint: String(row['fingerprint']),
    }))
  }

  save(index: IndexName, project: ProjectName | typeof NAMES, look: Look): void {
    const { basis, fingerprint, etag = null, at } = look
    attempt(() => this.#save.run(index, project, basis, fingerprint, etag, Math.round(at)))
  }

  remove(index: IndexName, project: ProjectName | typeof NAMES): void {
    attempt(() => this.#remove.run(index, project))
  }

  /** The oldest first. */
  listClaims(): Claim[] {
    const rows = attempt(() => this.#listClaims.all()) ?? []
    return rows.map(({ mirror, project, stage, since }) => ({
      mirror: String(mirror),
      project: String(project) as ProjectName,
      stage: String(stage),
      since: String(since),
    }))
  }

  saveClaim({ mirror, project, stage, since }: Claim): void {
    attempt(() => this.#saveClaim.run(mirror, project, stage, since))
  }

  removeClaim(mirror: IndexName, project: ProjectName): void {
    attempt(() => this.#removeClaim.run(mirror, project))
  }

  /** Forgets the mirrors that are no more. */
  keepOnly(mirrors: ReadonlySet<IndexName>): void {
    const rows = attempt(() => this.#listMirrors.all()) ?? []
    for (const { mirror } of rows) {
      if (!mirrors.has(String(mirror))) attempt(() => this.#removeMirror.run(String(mirror)))
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }
}

/** A disk that is full or a file that was taken away costs a look at upstream, and fails no request. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
