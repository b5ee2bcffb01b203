/** Network errors in words that may be shown: no addresses, no headers, no credentials. */
import { errorCode } from './disk-failure.ts'

const reasons: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending',
  UND_ERR_SOCKET: 'it closed the connection early',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'it sent another length than announced',
  UND_ERR_ABORTED: 'it took too long',
  ABORT_ERR: 'it took too long',
  ECONNRESET: 'it closed the connection early',
  EPIPE: 'it closed the connection early',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'its host is unknown',
  EAI_AGAIN: 'its host cannot be looked up',
}

/** Completes a sentence on a server that was asked something. */
export function networkReason(error: unknown): string {
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
  const code = isTimeout ? 'ABORT_ERR' : errorCode(error)
  return (code !== undefined && reasons[code]) || code || 'no usable answer'
}
