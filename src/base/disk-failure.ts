/** Errors of local files, told as failures of our store. */
import { StorageFailure } from './failure.ts'

/** No room on the disk, over the quota, over the largest file allowed. */
const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

/** `doing` completes the sentence "Could not …". */
export function diskFailure(error: unknown, doing: string): StorageFailure {
  if (error instanceof StorageFailure) return error
  const code = errorCode(error)
  const isFull = full.has(code ?? '')
  return new StorageFailure(`Could not ${doing}: ${code ?? String(error)}`, {
    isFull,
    cause: error,
  })
}
