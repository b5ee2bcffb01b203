/**
 * Which core metadata was made of which file upstream, so that it is made once for all mirrors. It is only of this machine
 * and may be lost. Parts of a file cannot be checked against its hash, so what one address has told holds for no other.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { sha256, type Sha256 } from '#base/digest'
import type { UpstreamAddress } from './address.ts'
import type { Wanted } from './download.ts'
import type { PartsProof } from './parts-proof.ts'

/** What a wheel was found to hold; `metadata: false` where none can be read. */
export interface Made {
  readonly metadata: Sha256 | false
  readonly size: number
  readonly uploadedAt?: string | undefined
  readonly requiresPython?: string | undefined
  /** Where the file was not whole: what this rests on. */
  readonly proof?: PartsProof
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  PRAGMA busy_timeout = 1000;
  CREATE TABLE IF NOT EXISTS made (file TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
`

export class MadeMetadata {
  readonly #db: DatabaseSync
  readonly #find: StatementSync
  readonly #save: StatementSync

  /** A file that cannot be used is begun anew. */
  static open(file: string): MadeMetadata {
    mkdirSync(dirname(file), { recursive: true })
    try {
      return new MadeMetadata(file)
    } catch {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      return new MadeMetadata(file)
    }
  }

  /** Use `open`. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file)
    try {
      this.#db.exec(SCHEMA)
      this.#find = this.#db.prepare('SELECT value FROM made WHERE file = ?')
      this.#save = this.#db.prepare('INSERT OR REPLACE INTO made VALUES (?, ?)')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  find(key: string): Made | undefined {
    const row = attempt(() => this.#find.get(key))
    return row && (attempt(() => JSON.parse(String(row['value']))) as Made | undefined)
  }

  save(key: string, made: Made): void {
    attempt(() => this.#save.run(key, JSON.stringify(made)))
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }
}

/** One file at one address, as those see it who have these credentials there. */
export function madeKey({ entry }: Wanted, address: UpstreamAddress | undefined): string {
  const url = entry.upstream?.url ?? ''
  const isKnown = address !== undefined && URL.parse(url)?.origin === address.origin
  const who = isKnown ? address.authorization : undefined
  return sha256(JSON.stringify([url, entry.hashes, who ?? null]))
}

/** A disk that is full costs another look at upstream, and fails no request. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
