/** Names of requests: told to the client and written in the log. */
import { randomBytes } from 'node:crypto'

/** A short random word per process, then a counter. */
export function requestIds(): () => string {
  const process = randomBytes(4).toString('hex')
  let last = 0
  return () => `${process}-${(++last).toString(36)}`
}
