/** One request as its handler sees it. Everything that costs something waits until it is asked for. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { anonymous, type Identity } from '#base/identity'
import { parseJson, readBytes } from './body.ts'
import { BAD_ADDRESS } from './fallback-routes.ts'
import type { OutsideUrls } from './outside-url.ts'
import { decodedPath, isBadUrl, queryOf } from './request-url.ts'
import type { Call } from './route.ts'

export interface CallSettings {
  readonly outside: OutsideUrls
  readonly maxJsonBody: number
}

export class RequestCall implements Call {
  readonly raw: IncomingMessage
  readonly response: ServerResponse
  readonly params: Readonly<Record<string, string>>
  readonly id: string
  who: Identity = anonymous
  credentialsSent = false
  /** Says anew who is asking; undefined without credentials. */
  identify: (() => Identity | Promise<Identity>) | undefined
  /** For the log line. */
  readonly startedAt = performance.now()
  readonly #settings: CallSettings
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

  async confirmWho(): Promise<void> {
    if (this.who.user !== undefined && this.identify) this.who = await this.identify()
  }

  bytes(limit: number = this.#settings.maxJsonBody): Promise<Buffer> {
    return (this.#bytes ??= this.#readBytes(limit))
  }

  async #readBytes(limit: number): Promise<Buffer> {
    const isHere = this.raw.complete
    const bytes = await readBytes(this.raw, limit)
    if (!isHere) await this.confirmWho()
    return bytes
  }
}
