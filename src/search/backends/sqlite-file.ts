/** The file of a search index in SQLite. It may be taken away at any time, and is then made anew. */
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Goes up with whatever makes older files useless: they are begun anew. */
const FORMAT = 1

/** Words stand in `fts` once for each document, with a space on both sides: ` pip ` is a whole word. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    serial INTEGER,
    hash TEXT,
    walk TEXT,
    wants_rebuild INTEGER NOT NULL DEFAULT 0,
    sequence INTEGER NOT NULL DEFAULT 0,
    holder TEXT,
    held_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT OR IGNORE INTO state (id) VALUES (1);
  CREATE TABLE IF NOT EXISTS of_index (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    names_token TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS project (
    id INTEGER PRIMARY KEY,
    of_index INTEGER NOT NULL,
    name TEXT NOT NULL,
    is_listed INTEGER NOT NULL DEFAULT 0,
    is_known INTEGER NOT NULL DEFAULT 0,
    serial INTEGER,
    spelling TEXT,
    version TEXT,
    docs_version TEXT,
    summary TEXT,
    UNIQUE (of_index, name)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS project_known ON project (of_index, name) WHERE is_known;
  CREATE TABLE IF NOT EXISTS tag (
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    project INTEGER NOT NULL,
    PRIMARY KEY (field, value, project)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS tag_of_project ON tag (project);
  CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY,
    project INTEGER NOT NULL,
    title TEXT,
    path TEXT,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS document_of_project ON document (project);
  CREATE TABLE IF NOT EXISTS owed (
    of_index TEXT NOT NULL,
    project TEXT NOT NULL,
    PRIMARY KEY (of_index, project)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE IF NOT EXISTS fts USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'trigram'
  );
  INSERT INTO fts (fts, rank) VALUES ('hashsize', 16000000);
`

/** A file that cannot be used, or was written by another version, is begun anew. */
export function openForWriting(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true })
  try {
    const db = openFile(file)
    if (db) return db
  } catch {
    // begun anew below; if that fails too, the disk says why
  }
  removeFile(file)
  const db = openFile(file)
  if (!db) throw new Error(`${file} can't be begun anew`)
  return db
}

export function removeFile(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
}

function openFile(file: string): DatabaseSync | undefined {
  const db = new DatabaseSync(file)
  try {
    db.exec(`
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
    `)
    const format = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
    if (format !== FORMAT && format !== 0) {
      db.close()
      return undefined
    }
    if (format === 0) db.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${FORMAT}; COMMIT`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Of memory, for what is read again and again. */
const READ_KILOBYTES = 24_000

/** Undefined where there is none yet that this version can read. */
export function openForReading(file: string): DatabaseSync | undefined {
  if (fileNumber(file) === undefined) return undefined
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    db.exec(`PRAGMA busy_timeout = 1000; PRAGMA cache_size = -${READ_KILOBYTES}`)
    if (Number(db.prepare('PRAGMA user_version').get()?.['user_version']) === FORMAT) return db
  } catch {
    // as if there were none
  }
  db.close()
  return undefined
}

/** Another number is another file, under the same name. */
export function fileNumber(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino
}
