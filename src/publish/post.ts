/** Sends one form to another server, with a password that no third one gets to see. */
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Dispatchers } from '#base/dispatchers'
import { assertOpenHost } from '#base/local-addresses'
import type { Body } from './multipart.ts'

export interface Destination {
  /** http or https, without credentials. */
  readonly url: string
  readonly user: string
  readonly password: string
}

export interface Posting {
  readonly to: Destination
  readonly body: Body
  readonly userAgent: string
  readonly signal: AbortSignal
}

export interface Answered {
  readonly status: number
  /** The body's beginning. */
  readonly text: string
}

const MOST_REDIRECTS = 3
/** Characters of an answer that are passed on: enough for a reason, too little for a page of somebody else's. */
const LONGEST_TEXT = 4000

/** Follows only redirects that keep the method, and only within the server. Throws when there is no answer. */
export async function postForm(dispatchers: Dispatchers, posting: Posting): Promise<Answered> {
  let url = posting.to.url
  for (let turn = 0; ; turn++) {
    assertOpenHost(new URL(url).hostname)
    const answer = await postOnce(dispatchers, url, posting)
    const { statusCode: status } = answer
    const location = [answer.headers.location].flat()[0]
    const next = location === undefined ? undefined : URL.parse(location, url)
    if (status < 300 || status >= 400 || !next) return { status, text: await readText(answer) }
    await answer.body.dump()
    const isSame = next.origin === new URL(url).origin
    if (!isSame || (status !== 307 && status !== 308) || turn === MOST_REDIRECTS) {
      return { status, text: `it sends to ${next.origin}${next.pathname}: push to that address` }
    }
    url = `${next.origin}${next.pathname}${next.search}`
  }
}

async function postOnce(
  dispatchers: Dispatchers,
  url: string,
  { to, body, userAgent, signal }: Posting,
): Promise<Dispatcher.ResponseData> {
  const { request } = await import('undici')
  const login = Buffer.from(`${to.user}:${to.password}`).toString('base64')
  return request(url, {
    method: 'POST',
    dispatcher: await dispatchers.for(url),
    signal,
    headers: {
      'user-agent': userAgent,
      accept: '*/*',
      authorization: `Basic ${login}`,
      'content-type': body.type,
      'content-length': String(body.length),
    },
    body: Readable.from(body.chunks()),
  })
}

async function readText({ body }: Dispatcher.ResponseData): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk as Buffer, { stream: true })
    if (text.length >= LONGEST_TEXT) break
  }
  return text.slice(0, LONGEST_TEXT)
}
