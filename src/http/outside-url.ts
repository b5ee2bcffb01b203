/** Where the server is, as its clients see it: behind a proxy that is another host, scheme and path. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TrustedProxy } from '#base/proxy-headers'
import { BAD_ADDRESS } from './fallback-routes.ts'
import { readForwarded, type Forwarded } from './trusted-proxy.ts'

export interface Outside {
  /** Without a trailing slash. */
  readonly root: string
  /** The path part of `root`. */
  readonly prefix: string
}

const validHost = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** Reads an absolute http(s) URL; undefined for anything else. Credentials and query don't count. */
export function parseOutsideUrl(text: string): Outside | undefined {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return undefined
  const prefix = url.pathname.replace(/\/+$/, '')
  return { root: url.origin + prefix, prefix }
}

export interface OutsideUrls {
  /** The header `X-Outside-Url`, else the option, else undefined: then scheme and `Host` say it. */
  find(headers: IncomingHttpHeaders): Outside | undefined
  rootOf(request: IncomingMessage): Outside
  /** Why the request cannot be answered: a host that is none, or a proxy that says what nobody understands. */
  findMistake(request: IncomingMessage): string | undefined
}

export function outsideUrls(option: string | undefined, proxy?: TrustedProxy): OutsideUrls {
  const configured = option === undefined ? undefined : parseOutsideUrl(option)
  if (option !== undefined && !configured) {
    throw new TypeError(`outsideUrl: '${option}' is not an http(s) URL`)
  }
  let seen = ''
  let parsed: Outside | undefined

  return { find, rootOf, findMistake }

  function rootOf(request: IncomingMessage): Outside {
    const outside = find(request.headers)
    if (outside) return outside
    const forwarded = proxy && readForwarded(request, proxy)
    return fromHost(request, forwarded && !('malformed' in forwarded) ? forwarded : {})
  }

  function findMistake(request: IncomingMessage): string | undefined {
    if (isBadHost(request.headers.host)) return BAD_ADDRESS
    if (!proxy) return undefined
    const forwarded = readForwarded(request, proxy)
    if ('malformed' in forwarded) return `Header "${forwarded.malformed}" malformed.`
    return isBadHost(forwarded.host) ? BAD_ADDRESS : undefined
  }

  function find(headers: IncomingHttpHeaders): Outside | undefined {
    const header = headers['x-outside-url']
    if (typeof header !== 'string' || header === '') return configured
    if (header !== seen) [seen, parsed] = [header, parseOutsideUrl(header)]
    return parsed ?? configured
  }
}

let lastGoodHost = ''

/** What no browser or client sends as `Host`, and nobody should find again in our links. */
function isBadHost(host: string | undefined): boolean {
  if (host === undefined || host === lastGoodHost || host === '') return false
  if (!validHost.test(host)) return true
  lastGoodHost = host
  return false
}

function fromHost({ headers, socket }: IncomingMessage, forwarded: Forwarded): Outside {
  const { proto = 'http', host = headers.host } = forwarded
  if (host) return { root: `${proto}://${withoutUsualPort(host, proto)}`, prefix: '' }
  const { localAddress = 'localhost', localPort = 80 } = socket
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return { root: `${proto}://${address}:${localPort}`, prefix: '' }
}

function withoutUsualPort(host: string, proto: string): string {
  const usual = proto === 'https' ? ':443' : ':80'
  return host.endsWith(usual) ? host.slice(0, -usual.length) : host
}
