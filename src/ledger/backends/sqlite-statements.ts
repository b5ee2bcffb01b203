/** The SQL of the SQLite backend. */
import type { DatabaseSync } from 'node:sqlite'
import type { Birth, Row, ScanOptions, StoredLife } from '../backend.ts'
import { comparePaths, type Change, type ChangedEntry, type Head } from '../change.ts'
import type { Fence } from '../fence.ts'
import type { LargeLives } from '../large-values.ts'
import type { Serial } from '../key.ts'

/** The layout of the tables below, kept in SQLite's `user_version`. */
export const SCHEMA_VERSION = 1

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

/** Apart from the others: a file that an earlier version made has no such table. */
export const FENCE_SCHEMA = `
CREATE TABLE IF NOT EXISTS fence (one INTEGER PRIMARY KEY CHECK (one = 1), fence TEXT NOT NULL);
`

const UNSOUND_LIFE = `
SELECT min(born) AS serial FROM (
  SELECT born, died, lag(ifnull(died, 9e15)) OVER (PARTITION BY key ORDER BY born) AS last_died FROM entry
)
WHERE last_died > born OR died <= born
   OR max(born, ifnull(died, 0)) > (SELECT ifnull(max(serial), -1) FROM change)
`

const LIVES_AT = 'born <= :at AND (died IS NULL OR died > :at)'

export interface Reads {
  dataVersion(): number
  head(): Head | undefined
  fence(): Fence | undefined
  get(path: string, at: Serial): string | undefined
  scan(prefix: string, at: Serial, options: ScanOptions): Row[]
  scanBirths(prefix: string, at: Serial, options: ScanOptions): Birth[]
  history(path: string): StoredLife[]
  change(serial: Serial): Omit<Change, 'entries'> | undefined
  changedEntries(serial: Serial): ChangedEntry[]
  changedPaths(serial: Serial): string[]
  unsoundLife(): Serial | undefined
}

/** `large`: for a connection that sees what is committed and nothing else. */
export function prepareReads(db: DatabaseSync, large?: LargeLives): Reads {
  const dataVersion = db.prepare('PRAGMA data_version')
  const head = db.prepare(
    'SELECT serial, epoch, format, hash FROM change ORDER BY serial DESC LIMIT 1',
  )
  const fence = db.prepare('SELECT fence FROM fence')
  // The last life begun by then, and not all of them: a key that is often set has many.
  const life = 'FROM entry WHERE key = ? AND born <= ? ORDER BY born DESC LIMIT 1'
  const get = db.prepare(`SELECT value, born, died ${life}`)
  const getSpan = db.prepare(`SELECT born, died ${life}`)
  const range = `key > :after AND key < :end AND ${LIVES_AT} ORDER BY key LIMIT :limit`
  const scan = db.prepare(`SELECT key, value, born FROM entry WHERE ${range}`)
  const scanBirths = db.prepare(`SELECT key, born FROM entry WHERE ${range}`)
  for (const many of [scan, scanBirths]) many.setReturnArrays(true)
  const history = db.prepare('SELECT born, died, value FROM entry WHERE key = ? ORDER BY born')
  const change = db.prepare('SELECT * FROM change WHERE serial = ?')
  const born = db.prepare('SELECT key AS path, value FROM entry WHERE born = ?')
  const bornPaths = db.prepare('SELECT key AS path FROM entry WHERE born = ?')
  const died = db.prepare('SELECT key AS path FROM entry WHERE died = ?')
  const unsoundLife = db.prepare(UNSOUND_LIFE)

  return {
    dataVersion: () => (dataVersion.get() as { data_version: number }).data_version,
    head: () => head.get() as Head | undefined,
    fence() {
      const row = fence.get() as { fence: string } | undefined
      return row && (JSON.parse(row.fence) as Fence)
    },
    get(path, at) {
      const known = large?.find(path)
      const span = known && (getSpan.get(path, at) as unknown as Span | undefined)
      if (known && span?.born === known.born) return lives(span, at) ? known.value : undefined
      const life = get.get(path, at) as unknown as (Span & { value: string }) | undefined
      if (!life || !lives(life, at)) return undefined
      large?.add(path, life)
      return life.value
    },
    scan: (prefix, at, options) => scan.all(boundsOf(prefix, at, options)) as unknown as Row[],
    scanBirths: (prefix, at, options) =>
      scanBirths.all(boundsOf(prefix, at, options)) as unknown as Birth[],
    history: (path) =>
      (history.all(path) as unknown as (StoredLife & { died: Serial | null })[]).map((life) => ({
        ...life,
        died: life.died ?? undefined,
      })),
    change: (serial) => change.get(serial) as Omit<Change, 'entries'> | undefined,
    changedEntries(serial) {
      const begun = born.all(serial) as { path: string; value: string }[]
      const renewed = new Set(begun.map(({ path }) => path))
      const ended = (died.all(serial) as { path: string }[])
        .filter(({ path }) => !renewed.has(path))
        .map(({ path }) => ({ path, value: null }))
      return [...begun.map(({ path, value }) => ({ path, value })), ...ended].sort((a, b) =>
        comparePaths(a.path, b.path),
      )
    },
    changedPaths(serial) {
      const begun = bornPaths.all(serial) as { path: string }[]
      const ended = died.all(serial) as { path: string }[]
      return [...new Set([...begun, ...ended].map(({ path }) => path))].sort(comparePaths)
    },
    unsoundLife: () => (unsoundLife.get() as { serial: Serial | null }).serial ?? undefined,
  }
}

