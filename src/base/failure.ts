/** The world fails: an upstream, a disk. Retried where that is safe, else answered with a 5xx and logged once. */

/** An upstream did not answer, or answered with something unusable. `status` is its HTTP status, if any. */
export class UpstreamFailure extends Error {
  readonly status: number | undefined

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'UpstreamFailure'
    this.status = options.status
  }
}

/** Our own store could not be read or written. `isFull`: for want of room (ENOSPC, EDQUOT, SQLITE_FULL). */
export class StorageFailure extends Error {
  readonly isFull: boolean

  constructor(message: string, options: { isFull?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'StorageFailure'
    this.isFull = options.isFull ?? false
  }
}
