/**
 * Asks an upstream: follows redirects, keeps credentials at their origin, tells failures as such. Anybody may make a
 * mirror, and its pages and redirects name any address: the closed ones are not asked.
 */
import type { Readable } from 'node:stream'
import { Dispatchers } from '#base/dispatchers'
import { UpstreamFailure } from '#base/failure'
import { assertOpenHost, openLookup } from '#base/local-addresses'
import { cleanUrl, shownUrl, type UpstreamAddress } from './address.ts'
import type { MirrorSettings } from './settings.ts'
import { failureOf, isDroppedConnection, statusFailure } from './upstream-failure.ts'

const MOST_REDIRECTS = 5
const MOST_DISCARDED = 64 * 1024
const redirects = new Set([301, 302, 303, 307, 308])

export interface UpstreamQuestion {
  readonly url: string
  /** The mirror for which it is asked: its credentials are sent to its own origin. */
  readonly address: UpstreamAddress | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Bounds the whole of it, body included. */
  readonly signal: AbortSignal
}

/** Its user must read the body to its end, destroy it, or `discard` it. */
export interface UpstreamAnswer {
  readonly status: number
  /** The address that answered, after redirects; without credentials. */
  readonly url: string
  readonly body: Readable
  header(name: string): string | undefined
  /** For a body that nobody wants: a short one is read, so that the connection can be used again. */
  discard(): void
}

export class Upstream {
  readonly #dispatchers: Dispatchers
  readonly #settings: MirrorSettings

  constructor(settings: MirrorSettings) {
    this.#dispatchers = new Dispatchers({ ...settings, lookup: openLookup })
    this.#settings = settings
  }

  /** Any status but a redirect. Throws `UpstreamFailure` when there is no answer. */
  async ask(question: UpstreamQuestion): Promise<UpstreamAnswer> {
    if (this.#settings.offline) throw statusFailure(503, question.url)
    const asked = new Set<string>()
    let url = cleanUrl(question.url)
    while (url !== undefined && !asked.has(url) && asked.size <= MOST_REDIRECTS) {
      asked.add(url)
      const answer = await this.#askOrTryAgain(url, question)
      const target = redirects.has(answer.status) ? answer.header('location') : undefined
      if (target === undefined) return answer
      answer.discard()
      url = cleanUrl(target, url)
    }
    const from = shownUrl(question.url)
    if (url === undefined) throw new UpstreamFailure(`${from} leads to an address that is no URL`)
    const how = asked.has(url)
      ? 'redirects in a circle'
      : `redirects more than ${MOST_REDIRECTS} times`
    throw new UpstreamFailure(`${from} ${how}`)
  }

  close(): Promise<void> {
    return this.#dispatchers.destroy()
  }

  /** A pooled connection may be closed by the other side in the moment it is used: once is no failure. */
  async #askOrTryAgain(url: string, question: UpstreamQuestion): Promise<UpstreamAnswer> {
    try {
      return await this.#askOnce(url, question)
    } catch (error) {
      if (!isDroppedConnection(error) || question.signal.aborted) throw failureOf(error, url)
    }
    try {
      return await this.#askOnce(url, question)
    } catch (error) {
      throw failureOf(error, url)
    }
  }

  async #askOnce(url: string, question: UpstreamQuestion): Promise<UpstreamAnswer> {
    const { address, headers, signal } = question
    const dispatcher = await this.#dispatchers.for(url)
    const { origin, hostname, pathname, search } = new URL(url)
    assertOpenHost(hostname)
    const authorization = origin === address?.origin ? address.authorization : undefined
    const { request } = await import('undici')
    const answer = await request(origin + pathname + search, {
      dispatcher,
      signal,
      headers: {
        'user-agent': this.#settings.userAgent,
        ...headers,
        ...(authorization !== undefined && { authorization }),
      },
    })
    // Whoever reads the body is told of its failure; one that nobody reads must not be fatal.
    answer.body.on('error', () => {})
    return {
      status: answer.statusCode,
      url,
      body: answer.body,
      header: (name) => [answer.headers[name]].flat()[0],
      discard: () => void answer.body.dump({ limit: MOST_DISCARDED }).catch(() => {}),
    }
  }
}
