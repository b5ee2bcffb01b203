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
   * Headers that have the web server in front send the bytes, and pick the range by itself. Undefined where it did not ask
   * for that, or would find nothing to send.
   */
  readonly handOver?: (call: Call) => Headers | Promise<Headers>
}

type Headers = Answer['headers']

/** What a 304 repeats of the whole answer's headers. */
const kept = new Set(['cache-control', 'vary', 'expires', 'content-location'])

/** The headers of the whole file: of an offer that is made again and again they are put together once. */
const known = new WeakMap<FileOffer, NonNullable<Headers>>()

export function fileAnswer(call: Call, file: FileOffer): Answer | Promise<Answer> {
  const { size, etag, lastModified } = file
  if (isUnchanged(call, etag, lastModified)) {
    return { status: 304, headers: { ...keptHeaders(file.headers), ...validatorsOf(file) } }
  }

  const isGet = call.method === 'GET' // ranges mean nothing to other methods
  const asked = isGet ? call.headers.range : undefined
  const isRanged = asked !== undefined && allowsRange(call, etag, lastModified)
  const range = isRanged ? parseRange(asked, size) : 'whole'
  if (range === 'whole') {
    const all = known.get(file) ?? wholeHeaders(file)
    if (!isGet) return { status: 200, headers: all }
    const send = () => withBody({ status: 200, headers: all }, file.open())
    return asked === undefined ? handedOver(call, file, send) : send()
  }

  const headers = { ...file.headers, ...validatorsOf(file), 'Accept-Ranges': 'bytes' }
  if (range === 'unsatisfiable') {
    return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${size}` }, body: '' }
  }
  const part = {
    ...headers,
    'Content-Type': file.type,
    'Content-Length': range.end - range.start + 1,
    'Content-Range': `bytes ${range.start}-${range.end}/${size}`,
  }
  return handedOver(call, file, () => withBody({ status: 206, headers: part }, file.open(range)))
}

function wholeHeaders(file: FileOffer): NonNullable<Headers> {
  const headers = {
    ...file.headers,
    ...validatorsOf(file),
    'Accept-Ranges': 'bytes',
    'Content-Type': file.type,
    'Content-Length': file.size,
  }
  known.set(file, headers)
  return headers
}

const validatorsOf = ({ etag, lastModified }: FileOffer) => ({
  ETag: etag,
  'Last-Modified': lastModified === undefined ? undefined : new Date(lastModified).toUTCString(),
})

/** What says how to send the bytes, and all but that; else the bytes. */
function handedOver(
  call: Call,
  file: FileOffer,
  send: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const { handOver, headers, type } = file
  const handed = handOver?.(call)
  if (!handed) return send()
  const withHanded = (how: Headers) =>
    how
      ? {
          status: 200,
          headers: { ...headers, ...validatorsOf(file), 'Content-Type': type, ...how },
        }
      : send()
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
