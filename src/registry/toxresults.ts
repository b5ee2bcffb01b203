/** Results of tests of a file, as tox writes them: JSON, kept byte for byte. */
import { refuse } from '#base/refusal'
import type { Sha256 } from '#blobs/blob-store'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { logUpload, type LogEntry } from './files.ts'
import { keys, type FilePlace } from './keys.ts'
import { findStored, type Address } from './stored.ts'

export interface ToxresultEntry {
  readonly digest: Sha256
  /** Bytes. */
  readonly size: number
  /** When its entry was made here, in milliseconds. */
  readonly addedAt: number
  readonly log: readonly LogEntry[]
}

/** The file that a result is sent to. Only files that the index itself was given can have results. */
export async function getTestedFile(tx: ReadTransaction, address: Address): Promise<FilePlace> {
  const found = await findStored(tx, address)
  if (found?.rel === 'releasefile' && !found.file.file.upstream) return found.file
  const { index, folder, filename } = address
  throw refuse('toxresult-target-missing', { path: `${index}/${folder}/${filename}` })
}

export interface Toxresult {
  readonly digest: Sha256
  readonly size: number
  /** Who sent it. */
  readonly user: string | undefined
}

/** Records a result, whose bytes are in the blob store. Returns its name; it lies in the folder of the file. */
export async function addToxresult(
  tx: WriteTransaction,
  file: FilePlace,
  { digest, size, user }: Toxresult,
): Promise<string> {
  const name = await findFreeToxresultName(tx, file, tx.time)
  const log = logUpload(tx.time, file.index, user, undefined)
  tx.set(keys.toxresult(file, name), { digest, size, addedAt: tx.time, log })
  return name
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
