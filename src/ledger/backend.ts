/** The contract of a ledger backend: it keeps lives of keys and changes, and serialises writers. */
import { StartRefused } from '#base/start-refused'
import { CHANGE_FORMAT, type Change, type Head } from './change.ts'
import type { Fence } from './fence.ts'
import type { Serial } from './key.ts'

export interface ScanOptions {
  /** Begin after this path (exclusive). */
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

/**
 * A key's path, its value's text, and the serial at which that life of the key began. A list has many: as arrays they
 * cost half as much as objects.
 */
export type Row = readonly [path: string, value: string, born: Serial]
/** The same without the value. */
export type Birth = readonly [path: string, born: Serial]

export interface StoredLife {
  readonly born: Serial
  readonly died: Serial | undefined
  readonly value: string
}

/**
 * Reads the state at a serial: a key lives at S if it was born at or before S and had not died by then.
 * Prefixes end in `/`; rows come in the order of their paths by UTF-8 bytes.
 */
export interface BackendReader {
  get(path: string, at: Serial): Promise<string | undefined>
  scan(prefix: string, at: Serial, options: ScanOptions): Promise<Row[]>
  scanBirths(prefix: string, at: Serial, options: ScanOptions): Promise<Birth[]>
  /** All lives there are, also those that begin after the serial a reader stands at. */
  history(path: string): Promise<StoredLife[]>
}

/** The one writer of the moment. It sees what it appended; nobody else does before the commit. */
export interface BackendWriter extends BackendReader {
  readonly head: Head
  /** Appends the next change: its serial is the head's plus one. */
  append(change: Change): Promise<void>
  fence(): Promise<Fence | undefined>
  setFence(fence: Fence): Promise<void>
  /** Makes this the last change: those after it are gone, and all keys are as they were then. */
  forgetAfter(serial: Serial): Promise<void>
}

export interface LedgerBackend extends BackendReader {
  head(): Promise<Head>
  fence(): Promise<Fence | undefined>
  /** Whether another process, or this one, may have committed since the last call. Cheap: asked per request. */
  mayHaveChanged(): boolean | Promise<boolean>
  change(serial: Serial): Promise<Change | undefined>
  changedPaths(serial: Serial): Promise<string[]>
  /**
   * The first serial at which a life does not fit: it begins before the key's last one has ended, ends before it
   * begins, or lies after the last change. The hashes alone can't tell all of these.
   */
  findUnsoundLife(): Promise<Serial | undefined>
  /**
   * Runs `work` as the only writer among all processes, then commits durably all that it appended. If it
   * throws, a call of the writer failed (also where `work` caught that), or the commit fails, nothing of it remains.
   */
  exclusive<T>(work: (writer: BackendWriter) => Promise<T>): Promise<T>
  /** Waits for a running `exclusive`. May be called twice. */
  close(): Promise<void>
}

/** Another program wrote a format this one does not know. */
export class UnknownFormat extends StartRefused {
  constructor(format: number, known: number) {
    super(
      `The ledger was written in format ${format}; this version knows formats up to ${known}.`,
      ['Use the version of Wheelyard that wrote it, or a newer one.'],
    )
    this.name = 'UnknownFormat'
  }
}

export function assertKnownFormat({ format }: Head): void {
  if (format > CHANGE_FORMAT) throw new UnknownFormat(format, CHANGE_FORMAT)
}
