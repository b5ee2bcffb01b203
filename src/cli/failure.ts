/** What went wrong, in words for the person at the terminal. */
import { Refusal } from '#base/refusal'
import { StorageFailure, UpstreamFailure } from '#base/failure'
import { StartRefused } from '#base/start-refused'
import { whyUnreadable, whyUnwritable } from '#base/why-not'

export interface Failure {
  readonly message: string
  readonly tries: readonly string[]
}

/** A command that could not do its work, for a reason that needs no stack. */
export class CommandFailed extends Error {
  readonly tries: readonly string[]

  constructor(message: string, tries: readonly string[] = []) {
    super(message)
    this.name = 'CommandFailed'
    this.tries = tries
  }
}

/** A bug shows its stack: someone will have to report it. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof StartRefused || error instanceof CommandFailed) {
    return { message: error.message, tries: error.tries }
  }
  if (error instanceof Refusal || error instanceof UpstreamFailure) {
    return { message: error.message, tries: [] }
  }
  if (error instanceof StorageFailure) {
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
    return { message: `${error.message}${cause}`, tries: [] }
  }
  if (isSystemError(error)) return { message: tellSystemError(error), tries: [] }
  return {
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    tries: [],
  }
}

function tellSystemError(error: NodeJS.ErrnoException): string {
  const { path, syscall = '', message } = error
  if (path === undefined) return message
  if (['open', 'scandir', 'lstat', 'stat'].includes(syscall))
    return `${path} cannot be read: ${whyUnreadable(error)}`
  return syscall === 'mkdir' ? `${path} cannot be made: ${whyUnwritable(error)}` : message
}

/** The operating system's refusals: their message says what was tried on which file. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error
}
