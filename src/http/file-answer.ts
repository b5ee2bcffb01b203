/** A file for GET and HEAD: ranges, validators, never a content coding (clients hash the raw bytes). */
import type { Readable } from 'node:stream'
import { allowsRange, isUnchanged } from './conditional.ts'
import { parseRange, type ByteRange } from './range.ts'
import type { Answer, Call } from './route.ts'

type FileBody = Readable | Uint8Array

export interface FileOffer {
  /** Bytes. */
  readonly size: number
  /** The content type. */
  readonly type: string
  /** Strong, with its quotes. */
  readonly etag: string
  /** Milliseconds. */
  readonly lastModified?: number | undefined
  /**
   * Called only when bytes are to be sent; without a range for all of them. What is in memory need be no stream, and no
   * promise: then the answer is none either.
   */
  open(range?: ByteRange): FileBody | Promise<FileBody>
  readonly headers?: Answer['headers']
  /**
   * Headers that have the web server in front send the bytes, and pick the range by itself; for a request of which it may
   * be told so. Undefined where it would find nothing to send.
   */
  readonly handOver?: (() => Headers | Promise<Headers>) | undefined
}

type Headers = Answer['headers']

/** What a 304 repeats of the whole answer's headers. */
const kept = new Set(['cache-control', 'vary', 'expires', 'content-location'])

export function fileAnswer(call: Call, file: FileOffer): Answer | Promise<Answer> {
  const { size, etag, lastModified } = file
  const validators = {
    ETag: etag,
    'Last-Modified': lastModified === undefined ? undefined : new Date(lastModified).toUTCString(),
  }
  if (isUnchanged(call, etag, lastModified)) {
    return { status: 304, headers: { ...keptHeaders(file.headers), ...validators } }
  }

  const isGet = call.method === 'GET' // ranges mean nothing to other methods
  const range =
    isGet && allowsRange(call, etag, lastModified) ? parseRange(call.headers.range, size) : 'whole'
  const headers = { ...file.headers, ...validators, 'Accept-Ranges': 'bytes' }

  if (range === 'unsatisfiable') {
    return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${size}` }, body: '' }
  }
  if (range === 'whole') {
    const all = { ...headers, 'Content-Type': file.type, 'Content-Length': size }
    if (!isGet) return { status: 200, headers: all }
    const send = () => withBody({ status: 200, headers: all }, file.open())
    return call.headers.range === undefined ? handedOver(file, validators, send) : send()
  }
  const part = {
    ...headers,
    'Content-Type': file.type,
    'Content-Length': range.end - range.start + 1,
    'Content-Range': `bytes ${range.start}-${range.end}/${size}`,
  }
  return handedOver(file, validators, () =>
    withBody({ status: 206, headers: part }, file.open(range)),
  )
}

/** What says how to send the bytes, and all but that; else the bytes. */
function handedOver(
  file: FileOffer,
  validators: Headers,
  send: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const { handOver, headers, type } = file
  if (!handOver) return send()
  const withHanded = (how: Headers) =>
    how
      ? { status: 200, headers: { ...headers, ...validators, 'Content-Type': type, ...how } }
      : send()
  const handed = handOver()
  return handed instanceof Promise ? handed.then(withHanded) : withHanded(handed)
}

function withBody(answer: Answer, body: FileBody | Promise<FileBody>): Answer | Promise<Answer> {
  return body instanceof Promise
    ? body.then((opened) => ({ ...answer, body: opened }))
    : { ...answer, body }
}

function keptHeaders(headers: Answer['headers']): Record<string, string | number | undefined> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).filter(([name]) => kept.has(name.toLowerCase())),
  )
}
