/**
 * A second host name of the server, for what must have no part in the logins of the first: few routes, for nobody in
 * particular. Whatever of a request names this host leads to it, so that nothing else is ever seen under its name.
 */
import type { IncomingMessage } from 'node:http'
import type { TrustedProxy } from '#base/proxy-headers'
import type { ErrorText } from './error-body.ts'
import { parseOutsideUrl } from './outside-url.ts'
import { text } from './reply.ts'
import type { Answer, Route } from './route.ts'
import { readForwarded } from './trusted-proxy.ts'

export interface SecondHostOptions {
  /** Its address, maybe with a path. */
  readonly url: string
  /** Of the first host. */
  readonly mainUrl: string
  /** All that is answered, each at the path of a route of the first host. */
  readonly routes: readonly Route[]
}

/** A text with nothing in it to click on or to send. */
const HARMLESS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
}

export class SecondHost {
  readonly #options: SecondHostOptions
  readonly #proxy: TrustedProxy | undefined
  readonly #hostname: string
  readonly #routes: ReadonlyMap<string, Route>
  /** Requests that came to it. */
  readonly #admitted = new WeakSet<IncomingMessage>()

  constructor(options: SecondHostOptions, proxy: TrustedProxy | undefined) {
    if (!parseOutsideUrl(options.url)) throw new TypeError(`'${options.url}' is not an http(s) URL`)
    this.#options = options
    this.#proxy = proxy
    this.#hostname = hostnameOf(options.url)!
    this.#routes = new Map(options.routes.map((route) => [route.path, route]))
  }

  /**
   * Whether the request came to it. From one that did it takes what says who is asking, before anybody looks, and
   * lets it be answered below the host's own address, whatever a proxy says.
   */
  admit(request: IncomingMessage): boolean {
    if (!this.#isAsked(request)) return false
    const { headers } = request
    for (const name of ['cookie', 'authorization', 'x-devpi-auth', 'x-csrf-token']) {
      delete headers[name]
    }
    headers['x-outside-url'] = this.#options.url
    this.#admitted.add(request)
    return true
  }

  hasAdmitted(request: IncomingMessage): boolean {
    return this.#admitted.has(request)
  }

  /** What answers instead of a route of the first host. */
  routeFor({ path }: Route, method: string | undefined): Route {
    const route = this.#routes.get(path)
    return route?.methods.includes(method ?? '') ? route : this.#elsewhere
  }

  /** An error as a text, for who would have got a page. */
  errorText({ status, title, message }: ErrorText): Answer {
    return text(status, `${status} ${title}\n\n${message}\n\n${this.#mainPlace()}`, HARMLESS)
  }

  readonly #elsewhere: Route = {
    methods: [],
    path: '*',
    handle: () => text(404, `404 Not Found\n\n${this.#mainPlace()}`, HARMLESS),
  }

  #mainPlace(): string {
    return `Only documentation is at ${this.#options.url}/. All else is at ${this.#options.mainUrl}/.\n`
  }

  #isAsked(request: IncomingMessage): boolean {
    const { host, 'x-outside-url': outside } = request.headers
    const forwarded = this.#proxy && readForwarded(request, this.#proxy)
    const names = [
      ...(host === undefined ? [] : [`http://${host}`]),
      ...(typeof outside === 'string' ? [outside] : []),
      ...(forwarded && 'host' in forwarded && forwarded.host ? [`http://${forwarded.host}`] : []),
    ]
    return names.some((name) => hostnameOf(name) === this.#hostname)
  }
}

/** Browsers keep cookies by name alone, so a port makes no other host. */
const hostnameOf = (url: string): string | undefined => URL.parse(url)?.hostname.replace(/\.$/, '')
