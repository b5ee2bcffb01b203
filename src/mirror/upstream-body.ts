/** The body of an upstream's answer: decompressed, bounded, and in text where it is one. */
import { pipeline, type Readable } from 'node:stream'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'
import { UpstreamFailure } from '#base/failure'
import { shownUrl } from './address.ts'
import { failureOf } from './upstream-failure.ts'
import type { UpstreamAnswer } from './upstream.ts'

/** What we can undo, for `Accept-Encoding` of pages. Files are asked for as they are. */
export const acceptedEncodings = 'gzip, zstd, br, deflate'

const decompressors: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  zstd: createZstdDecompress,
  br: createBrotliDecompress,
  deflate: createInflate,
}

/** Fails as soon as more bytes than the limit have come out: few compressed ones can become many. */
export async function* readBody(answer: UpstreamAnswer, limit: number): AsyncGenerator<Buffer> {
  let size = 0
  try {
    for await (const chunk of decompressed(answer) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) {
        throw new UpstreamFailure(`${shownUrl(answer.url)} is larger than ${limit} bytes`)
      }
      yield chunk
    }
  } catch (error) {
    throw failureOf(error, answer.url)
  } finally {
    answer.body.destroy()
  }
}

export async function readBytes(answer: UpstreamAnswer, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of readBody(answer, limit)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** In the charset that a byte order mark or the content type tells, UTF-8 by default. */
export async function readText(answer: UpstreamAnswer, limit: number): Promise<string> {
  const [, charset = 'utf-8'] = /;\s*charset="?([\w-]+)/i.exec(contentType(answer)) ?? []
  let decoder: TextDecoder | undefined
  let text = ''
  for await (const chunk of readBody(answer, limit)) {
    decoder ??= decoderFor(markedCharset(chunk) ?? charset)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + (decoder?.decode() ?? '')
}

export function contentType(answer: UpstreamAnswer): string {
  return answer.header('content-type') ?? ''
}

function markedCharset(start: Buffer): string | undefined {
  const marks = { 'utf-8': 'efbbbf', 'utf-16le': 'fffe', 'utf-16be': 'feff' }
  const hex = start.subarray(0, 3).toString('hex')
  return Object.entries(marks).find(([, mark]) => hex.startsWith(mark))?.[0]
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder() // a charset that nobody knows: names and digests are ASCII anyway
  }
}

function decompressed(answer: UpstreamAnswer): Readable | NodeJS.ReadableStream {
  const encoding = (answer.header('content-encoding') ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return answer.body
  const make = decompressors[encoding]
  if (!make) {
    throw new UpstreamFailure(`${shownUrl(answer.url)} is encoded in a way nobody asked for`)
  }
  // The reader of its end is told of any error.
  return pipeline(answer.body, make(), () => {})
}
