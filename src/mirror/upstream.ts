/**
 * Asks an upstream: follows redirects, keeps credentials at their origin, tells failures as such. Anybody may make a
 * mirror, and its pages and redirects name any address: the closed ones are not asked.
 */
import type { Readable } from 'node:stream'
import { UpstreamFailure } from '#base/failure'
import { ClosedAddress } from '#base/local-addresses'
import type { Measures } from '#base/measures'
import { networkReason } from '#base/network-failure'
import { cleanUrl, shownUrl, wayTo, type UpstreamAddress } from './address.ts'
import type { Askers } from './askers.ts'
import type { Breaker } from './breaker.ts'
import { Connections } from './connections.ts'
import type { MirrorSettings } from './settings.ts'
import { failureOf, isDroppedConnection, statusFailure } from './upstream-failure.ts'

const MOST_REDIRECTS = 5
const MOST_DISCARDED = 64 * 1024
const redirects = new Set([301, 302, 303, 307, 308])
/** What proxies say of a server that is away, or servers that have too much to do. */
const unwell = new Set([429, 502, 503, 504])
/** A server that fails, perhaps for one address alone. One that lacks a method is well. */
const isBroken = (status: number): boolean => status >= 500 && status !== 501

export interface UpstreamQuestion {
  readonly url: string
  /** The mirror for which it is asked: its credentials are sent to its own origin. */
  readonly address: UpstreamAddress | undefined
  readonly headers: Readonly<Record<string, string>>
  /** It is asked although it is left alone after failures. */
  readonly isForced?: boolean
  /** Sent with POST. */
  readonly body?: string
  readonly method?: 'GET' | 'HEAD' | 'POST'
  /** Bounds the whole of it, body included. */
  readonly signal: AbortSignal
  /** Somebody waits, and no longer than a page's request may: an upstream that is later than that counts as failing. */
  readonly isForPage?: boolean
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
  readonly #connections: Connections
  readonly #settings: MirrorSettings
  readonly #breaker: Breaker
  readonly #measures: Measures | undefined
  readonly #askers: Askers | undefined
  /** Loaded on first use: it takes its time. */
  #library: Promise<typeof import('undici')> | undefined

  /** `measures`: hears how long each origin takes to begin its answer; `askers`: for which mirror it is asked. */
  constructor(
    settings: MirrorSettings,
    breaker: Breaker,
    { measures, askers }: { measures?: Measures | undefined; askers?: Askers | undefined } = {},
  ) {
    this.#measures = measures
    this.#askers = askers
    this.#breaker = breaker
    this.#connections = new Connections(settings)
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
    return this.#connections.destroy()
  }

  /** A pooled connection may be closed by the other side in the moment it is used: once is no failure. */
  async #askOrTryAgain(url: string, question: UpstreamQuestion): Promise<UpstreamAnswer> {
    try {
      return await this.#askOnce(url, question, { isTriedAgain: true })
    } catch (error) {
      if (!isDroppedConnection(error) || question.signal.aborted) throw failureOf(error, url)
    }
    try {
      return await this.#askOnce(url, question, { isTriedAgain: false })
    } catch (error) {
      throw failureOf(error, url)
    }
  }

  async #askOnce(
    url: string,
    question: UpstreamQuestion,
    { isTriedAgain }: { isTriedAgain: boolean },
  ): Promise<UpstreamAnswer> {
    const { origin } = new URL(url)
    const way = wayTo(origin, question.address?.connection)
    if (question.address) this.#askers?.note(origin, question.address.url)
    const asked = this.#breaker.enter(way, question.isForced)
    const { requestTimeoutMs } = this.#settings
    const tellLate = (): void => asked.failed('no answer in time')
    const late = question.isForPage ? setTimeout(tellLate, requestTimeoutMs) : undefined
    const startedAt = performance.now()
    try {
      const answer = await this.#send(url, question)
      this.#note(origin, `${Math.floor(answer.status / 100)}xx`, startedAt)
      const reason = `it answers ${answer.status}`
      if (unwell.has(answer.status)) asked.failed(reason)
      else if (isBroken(answer.status)) asked.broken(url, reason)
      else asked.answered()
      return answer
    } catch (error) {
      // Nothing was sent to an address that is closed to this mirror: another one may go there.
      const isRefused = error instanceof ClosedAddress && origin !== question.address?.origin
      const isNoAnswer =
        question.signal.aborted || isRefused || (isTriedAgain && isDroppedConnection(error))
      this.#note(origin, 'none', startedAt)
      if (isNoAnswer) asked.abandoned()
      else asked.failed(networkReason(error))
      throw error
    } finally {
      clearTimeout(late)
    }
  }

  #note(upstream: string, answer: string, startedAt: number): void {
    const help = 'Time until an upstream began its answer, or none came.'
    const timer = this.#measures?.timer('upstream_seconds', help, { upstream, answer })
    timer?.note(performance.now() - startedAt)
  }

  async #send(
    url: string,
    {
      address,
      headers,
      signal,
      body,
      method = body === undefined ? 'GET' : 'POST',
    }: UpstreamQuestion,
  ): Promise<UpstreamAnswer> {
    const dispatcher = await this.#connections.for(url, address)
    const { origin, pathname, search } = new URL(url)
    const authorization = origin === address?.origin ? address.authorization : undefined
    const { request } = await (this.#library ??= import('undici'))
    const answer = await request(origin + pathname + search, {
      dispatcher,
      method,
      ...(body !== undefined && { body }),
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
