/** SQLite's errors, told as failures of our store. */
import { StorageFailure } from '#base/failure'

/** SQLite's result codes. The low byte is the kind, what is above it the detail. */
const BUSY = 5
const FULL = 13
/** The shared memory file beside the log could not grow: the disk is full as well. */
const IOERR_SHMSIZE = 4874

export function isBusy(error: unknown): boolean {
  return kindOf(codeOf(error)) === BUSY
}

/** Runs `act`; what SQLite throws becomes a StorageFailure. `what` completes the sentence "Could not …". */
export function guard<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw sqliteFailure(what, error)
  }
}

/** Errors that are not SQLite's are given back as they are. */
export function sqliteFailure(what: string, cause: unknown): unknown {
  const code = codeOf(cause)
  if (code === undefined) return cause
  const isFull = kindOf(code) === FULL || code === IOERR_SHMSIZE
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StorageFailure(`Could not ${what}: ${reason}`, { isFull, cause })
}

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode
  return typeof code === 'number' ? code : undefined
}

function kindOf(code: number | undefined): number | undefined {
  return code === undefined ? undefined : code & 0xff
}
