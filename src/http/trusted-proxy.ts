/**
 * What a proxy says of the request as its client sent it: scheme and host. Believed only of a proxy that is trusted,
 * and only in the headers that are. The rules are those of waitress, devpi's HTTP server.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ProxyHeader, TrustedProxy } from '#base/proxy-headers'

export interface Forwarded {
  readonly proto?: string | undefined
  readonly host?: string | undefined
}

/** `malformed`: a trusted header that nobody can read, by its name. */
export type ReadForwarded = Forwarded | { readonly malformed: string }

const none: Forwarded = {}
const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

export function readForwarded(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  { address, count, headers: trusted }: TrustedProxy,
): ReadForwarded {
  if (address !== '*' && address !== peerOf(socket.remoteAddress)) return none
  const { proto, host, port, name } = trusted.includes('forwarded')
    ? readStandard(headers.forwarded, count)
    : readSingly(headers, count, trusted)
  const scheme = proto?.toLowerCase()
  if (name !== undefined) return { malformed: name }
  if (scheme !== undefined && defaultPorts[scheme] === undefined) {
    return { malformed: trusted.includes('forwarded') ? 'Forwarded' : 'X-Forwarded-Proto' }
  }
  return { proto: scheme, host: host === undefined ? undefined : withPort(host, port, scheme) }
}

interface Said extends Forwarded {
  readonly port?: string | undefined
  /** Of the header that is malformed. */
  readonly name?: string
}

function readSingly(
  headers: IncomingHttpHeaders,
  count: number,
  trusted: readonly ProxyHeader[],
): Said {
  const valueOf = (header: ProxyHeader): string | undefined => {
    const value = trusted.includes(header) ? headers[header] : undefined
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const hosts = valueOf('x-forwarded-host')?.split(',').slice(-count)
  const host = unquote(hosts?.[0])
  const proto = unquote(valueOf('x-forwarded-proto'))
  const port = unquote(valueOf('x-forwarded-port'))
  if (host === null) return { name: 'X-Forwarded-Host' }
  if (proto === null || proto?.includes(',')) return { name: 'X-Forwarded-Proto' }
  if (port === null || (port !== undefined && !/^\d{1,5}$/.test(port))) {
    return { name: 'X-Forwarded-Port' }
  }
  return { host, proto, port }
}

/** RFC 7239. The first of the trusted proxies that says it is believed: it stands next to the client. */
function readStandard(header: string | undefined, count: number): Said {
  const said: { host?: string; proto?: string } = {}
  const elements = header === undefined ? [] : header.split(',').slice(-count)
  for (const element of elements.toReversed()) {
    for (const pair of element.trim().split(';')) {
      if (pair === '') continue
      const [, token = '', quoted = ''] = /^([^\s=]+)=(|\S|\S.*\S)$/.exec(pair) ?? []
      const value = unquote(quoted)
      if (token === '' || value === null) return { name: 'Forwarded' }
      const name = token.toLowerCase()
      if ((name === 'host' || name === 'proto') && value) said[name] = value
    }
  }
  return said
}

function withPort(host: string, port: string | undefined, scheme = 'http'): string {
  const hasPort = /:\d*$/.test(host) && !host.endsWith(']')
  if (hasPort || port === undefined || port === defaultPorts[scheme]) return host
  return `${host}:${port}`
}

/** Null where a quote is not closed. */
function unquote(text: string | undefined): string | null | undefined {
  const value = text?.trim()
  if (!value?.includes('"')) return value
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1]
  return quoted === undefined ? null : quoted.replaceAll(/\\(.)/g, '$1')
}

function peerOf(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=[\d.]+$)/, '') ?? 'localhost'
}
