/** Results of tests of a file, as tox writes them: JSON, kept byte for byte. */
import type { Sha256 } from '#blobs/blob-store'
import type { WriteTransaction } from '#ledger/transaction'
import type { LogEntry } from './files.ts'
import { keys, type FilePlace } from './keys.ts'
import { removeRange } from './remove-range.ts'

export interface ToxresultEntry {
  readonly digest: Sha256
  /** Bytes. */
  readonly size: number
  /** When its entry was made here, in milliseconds. */
  readonly addedAt: number
  readonly log: readonly LogEntry[]
}

/** Takes a file's results away: they go with it. */
export async function removeToxresults(tx: WriteTransaction, file: FilePlace): Promise<void> {
  await removeRange(tx, keys.toxresultsOfFile(file))
}
