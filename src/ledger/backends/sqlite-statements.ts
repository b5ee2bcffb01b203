/** The SQL of the SQLite backend. */
import type { DatabaseSync } from 'node:sqlite'
import type { Row, ScanOptions, StoredLife } from '../backend.ts'
import type { Change, ChangedEntry, Head } from '../change.ts'
import type { Serial } from '../key.ts'

/** Values are text (canonical JSON). Paths sort by UTF-8 bytes: SQLite's BINARY. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS entry (
  key   TEXT    NOT NULL,
  born  INTEGER NOT NULL,
  died  INTEGER,
  value TEXT    NOT NULL,
  PRIMARY KEY (key, born)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS entry_live ON entry (key) WHERE died IS NULL;
CREATE INDEX IF NOT EXISTS entry_born ON entry (born);
CREATE INDEX IF NOT EXISTS entry_died ON entry (died) WHERE died IS NOT NULL;
CREATE TABLE IF NOT EXISTS change (
  serial INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  actor  TEXT    NOT NULL,
  epoch  INTEGER NOT NULL,
  format INTEGER NOT NULL,
  hash   TEXT    NOT NULL
);
`

const LIVES_AT = 'born <= :at AND (died IS NULL OR died > :at)'

/** The last code point: no path goes on after it, so `prefix` + this ends the range of the prefix. */
const RANGE_END = '\u{10ffff}'

export interface Reads {
  dataVersion(): number
  head(): Head | undefined
  get(path: string, at: Serial): string | undefined
  scan(prefix: string, at: Serial, options: ScanOptions): Row[]
  scanPaths(prefix: string, at: Serial, options: ScanOptions): string[]
  history(path: string): StoredLife[]
  change(serial: Serial): Omit<Change, 'entries'> | undefined
  changedEntries(serial: Serial): ChangedEntry[]
  changedPaths(serial: Serial): string[]
}

export function prepareReads(db: DatabaseSync): Reads {
  const dataVersion = db.prepare('PRAGMA data_version')
  const head = db.prepare('SELECT serial, epoch, hash FROM change ORDER BY serial DESC LIMIT 1')
  const get = db.prepare(`SELECT value FROM entry WHERE key = :key AND ${LIVES_AT}`)
  const range = `key > :after AND key < :end AND ${LIVES_AT} ORDER BY key LIMIT :limit`
  const scan = db.prepare(`SELECT key AS path, value FROM entry WHERE ${range}`)
  const scanPaths = db.prepare(`SELECT key AS path FROM entry WHERE ${range}`)
  const history = db.prepare('SELECT born, died, value FROM entry WHERE key = ? ORDER BY born')
  const change = db.prepare('SELECT * FROM change WHERE serial = ?')
  const born = db.prepare('SELECT key AS path, value FROM entry WHERE born = ?')
  const died = db.prepare('SELECT key AS path FROM entry WHERE died = ?')

  const bounds = (prefix: string, at: Serial, { after, limit }: ScanOptions) => ({
    after: after !== undefined && after > prefix ? after : prefix,
    end: prefix + RANGE_END,
    at,
    limit: limit ?? -1,
  })
  return {
    dataVersion: () => (dataVersion.get() as { data_version: number }).data_version,
    head: () => head.get() as Head | undefined,
    get: (path, at) => (get.get({ key: path, at }) as { value: string } | undefined)?.value,
    scan: (prefix, at, options) => scan.all(bounds(prefix, at, options)) as unknown as Row[],
    scanPaths: (prefix, at, options) =>
      (scanPaths.all(bounds(prefix, at, options)) as { path: string }[]).map(({ path }) => path),
    history: (path) =>
      (history.all(path) as unknown as (StoredLife & { died: Serial | null })[]).map((life) => ({
        ...life,
        died: life.died ?? undefined,
      })),
    change: (serial) => change.get(serial) as Omit<Change, 'entries'> | undefined,
    changedEntries(serial) {
      const begun = born.all(serial) as unknown as ChangedEntry[]
      const renewed = new Set(begun.map(({ path }) => path))
      const ended = (died.all(serial) as { path: string }[])
        .filter(({ path }) => !renewed.has(path))
        .map(({ path }) => ({ path, value: null }))
      return [...begun, ...ended]
    },
    changedPaths(serial) {
      const begun = born.all(serial) as { path: string }[]
      const ended = died.all(serial) as { path: string }[]
      return [...new Set([...begun, ...ended].map(({ path }) => path))]
    },
  }
}

export interface Writes {
  append(change: Change): void
}

export function prepareWrites(db: DatabaseSync): Writes {
  const addChange = db.prepare('INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)')
  const endLife = db.prepare('UPDATE entry SET died = ? WHERE key = ? AND died IS NULL')
  const beginLife = db.prepare('INSERT INTO entry VALUES (?, ?, NULL, ?)')
  return {
    append({ serial, at, actor, epoch, format, hash, entries }) {
      addChange.run(serial, at, actor, epoch, format, hash)
      for (const { path, value } of entries) {
        endLife.run(serial, path)
        if (value !== null) beginLife.run(path, serial, value)
      }
    },
  }
}
