/** Network errors as failures of an upstream, in words that may be shown: no headers, no credentials. */
import { errorCode } from '#base/disk-failure'
import { StorageFailure, UpstreamFailure } from '#base/failure'
import { shownUrl } from './address.ts'

const reasons: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending',
  UND_ERR_SOCKET: 'it closed the connection early',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'it sent another length than announced',
  UND_ERR_ABORTED: 'it took too long',
  ABORT_ERR: 'it took too long',
  ECONNRESET: 'it closed the connection early',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'its host is unknown',
  EAI_AGAIN: 'its host cannot be looked up',
}

export function failureOf(error: unknown, url: string): UpstreamFailure | StorageFailure {
  if (error instanceof UpstreamFailure || error instanceof StorageFailure) return error
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
  const code = isTimeout ? 'ABORT_ERR' : errorCode(error)
  const reason = (code !== undefined && reasons[code]) || code || 'no usable answer'
  return new UpstreamFailure(`error getting ${shownUrl(url)}: ${reason}`, { cause: error })
}

/** An answer of another status than the one needed. */
export function statusFailure(status: number, url: string): UpstreamFailure {
  return new UpstreamFailure(`error ${status} getting ${shownUrl(url)}`, { status })
}

export function isDroppedConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(errorCode(error) ?? '')
}
