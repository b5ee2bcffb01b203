/** Opens the ledger of a data folder: one SQLite file in it. */
import { join } from 'node:path'
import { StartRefused } from '#base/start-refused'
import type { LedgerBackend } from './backend.ts'
import { SqliteBackend } from './backends/sqlite.ts'
import { Ledger, type LedgerOptions } from './ledger.ts'
import { networkFilesystem } from './network-filesystem.ts'

export const LEDGER_FILE = 'ledger.sqlite'

/** The folder must exist. Refuses one on a network file system, and a ledger of an unknown format. */
export async function openLedger(folder: string, options: LedgerOptions = {}): Promise<Ledger> {
  return Ledger.open(openSqlite(folder), options)
}

export function openSqlite(folder: string): LedgerBackend {
  const filesystem = networkFilesystem(folder)
  if (filesystem !== undefined) throw networkFolderRefusal(folder, filesystem)
  return new SqliteBackend(join(folder, LEDGER_FILE))
}

export function networkFolderRefusal(folder: string, filesystem: string): StartRefused {
  return new StartRefused(
    `The data folder ${folder} lies on a network file system (${filesystem}). The ledger can't be kept safely ` +
      'there: its processes share memory through a file, which works on a local disk only.',
    [
      'Put the data folder on a local disk. The files of packages, which are most of the bytes, may lie on the ' +
        'network file system.',
    ],
  )
}
