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
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its network',
  UND_ERR_HEADERS_OVERFLOW: 'its headers are too long',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  EPROTO: 'it speaks no TLS that is understood, or none at all',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS that is understood, or none at all',
  ...Object.fromEntries(
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ].map((code) => [code, 'its certificate is of an authority that is not trusted here']),
  ),
}

/** Completes a sentence on a server that was asked something. */
export function networkReason(error: unknown): string {
  const proxy = proxyReason(error)
  if (proxy !== undefined) return proxy
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
  const code = isTimeout ? 'ABORT_ERR' : errorCode(error)
  return (code !== undefined && reasons[code]) || code || 'no usable answer'
}

/** undici tells it in the message alone. */
function proxyReason(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : ''
  const status = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(message)?.[1]
  if (status === undefined) return undefined
  const wants = status === '407' ? ': it wants a user and a password' : ''
  return `its proxy answers ${status}${wants}`
}
