/** The contract of a ledger backend: it keeps lives of keys and changes, and serialises writers. */
import type { Change, Head } from './change.ts'
import type { Serial } from './key.ts'

export interface ScanOptions {
  /** Begin after this path (exclusive). */
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

export interface Row {
  readonly path: string
  readonly value: string
}

export interface StoredLife {
  readonly born: Serial
  readonly died: Serial | undefined
  readonly value: string
}

/** Reads the state at a serial: a key lives at S if it was born at or before S and had not died by then. */
export interface BackendReader {
  get(path: string, at: Serial): Promise<string | undefined>
  scan(prefix: string, at: Serial, options: ScanOptions): Promise<Row[]>
  scanPaths(prefix: string, at: Serial, options: ScanOptions): Promise<string[]>
  history(path: string): Promise<StoredLife[]>
}

/** The one writer of the moment. It sees what it appended; nobody else does before the commit. */
export interface BackendWriter extends BackendReader {
  readonly head: Head
  /** Appends the next change: its serial is the head's plus one. */
  append(change: Change): Promise<void>
}

export interface LedgerBackend extends BackendReader {
  head(): Promise<Head>
  /** Whether another process, or this one, may have committed since the last call. Cheap: asked per request. */
  mayHaveChanged(): boolean | Promise<boolean>
  change(serial: Serial): Promise<Change | undefined>
  changedPaths(serial: Serial): Promise<string[]>
  /**
   * Runs `work` as the only writer among all processes, then commits durably all that it appended. If it
   * throws, or the commit fails, nothing of it remains.
   */
  exclusive<T>(work: (writer: BackendWriter) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Another program wrote a format this one does not know. */
export class UnknownFormat extends Error {
  override readonly name = 'UnknownFormat'
}
