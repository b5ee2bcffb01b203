/** The answers a handler gives. Files with their ranges stand in `file-answer.ts`. */
import { jsonType, printJson } from './json-text.ts'
import type { Answer } from './route.ts'

export { conditional } from './conditional.ts'
export { fileAnswer, type FileOffer } from './file-answer.ts'
export { jsonType, printJson }

export type Headers = NonNullable<Answer['headers']>

/** devpi's envelope. Sent in this order; `type` goes with `result`, an empty `message` is left out. */
export interface Envelope {
  readonly result?: unknown
  readonly type?: string
  readonly message?: string | undefined
}

export function json(status: number, envelope: Envelope, headers?: Headers): Answer {
  return jsonValue(status, toBody(envelope), headers)
}

/** As it is printed. */
export function toBody({ result, type, message }: Envelope): object {
  const body: Record<string, unknown> = {}
  if (result !== undefined) body.result = result
  if (type !== undefined) body.type = type
  if (message) body.message = message
  return body
}

/** Any value, without an envelope. */
export function jsonValue(status: number, value: unknown, headers?: Headers): Answer {
  return { status, headers: { 'Content-Type': jsonType, ...headers }, body: printJson(value) }
}

export function text(status: number, body: string, headers?: Headers): Answer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=UTF-8', ...headers }, body }
}

export function html(status: number, body: string, headers?: Headers): Answer {
  return { status, headers: { 'Content-Type': 'text/html; charset=UTF-8', ...headers }, body }
}

/** Its body is written when it is sent. What has no place in a header is percent-encoded; what is so already stays. */
export function redirect(status: 301 | 302 | 303 | 307 | 308, location: string): Answer {
  const safe = location.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent)
  return { status, headers: { Location: safe } }
}

/** 304. `headers` should be those of the whole answer that a cache keeps: ETag, Cache-Control, Vary. */
export function notModified(headers: Headers): Answer {
  return { status: 304, headers }
}
