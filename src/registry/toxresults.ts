/** Results of tests of a file, as tox writes them: JSON, kept byte for byte. */
import type { Sha256 } from '#blobs/blob-store'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
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

/** The next name for a result of a file: `NAME.toxresult-20261125203500-0`. */
export async function findFreeToxresultName(
  tx: ReadTransaction,
  file: FilePlace,
  at: number,
): Promise<string> {
  const taken = new Set(await tx.listNames(keys.toxresultsOfFile(file)))
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(0, 14)
  const name = (number: number): string => `${file.filename}.toxresult-${digits}-${number}`
  let number = taken.size
  // One that was deleted leaves a gap, and the last number may be in use.
  while (taken.has(name(number))) number++
  return name(number)
}
