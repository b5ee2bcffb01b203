/** Work ahead that came to nothing: it is done when somebody asks. Upstream's trouble is no error of this server. */
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'

interface NotAhead {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
  /** Of upstream's trouble. */
  readonly level: 'debug' | 'info'
}

export function logNotAhead(log: Log, error: unknown, { message, fields, level }: NotAhead): void {
  const isUpstreams = error instanceof UpstreamFailure
  const reason = isUpstreams ? error.message : error
  log[isUpstreams ? level : 'error']({ ...fields, reason }, message)
}
