/** Puts an answer on the wire, past Fastify's reply: headers as one list, bodies with backpressure. */
import { STATUS_CODES } from 'node:http'
import { Readable } from 'node:stream'
import { drain, unreadBody } from './body.ts'
import { sendStream, type Sent } from './send-stream.ts'
import type { Answer } from './route.ts'
import type { RequestCall } from './request-call.ts'

export type { Sent }

/** A flat list of names and values, as `writeHead` takes it. */
export type HeaderList = readonly string[]

export interface Sending {
  /** Goes on every answer. */
  readonly common: HeaderList
  /** The connection ends with this answer. */
  readonly isLast: boolean
  readonly onSent: (sent: Sent) => void
}

/**
 * A fixed body is handed to the socket before this returns; throws, with nothing sent, when a header
 * cannot be written. The head of a stream waits for its first bytes: until then it may fail `unsent`.
 */
export function send(call: RequestCall, answer: Answer, sending: Sending): void {
  const { raw, response } = call
  const { body } = answer
  if (response.destroyed || response.writableEnded || response.socket?.destroyed) {
    if (body instanceof Readable) body.destroy()
    return sending.onSent({ bytes: 0, outcome: 'gone' })
  }

  const unread = unreadBody(raw)
  const isLast = sending.isLast || unread === 'long'
  const size = bodySize(answer)
  const begin = (): void =>
    writeHead(call, answer, headerList(call, answer, sending.common, size, isLast))

  if (body instanceof Readable && call.method !== 'HEAD') {
    if (unread !== 'none') raw.resume()
    return sendStream(response, body, { size: declaredSize(answer), begin, onSent: sending.onSent })
  }
  begin()
  if (body instanceof Readable) {
    body.on('error', () => {}).destroy()
    response.end()
    return sending.onSent({ bytes: 0, outcome: 'sent' })
  }
  if (unread === 'long') {
    // the whole answer now, the end of the connection once the client had time to read it
    if (size > 0 && body !== undefined) response.write(body)
    else response.flushHeaders()
    drain(raw, response, () => response.end())
  } else {
    if (unread === 'short') raw.resume()
    response.end(body)
  }
  sending.onSent({ bytes: call.method === 'HEAD' ? 0 : size, outcome: 'sent' })
}

/** Latin-1 without control characters: what a status line can carry. */
export function reasonPhrase(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').replace(/[^ -~\xa0-\xff]/gu, '?')
  return line.trim().slice(0, 500)
}

function writeHead(call: RequestCall, answer: Answer, headers: string[]): void {
  const { status, reason } = answer
  const phrase = reason === undefined ? '' : reasonPhrase(reason)
  call.response.writeHead(status, phrase || (STATUS_CODES[status] ?? 'Unknown'), headers)
}

function headerList(
  call: RequestCall,
  answer: Answer,
  common: HeaderList,
  size: number,
  isLast: boolean,
): string[] {
  const list = [...common, 'X-Request-Id', call.id]
  let hasLength = false
  for (const name in answer.headers) {
    const value = answer.headers[name]
    if (value === undefined) continue
    list.push(name, typeof value === 'string' ? value : String(value))
    if (name.length === 14 && name.toLowerCase() === 'content-length') hasLength = true
  }
  const hasBody = answer.status !== 304 && answer.status !== 204 && size >= 0
  if (!hasLength && hasBody) list.push('Content-Length', String(size))
  if (isLast) list.push('Connection', 'close')
  return list
}

/** -1 for a stream. */
function bodySize({ body }: Answer): number {
  if (body === undefined) return 0
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.byteLength : -1
}

function declaredSize({ headers }: Answer): number | undefined {
  const length = headers?.['Content-Length'] ?? headers?.['content-length']
  return length === undefined ? undefined : Number(length)
}
