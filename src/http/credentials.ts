/** What a request offers to say who it is. Whether it is true is decided elsewhere. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Call } from './route.ts'

export interface Credentials {
  /** Undefined with a bearer token, which says itself whose it is. */
  readonly user: string | undefined
  /** A password or a login token. */
  readonly secret: string
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** devpi's own header goes first; one that is malformed counts as absent, and the next is looked at. */
export function readCredentials(headers: IncomingHttpHeaders): Credentials | undefined {
  const devpi = headers['x-devpi-auth']
  if (devpi !== undefined) {
    const found = decodePair(String(devpi))
    if (found) return found
  }

  const { authorization } = headers
  return authorization === undefined ? undefined : readAuthorization(authorization)
}

/**
 * Whether a browser sends it for a page of somebody else, uploaded documentation among them: with the password or the
 * cookie that it has for us, which its reader did not offer for this. Programs don't say where they come from.
 */
export function isOfOtherSite(call: Asked): boolean {
  if (isReading(call.method)) return false
  const { origin, 'sec-fetch-site': site } = call.headers
  if (site === 'cross-site' || site === 'same-site') return true
  if (origin === undefined) return false
  // Not the scheme: a proxy that ends TLS need not have told us.
  return URL.parse(origin)?.host !== URL.parse(call.root)?.host
}

/** What changes nothing, by rule: a cookie counts for it without any other proof. */
export const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD'

type Asked = Pick<Call, 'method' | 'headers' | 'root'>

function readAuthorization(authorization: string): Credentials | undefined {
  const [, scheme = '', rest = ''] = /^\s*(\S+)\s+(.*)$/s.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    case 'basic':
      return decodePair(rest)
    case 'bearer': {
      const secret = rest.trim()
      return secret === '' ? undefined : { user: undefined, secret }
    }
    default:
      return undefined
  }
}

function decodePair(text: string): Credentials | undefined {
  const encoded = text.trim()
  if (encoded === '' || !base64.test(encoded)) return undefined
  const pair = decodeText(Buffer.from(encoded, 'base64'))
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : { user: pair.slice(0, colon), secret: pair.slice(colon + 1) }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1') // what older clients send
  }
}
