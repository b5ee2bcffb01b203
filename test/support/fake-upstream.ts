/** An upstream whose behaviour a test writes: honest, slow, lying or broken. It remembers what it was asked. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface RecordedRequest {
  readonly method: string
  /** Path and query, as they came. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface FakeUpstream extends AsyncDisposable {
  readonly requests: readonly RecordedRequest[]
  requestsTo(path: string): readonly RecordedRequest[]
  /** The address of a path, which is written with or without its first slash. */
  url(path?: string): string
  /** Changes how it answers from now on. */
  answerWith(answer: Answer): void
  /** Breaks all connections and listens no longer. */
  close(): Promise<void>
}

/** On a port of its own unless one is named, as for an upstream that comes back. */
export async function startFakeUpstream(answer: Answer, at = 0): Promise<FakeUpstream> {
  const requests: RecordedRequest[] = []
  let current = answer
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    requests.push({ method, path: url, headers })
    request.resume()
    void answerOrFail(current, request, response)
  })
  // Clients that keep a connection for a few seconds would at times ask as it is closed.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }

  return {
    requests,
    requestsTo: (path) => requests.filter((request) => request.path === path),
    url: (path = '') => new URL(`/${path.replace(/^\//, '')}`, `http://127.0.0.1:${port}`).href,
    answerWith: (next) => (current = next),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A mistake in a test's answer shows up in the client, as a 500 that holds the stack. */
async function answerOrFail(
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await answer(request, response)
  } catch (error) {
    if (!response.headersSent) response.writeHead(500)
    response.end(error instanceof Error ? error.stack : String(error))
  }
}

/** Answers by path (without the query); any other path is a 404. */
export function byPath(answers: Readonly<Record<string, Answer>>): Answer {
  return (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    return (answers[path] ?? notFound)(request, response)
  }
}

export const notFound: Answer = (_, response) => {
  response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
}

export interface BodyOptions {
  readonly type?: string
  readonly etag?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** An honest answer; with an `etag`, also to conditional requests. */
export function body(content: string | Uint8Array, options: BodyOptions = {}): Answer {
  const { type = 'text/html', etag, status = 200, headers = {} } = options
  return (request, response) => {
    const validators = etag === undefined ? {} : { etag }
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      response.writeHead(304, validators).end()
      return
    }
    const length = Buffer.byteLength(content)
    response.writeHead(status, {
      'content-type': type,
      'content-length': length,
      ...validators,
      ...headers,
    })
    response.end(request.method === 'HEAD' ? undefined : content)
  }
}

/** A file of which parts can be had, as a good server sends them. */
export function ranged(
  content: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (request, response) => {
    const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    if (from === '' && to === '') return body(content, { headers })(request, response)
    const start = from === '' ? Math.max(content.length - Number(to), 0) : Number(from)
    const last = from === '' || to === '' ? content.length - 1 : Number(to)
    const part = content.subarray(start, Math.min(last, content.length - 1) + 1)
    const range = `bytes ${start}-${start + part.length - 1}/${content.length}`
    return body(part, { status: 206, headers: { 'content-range': range, ...headers } })(
      request,
      response,
    )
  }
}

export const redirectTo =
  (location: string): Answer =>
  (_, response) => {
    response.writeHead(302, { location }).end()
  }

/** Every path leads to another one, for ever. */
export const redirectInCircles: Answer = (request, response) => {
  const path = (request.url ?? '/').split('?')[0]
  const step = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('step') ?? 0)
  response.writeHead(302, { location: `${path}?step=${(step + 1) % 3}` }).end()
}

/** Accepts the request and never says anything. */
export const stall: Answer = () => {}

/** Sends the head and the first bytes of the content, then nothing more; the connection stays open. */
export function stallAfter(content: Uint8Array, bytes: number): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, bytes))
  }
}

/** Sends the head, then a byte from time to time for ever: never silent for long, and never done. */
export const trickle: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/html' })
  response.write('<')
  const timer = setInterval(() => response.write('!'), 50)
  response.on('close', () => clearInterval(timer))
}

/** Announces the whole content and breaks the connection after the first bytes. */
export function breakAfter(content: Uint8Array, bytes: number): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, bytes), () => response.destroy())
  }
}

/** Sends the content, chunked, and nothing tells how long it is. */
export function chunked(chunks: Iterable<string | Uint8Array>, type = 'text/html'): Answer {
  return async (_, response) => {
    response.writeHead(200, { 'content-type': type })
    for (const chunk of chunks) {
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve))
    }
    response.end()
  }
}

/** Bytes that are no HTTP at all. */
export const garbage: Answer = (request) => {
  request.socket.end('\0\x01 this is not HTTP\r\n\r\n')
}

/** A list of projects as large upstreams send it, 64 KB at a time: 700,000 names make 40 MB. */
export function* namesPage(count: number): Iterable<string> {
  yield '<!DOCTYPE html>\n<html>\n<head><title>Simple index</title></head>\n<body>\n'
  let chunk = ''
  for (let number = 0; number < count; number++) {
    const name = `project-${String(number).padStart(7, '0')}`
    chunk += `    <a href="/simple/${name}/">${name}</a>\n`
    if (chunk.length < 65_536) continue
    yield chunk
    chunk = ''
  }
  yield `${chunk}</body>\n</html>\n`
}
