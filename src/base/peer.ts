/** Another server, asked over pooled connections: one request, and its answer as a stream, whatever its status. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Dispatchers } from './dispatchers.ts'

export interface PeerQuestion {
  readonly url: string
  /** `GET` where it is not said. */
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readable | Uint8Array | undefined
  readonly signal?: AbortSignal
  /** Over a connection of its own: one that waits may be closed in the moment it is used. */
  readonly isAlone?: boolean
}

/** Its user must read the body to its end, destroy it, or `discard` it. */
export interface PeerAnswer {
  readonly status: number
  readonly reason: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
  header(name: string): string | undefined
  /** For a body that nobody wants. */
  discard(): void
}

const MOST_DISCARDED = 64 * 1024

/** Redirects are not followed. Throws what the network throws. */
export async function askPeer(
  dispatchers: Dispatchers,
  { url, method = 'GET', headers, body: sent, signal, isAlone = false }: PeerQuestion,
): Promise<PeerAnswer> {
  const { request } = await import('undici')
  const answer = await request(url, {
    method,
    headers,
    dispatcher: await dispatchers.for(url),
    ...(signal && { signal }),
    ...(sent && { body: sent }),
    ...(isAlone && { reset: true }),
  })
  const { statusCode: status, statusText: reason, body } = answer
  body.on('error', () => {}) // whoever reads it is told; one that nobody reads must not be fatal
  return {
    ...{ status, reason, url, body, headers: answer.headers },
    header: (name) => [answer.headers[name]].flat()[0],
    discard: () => void body.dump({ limit: MOST_DISCARDED }).catch(() => {}),
  }
}

/** What an error says, be it JSON, text or a page: in one line, and in short. */
export async function messageIn({ body }: PeerAnswer): Promise<string> {
  const said = (await text(body).catch(() => '')).slice(0, 10_000)
  try {
    return `${(JSON.parse(said) as { message?: string }).message ?? ''}`.slice(0, 300)
  } catch {
    return said
      .replaceAll(/<head>.*<\/head>|<[^>]*>/gs, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .slice(0, 300)
  }
}
