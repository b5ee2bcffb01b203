/**
 * How often files of each project were asked for, by the index in their address. Counted in memory and written now and
 * then: local, bounded, and not in the ledger. What a crash takes is the count of some seconds.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'

/** Projects that are held in memory before they are written, and that are remembered at all. */
export const countLimits = { held: 5000, kept: 200_000, atOnce: 20_000 }

const WRITE_MS = 30_000

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  PRAGMA busy_timeout = 1000;
  CREATE TABLE IF NOT EXISTS download (
    of_index TEXT NOT NULL,
    project TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (of_index, project)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS download_by_count ON download (count);
`

export class DownloadCounts {
  readonly #db: DatabaseSync
  readonly #add: StatementSync
  readonly #list: StatementSync
  readonly #one: StatementSync
  readonly #timer: NodeJS.Timeout
  readonly #held = new Map<IndexName, Map<ProjectName, number>>()
  #heldProjects = 0

  /** A file that cannot be used is begun anew. */
  static open(file: string): DownloadCounts {
    mkdirSync(dirname(file), { recursive: true })
    try {
      return new DownloadCounts(file)
    } catch {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      return new DownloadCounts(file)
    }
  }

  /** Use `open`. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file)
    try {
      this.#db.exec(SCHEMA)
      this.#add = this.#db.prepare(
        `INSERT INTO download VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count`,
      )
      this.#one = this.#db.prepare('SELECT count FROM download WHERE of_index = ? AND project = ?')
      this.#list = this.#db.prepare(
        'SELECT project, count FROM download WHERE of_index = ? ORDER BY count DESC, project LIMIT ?',
      )
    } catch (error) {
      this.#db.close()
      throw error
    }
    this.#timer = setInterval(() => this.flush(), WRITE_MS).unref()
  }

  count(index: IndexName, project: ProjectName): void {
    const projects = this.#held.get(index) ?? new Map<ProjectName, number>()
    this.#held.set(index, projects)
    const before = projects.get(project)
    projects.set(project, (before ?? 0) + 1)
    if (before === undefined && ++this.#heldProjects >= countLimits.held) this.flush()
  }

  /** How often files of the project were asked for below this index. */
  find(index: IndexName, project: ProjectName): number {
    const written = Number(this.#one.get(index, project)?.['count'] ?? 0)
    return written + (this.#held.get(index)?.get(project) ?? 0)
  }

  /** The most downloaded first. */
  listTop(indexes: readonly IndexName[], most: number): ProjectName[] {
    this.flush()
    const sums = new Map<ProjectName, number>()
    for (const index of indexes) {
      for (const row of this.#list.all(index, most)) {
        const project = String(row['project'])
        sums.set(project, (sums.get(project) ?? 0) + Number(row['count']))
      }
    }
    return [...sums]
      .toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
      .slice(0, most)
      .map(([project]) => project)
  }

  /** Writes what is held. A disk that is full loses counts, and nothing else. */
  flush(): void {
    if (this.#heldProjects === 0) return
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      for (const [index, projects] of this.#held) {
        for (const [project, count] of projects) this.#add.run(index, project, count)
      }
      this.#trim()
      this.#db.exec('COMMIT')
    } catch {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
    }
    this.#held.clear()
    this.#heldProjects = 0
  }

  close(): void {
    clearInterval(this.#timer)
    this.flush()
    this.#db.close()
  }

  #trim(): void {
    const { kept, atOnce } = countLimits
    const count = Number(this.#db.prepare('SELECT count(*) AS n FROM download').get()?.['n'])
    if (count <= kept) return
    this.#db
      .prepare(
        `DELETE FROM download WHERE (of_index, project) IN
         (SELECT of_index, project FROM download ORDER BY count LIMIT ?)`,
      )
      .run(count - kept + atOnce)
  }
}
