/** One request as its handler sees it. Everything that costs something waits until it is asked for. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { anonymous, type Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import { waitFor, type WaitedFor, type Waiter } from '#base/waits'
import { parseJson, readBytes } from './body.ts'
import { isOfOtherSite, isReading, readCredentials, type Credentials } from './credentials.ts'
import type { CsrfTokens } from './csrf-tokens.ts'
import { BAD_ADDRESS } from './fallback-routes.ts'
import type { OutsideUrls } from './outside-url.ts'
import { decodedPath, isBadUrl, queryOf } from './request-url.ts'
import type { Call } from './route.ts'
import { readSession } from './session-cookie.ts'

export interface CallSettings {
  readonly outside: OutsideUrls
  readonly csrf: CsrfTokens
  identify(credentials: Credentials | undefined): Identity | Promise<Identity>
  readonly maxJsonBody: number
}

export class RequestCall implements Call, Waiter {
  readonly raw: IncomingMessage
  readonly response: ServerResponse
  readonly params: Readonly<Record<string, string>>
  readonly id: string
  who: Identity = anonymous
  credentialsSent = false
  /** For the log line. */
  readonly startedAt = performance.now()
  /** The pattern of the route that answers. */
  pattern = ''
  /** When there was an answer to send. */
  answeredAt: number | undefined
  /** Milliseconds, by what was waited for. */
  waits: Map<WaitedFor, number> | undefined
  readonly #settings: CallSettings
  /** What says who is asking; undefined without, and where it counts for nothing. */
  #credentials: Credentials | undefined
  #query: URLSearchParams | undefined
  #abort: AbortController | undefined
  #bytes: Promise<Buffer> | undefined

  constructor(
    raw: IncomingMessage,
    response: ServerResponse,
    params: Readonly<Record<string, string>>,
    id: string,
    settings: CallSettings,
  ) {
    this.raw = raw
    this.response = response
    this.params = params
    this.id = id
    this.#settings = settings
  }

  noteWait(what: WaitedFor, ms: number): void {
    this.waits ??= new Map()
    this.waits.set(what, (this.waits.get(what) ?? 0) + ms)
  }

  get method(): string {
    return this.raw.method ?? 'GET'
  }

  get headers(): IncomingHttpHeaders {
    return this.raw.headers
  }

  get path(): string {
    return decodedPath(this.raw.url ?? '/')
  }

  get query(): URLSearchParams {
    return (this.#query ??= queryOf(this.raw.url ?? '/'))
  }

  get session(): string | undefined {
    const { cookie, authorization, 'x-devpi-auth': devpi } = this.headers
    if (cookie === undefined || authorization !== undefined || devpi !== undefined) return undefined
    return readSession(cookie, this)
  }

  get csrfToken(): string | undefined {
    const { session } = this
    return session === undefined ? undefined : this.#settings.csrf.tokenOf(session)
  }

  get root(): string {
    return this.#settings.outside.rootOf(this.raw).root
  }

  get prefix(): string {
    return this.#settings.outside.rootOf(this.raw).prefix
  }

  /** Why it cannot be answered, if it can't. */
  get mistake(): string | undefined {
    return isBadUrl(this.raw.url ?? '/')
      ? BAD_ADDRESS
      : this.#settings.outside.findMistake(this.raw)
  }

  get wantsJson(): boolean {
    return this.headers.accept?.includes('application/json') ?? false
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      const abort = new AbortController()
      const { response } = this
      const onClose = (): void => {
        if (!response.writableFinished) abort.abort()
      }
      if (response.closed) onClose()
      else response.once('close', onClose)
      this.#abort = abort
    }
    return this.#abort.signal
  }

  async json(): Promise<unknown> {
    return parseJson(await this.bytes())
  }

  /** Who the headers say is asking. */
  identify(): Identity | Promise<Identity> {
    this.#credentials = isOfOtherSite(this) ? undefined : this.#findCredentials()
    this.credentialsSent = this.#credentials !== undefined
    return this.#settings.identify(this.#credentials)
  }

  #findCredentials(): Credentials | undefined {
    const given = readCredentials(this.headers)
    if (given || this.headers.cookie === undefined) return given
    const { session } = this
    if (session === undefined) return undefined
    const isMeant = isReading(this.method) || this.#isOwnForm(session, this.headers['x-csrf-token'])
    return isMeant ? { user: undefined, secret: session } : undefined
  }

  #isOwnForm(session: string, csrfToken: string | string[] | undefined): boolean {
    return typeof csrfToken === 'string' && this.#settings.csrf.fits(session, csrfToken)
  }

  reader(): Identity | Promise<Identity> {
    const { session } = this
    if (this.who.user !== undefined || session === undefined || isOfOtherSite(this)) return this.who
    return this.#settings.identify({ user: undefined, secret: session })
  }

  async confirmWho(): Promise<void> {
    if (this.who.user !== undefined && this.#credentials) {
      this.who = await this.#settings.identify(this.#credentials)
    }
  }

  async confirmForm(csrfToken: string | undefined): Promise<void> {
    const { session } = this
    if (isOfOtherSite(this)) throw refuse('form-foreign')
    if (session === undefined) return
    if (!this.#isOwnForm(session, csrfToken ?? this.headers['x-csrf-token']))
      throw refuse('form-foreign')
    this.#credentials = { user: undefined, secret: session }
    this.credentialsSent = true
    this.who = await this.#settings.identify(this.#credentials)
  }

  bytes(limit: number = this.#settings.maxJsonBody): Promise<Buffer> {
    return (this.#bytes ??= this.#readBytes(limit))
  }

  async #readBytes(limit: number): Promise<Buffer> {
    const isHere = this.raw.complete
    const bytes = await waitFor('body', readBytes(this.raw, limit))
    if (!isHere) await this.confirmWho()
    return bytes
  }
}
