/** Fetches a feed of advisories into a file: conditional, bounded in time and size, and kept only if it can be read. */
import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Dispatcher } from 'undici'
import type { Dispatchers } from '#base/dispatchers'
import { assertOpenHost } from '#base/local-addresses'

export interface FeedQuestion {
  readonly url: string
  readonly etag: string | undefined
  readonly userAgent: string
  readonly signal: AbortSignal
}

/** A file that was fetched. */
export interface Fetched {
  readonly path: string
  readonly kind: 'zip' | 'json'
  readonly etag: string | undefined
}

const MOST_REDIRECTS = 5
const MOST_BYTES = 512 * 1024 * 1024

/** Undefined where nothing is new. The file's name begins with `path` and ends with its kind. */
export async function fetchFeed(
  dispatchers: Dispatchers,
  question: FeedQuestion,
  path: string,
): Promise<Fetched | undefined> {
  const answer = await ask(dispatchers, question)
  const { statusCode: status, headers, body } = answer
  try {
    if (status === 304) return undefined
    if (status !== 200) throw new Error(`it answered ${status}`)
    const part = `${path}.part`
    await pipeline(body, limited, createWriteStream(part))
    const kind = (await isZip(part)) ? 'zip' : 'json'
    const fetched = `${path}.new.${kind}`
    await rename(part, fetched)
    return { path: fetched, kind, etag: [headers.etag].flat()[0] }
  } finally {
    body.on('error', () => {}).destroy()
    await rm(`${path}.part`, { force: true })
  }
}

async function ask(
  dispatchers: Dispatchers,
  question: FeedQuestion,
): Promise<Dispatcher.ResponseData> {
  const { request } = await import('undici')
  const { etag, userAgent, signal } = question
  const first = new URL(question.url)
  let url = first
  for (let turn = 0; turn <= MOST_REDIRECTS; turn++) {
    assertOpenHost(url.hostname)
    // A password is for the server that it was given for.
    const { username, password } =
      url.origin === first.origin ? first : { username: '', password: '' }
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const answer = await request(`${url.origin}${url.pathname}${url.search}`, {
      dispatcher: await dispatchers.for(url.href),
      signal,
      headers: {
        'User-Agent': userAgent,
        Accept: '*/*',
        ...(etag !== undefined && { 'If-None-Match': etag }),
        ...(login !== ':' && { Authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
      },
    })
    const location = [answer.headers.location].flat()[0]
    if (![301, 302, 303, 307, 308].includes(answer.statusCode) || location === undefined)
      return answer
    answer.body.on('error', () => {}).destroy()
    const next = URL.parse(location, url)
    if (!next || !/^https?:$/.test(next.protocol)) throw new Error('it redirects to no address')
    url = next
  }
  throw new Error(`it redirects more than ${MOST_REDIRECTS} times`)
}

async function* limited(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`)
    yield chunk
  }
}

async function isZip(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
  return bytesRead === 2 && buffer.toString('latin1') === 'PK'
}
