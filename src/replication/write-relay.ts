/** Passes a request on to the primary, whatever its size, and waits until what it did has come back. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { errorCode } from '#base/disk-failure'
import { Dispatchers, type ConnectionSettings } from '#base/dispatchers'
import { askPeer } from '#base/peer'
import { waitFor } from '#base/waits'
import type { Serial } from '#ledger/key'

export interface RelayedRequest {
  readonly method: string
  /** With its query, from the server's root on. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** This server as its client sees it. */
  readonly root: string
  readonly body: Readable | undefined
  readonly signal: AbortSignal
}

export interface RelayedAnswer {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  /** Of the primary, when it answered. */
  readonly serial: Serial | undefined
  /** Its user must end or destroy it. */
  readonly body: Readable
}

/** `isSent`: the primary may have got it, and done it. */
export class RelayFailure extends Error {
  readonly isSent: boolean

  constructor(isSent: boolean, cause: unknown) {
    super('the primary did not answer', { cause })
    this.name = 'RelayFailure'
    this.isSent = isSent
  }
}

/** They are between two neighbours, or each server says them itself. */
const ownHeaders = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'expect', 'host', 'x-outside-url', 'x-request-id'],
])

const nothingSent = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN'],
  ...['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'],
])

export class WriteRelay {
  readonly #url: string
  readonly #dispatchers: Dispatchers

  /** `url`: of the primary's root. */
  constructor(url: string, connections: ConnectionSettings) {
    this.#url = url.replace(/\/*$/, '')
    this.#dispatchers = new Dispatchers(connections)
  }

  /** Throws `RelayFailure`. */
  async pass({
    method,
    path,
    headers,
    root,
    body,
    signal,
  }: RelayedRequest): Promise<RelayedAnswer> {
    const url = this.#url + path
    try {
      const asking = askPeer(this.#dispatchers, {
        ...{ url, method, signal, body },
        headers: { ...onward(headers), 'x-outside-url': root },
        isAlone: true, // or nobody would know what was done
      })
      const answer = await waitFor('primary', asking)
      const serial = answer.header('x-devpi-serial')
      return {
        status: answer.status,
        reason: answer.reason,
        headers: onward(answer.headers, saidByEach),
        serial: serial === undefined ? undefined : Number(serial),
        body: answer.body,
      }
    } catch (error) {
      throw new RelayFailure(!nothingSent.has(errorCode(error) ?? ''), error)
    }
  }

  /** Breaks off everything that runs. */
  close(): Promise<void> {
    return this.#dispatchers.destroy()
  }
}

/** What every server says of itself in its answers. */
const saidByEach = (name: string): boolean => name === 'date' || name.startsWith('x-devpi-')

/** The headers that are passed on, of a request or an answer. */
function onward(
  headers: IncomingHttpHeaders,
  isLeftOut: (name: string) => boolean = () => false,
): Record<string, string> {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
  const passed: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || ownHeaders.has(name) || named.includes(name)) continue
    if (!isLeftOut(name)) passed[name] = [value].flat().join(', ')
  }
  return passed
}
