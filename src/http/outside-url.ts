/** Where the server is, as its clients see it: behind a proxy that is another host, scheme and path. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

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
}

export function outsideUrls(option: string | undefined): OutsideUrls {
  const configured = option === undefined ? undefined : parseOutsideUrl(option)
  if (option !== undefined && !configured) {
    throw new TypeError(`outsideUrl: '${option}' is not an http(s) URL`)
  }
  let seen = ''
  let parsed: Outside | undefined

  return { find, rootOf: (request) => find(request.headers) ?? fromHost(request) }

  function find(headers: IncomingHttpHeaders): Outside | undefined {
    const header = headers['x-outside-url']
    if (typeof header !== 'string' || header === '') return configured
    if (header !== seen) [seen, parsed] = [header, parseOutsideUrl(header)]
    return parsed ?? configured
  }
}

/** What no browser or client sends as `Host`, and nobody should find again in our links. */
export function isBadHost(host: string | undefined): boolean {
  return host !== undefined && host !== '' && !validHost.test(host)
}

function fromHost({ headers, socket }: IncomingMessage): Outside {
  if (headers.host) return { root: `http://${headers.host}`, prefix: '' }
  const { localAddress = 'localhost', localPort = 80 } = socket
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return { root: `http://${address}:${localPort}`, prefix: '' }
}