interface Span {
  readonly born: Serial
  readonly died: Serial | null
}

const lives = ({ died }: Span, at: Serial): boolean => died === null || died > at

/** A range is all that begins with its prefix: from the `/` at its end up to the next character, `0`. */
function boundsOf(prefix: string, at: Serial, { after, limit }: ScanOptions) {
  return {
    after: after !== undefined && comparePaths(after, prefix) > 0 ? after : prefix,
    end: `${prefix.slice(0, -1)}0`,
    at,
    limit: limit ?? -1,
  }
}

export interface Writes {
  begin(change: Change): void
  append(serial: Serial, entries: readonly ChangedEntry[]): void
  setFence(fence: Fence): void
  forgetAfter(serial: Serial): void
}

export function prepareWrites(db: DatabaseSync): Writes {
  const addChange = db.prepare('INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)')
  const endLife = db.prepare('UPDATE entry SET died = ? WHERE key = ? AND died IS NULL')
  const beginLife = db.prepare('INSERT INTO entry VALUES (?, ?, NULL, ?)')
  // Most keys are new: this finds out in the step that stores them.
  const beginFirstLife = db.prepare(
    'INSERT INTO entry VALUES (?, ?, NULL, ?) ON CONFLICT (key) WHERE died IS NULL DO NOTHING',
  )
  const setFence = db.prepare('INSERT OR REPLACE INTO fence VALUES (1, ?)')
  // In this order: a key has one life that has not ended.
  const forgetting = [
    'DELETE FROM entry WHERE born > ?',
    'UPDATE entry SET died = NULL WHERE died > ?',
    'DELETE FROM change WHERE serial > ?',
  ].map((sql) => db.prepare(sql))
  return {
    setFence: (fence) => void setFence.run(JSON.stringify(fence)),
    forgetAfter(serial) {
      for (const statement of forgetting) statement.run(serial)
    },
    begin({ serial, at, actor, epoch, format, hash }) {
      addChange.run(serial, at, actor, epoch, format, hash)
    },
    append(serial, entries) {
      for (const { path, value } of entries) {
        if (value !== null && beginFirstLife.run(path, serial, value).changes > 0) continue
        endLife.run(serial, path)
        if (value !== null) beginLife.run(path, serial, value)
      }
    },
  }
}
