/** Opening the SQLite file of a ledger: its settings, its tables, and other processes that open it too. */
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { diskFailure } from '#base/disk-failure'
import { UnknownFormat } from '../backend.ts'
import { guard, isBusy } from './sqlite-failure.ts'
import { FENCE_SCHEMA, SCHEMA, SCHEMA_VERSION } from './sqlite-statements.ts'

/** How long opening waits for others that set up or recover the same file. */
const OPEN_TIMEOUT_MS = 10_000
/** A reader meets a lock only in the moment when another process recovers or removes the log. */
const READ_TIMEOUT_MS = 2_000

/** FULL: the log is synced before a commit returns, so it survives a power loss. The limit is for after a big commit. */
const SETTINGS = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -16000;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA journal_size_limit = 67108864;
`

/** Makes the file and its tables where they are missing. */
export function openWriter(file: string): DatabaseSync {
  createPrivately(file)
  return open(file, OPEN_TIMEOUT_MS, (db) => {
    setUp(db)
    // From here on a writer that finds the lock taken waits without holding up this process.
    db.exec('PRAGMA busy_timeout = 0')
  })
}

export function openReader(file: string): DatabaseSync {
  return open(file, READ_TIMEOUT_MS, () => {})
}

/** Password hashes lie in it: only the owner may read it. The files beside it get the same mode from SQLite. */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600))
  } catch (error) {
    throw diskFailure(error, 'open the ledger')
  }
}

function open(file: string, timeout: number, prepare: (db: DatabaseSync) => void): DatabaseSync {
  return guard('open the ledger', () => {
    const db = new DatabaseSync(file, { timeout })
    try {
      untilNotBusy(() => db.exec(SETTINGS))
      prepare(db)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

function setUp(db: DatabaseSync): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as {
    user_version: number
  }
  if (version > SCHEMA_VERSION) throw new UnknownFormat(version, SCHEMA_VERSION)
  if (version < SCHEMA_VERSION) {
    db.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
  }
  db.exec(FENCE_SCHEMA)
}

/** Turning a new file to WAL gives up at once when another process does the same: SQLite's timeout is not for that. */
function untilNotBusy(act: () => void): void {
  const deadline = performance.now() + OPEN_TIMEOUT_MS
  for (;;) {
    try {
      act()
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  }
}
