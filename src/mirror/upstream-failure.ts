/** Network errors as failures of an upstream, in words that may be shown: no headers, no credentials. */
import { errorCode } from '#base/disk-failure'
import { StorageFailure, UpstreamFailure } from '#base/failure'
import { networkReason } from '#base/network-failure'
import { shownUrl } from './address.ts'

export function failureOf(error: unknown, url: string): UpstreamFailure | StorageFailure {
  if (error instanceof UpstreamFailure || error instanceof StorageFailure) return error
  const message = `error getting ${shownUrl(url)}: ${networkReason(error)}`
  return new UpstreamFailure(message, { cause: error })
}

/** An answer of another status than the one needed, for a page (devpi-http 4.9). */
export function pageStatusFailure(status: number, url: string): UpstreamFailure {
  return new UpstreamFailure(`${status} status on GET '${shownUrl(url)}'`, { status })
}

/** The same for a file (devpi-http 6.5). */
export function statusFailure(status: number, url: string): UpstreamFailure {
  return new UpstreamFailure(`error ${status} getting ${shownUrl(url)}`, { status })
}

export function isDroppedConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(errorCode(error) ?? '')
}
