/** Results of tests of a file, as tox writes them: JSON, kept byte for byte. */
import type { Sha256 } from '#blobs/blob-store'
import type { LogEntry } from './files.ts'

export interface ToxresultEntry {
  readonly digest: Sha256
  /** Bytes. */
  readonly size: number
  /** When its entry was made here, in milliseconds. */
  readonly addedAt: number
  readonly log: readonly LogEntry[]
}
