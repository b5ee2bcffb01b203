/** Fastify set up our way: routing, limits, one log line per request, a graceful stop. */
import { randomBytes } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Identity } from '#base/identity'
import type { ListenPlace } from '#base/listen-place'
import type { Log } from '#base/log'
import type { TrustedProxy } from '#base/proxy-headers'
import { keepTicksFast } from '#base/steady-ticks'
import { callAnswerer } from './answer-call.ts'
import { answerClientError } from './client-error.ts'
import type { Credentials } from './credentials.ts'
import { CsrfTokens } from './csrf-tokens.ts'
import type { ErrorText } from './error-body.ts'
import { BAD_ADDRESS, badRequestRoute, notFoundRoute } from './fallback-routes.ts'
import { KnownRoutes } from './known-routes.ts'
import { Listeners, type Listening } from './listen.ts'
import { outsideUrls } from './outside-url.ts'
import { PushMethod } from './push-method.ts'
import { RequestCall, type CallSettings } from './request-call.ts'
import { requestIds } from './request-id.ts'
import { routedUrl } from './request-url.ts'
import { routerEntries } from './router-entries.ts'
import type { Answer, Call, Route } from './route.ts'
import { SecondHost, type SecondHostOptions } from './second-host.ts'
import type { Timing } from './timing.ts'

export interface ServerOptions extends Timing {
  readonly routes: readonly Route[]
  /** Answers at once where it can, above all when there are no credentials. */
  identify(credentials: Credentials | undefined): Identity | Promise<Identity>
  /** What forms are signed with; else one that dies with the process. */
  readonly secret?: Uint8Array | undefined
  /** Asked for when an answer is sent. The same object again costs nothing. */
  commonHeaders(): Readonly<Record<string, string>>
  /** What is said of an error to who would rather have a page; nothing to programs. */
  errorPage?(call: Call, error: ErrorText): Answer | Promise<Answer> | undefined
  readonly outsideUrl?: string | undefined
  /** For what must have no part in logins. */
  readonly secondHost?: SecondHostOptions | undefined
  readonly trustedProxy?: TrustedProxy | undefined
  readonly log: Log
  /** Bytes; 1 MiB. */
  readonly maxJsonBody?: number
  /** How long running requests may go on after `close`; 10 s. */
  readonly drainTimeoutMs?: number
  /** A connection on which nothing moves for this long is closed; 2 minutes. */
  readonly idleTimeoutMs?: number
  /** How long the headers of a request may take; 30 s. */
  readonly headersTimeoutMs?: number
  /** How long a whole request with its body may take; 6 hours, for big files on slow lines. */
  readonly requestTimeoutMs?: number
  readonly keepAliveTimeoutMs?: number
}

export interface Server {
  /** In all of these places, or in none. */
  listen(...places: readonly ListenPlace[]): Promise<Listening>
  /** A request without a socket, for tests. `PUSH` needs `validate: false`. */
  readonly inject: FastifyInstance['inject']
  /** Stops accepting, lets running requests finish within bounds. */
  close(bounds?: CloseBounds): Promise<void>
}

export interface CloseBounds {
  /** Ends when nobody needs it: connections are kept until their next answer, or for as long as any that is idle. At most this long. */
  readonly untilUnusedMs?: number
}

const minute = 60_000
const hour = 60 * minute
const noQuery = {}
const badAddress = badRequestRoute(BAD_ADDRESS)
/** Routes have no schemas: what compiles them is large, and not even loaded. */
const noSchemas = { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } }

function noCompiler(): never {
  throw new Error('routes have no schemas here')
}

export function createServer(options: ServerOptions): Server {
  const { log } = options
  keepTicksFast()
  const outside = outsideUrls(options.outsideUrl, options.trustedProxy)
  const second = options.secondHost && new SecondHost(options.secondHost, options.trustedProxy)
  const headersTimeout = options.headersTimeoutMs ?? minute / 2
  const callSettings: CallSettings = {
    outside,
    csrf: new CsrfTokens(options.secret ?? randomBytes(32)),
    identify: (credentials) => options.identify(credentials),
    maxJsonBody: options.maxJsonBody ?? 1024 * 1024,
  }
  const state = { isStopping: false }
  const awaiting = new WeakSet<IncomingMessage>()
  const answerCall = callAnswerer({ server: { ...options, errorPage }, state, awaiting })
  const push = new PushMethod()
  const known = new KnownRoutes()
  const nextId = requestIds()

  const app = fastify({
    exposeHeadRoutes: false,
    return503OnClosing: false,
    schemaController: noSchemas,
    routerOptions: { maxParamLength: 1000, querystringParser: () => noQuery },
    rewriteUrl,
    genReqId: nextId,
    clientErrorHandler(error, socket) {
      if (!push.takes(error, socket)) answerClientError(error, socket, log)
    },
    frameworkErrors: (_error, request, reply) => answer(badAddress, request, reply),
    connectionTimeout: options.idleTimeoutMs ?? 2 * minute,
    requestTimeout: options.requestTimeoutMs ?? 6 * hour,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 72_000,
    http: {
      headersTimeout,
      // Node looks for slow requests this often; its own half a minute would double the limit.
      connectionsCheckingInterval: Math.min(headersTimeout, 5000),
      maxHeaderSize: 32 * 1024,
    },
  })
  const listeners = new Listeners(app)

  for (const { methods, path, route, pushRoute } of routerEntries(options.routes)) {
    app.route({ method: [...methods], url: path, ...through(route, pushRoute) })
  }
  const { handler, ...hooks } = through(notFoundRoute, notFoundRoute)
  app.setNotFoundHandler(hooks as object, handler) // the types don't know that it takes onRequest
  app.server.removeAllListeners('request').on('request', take)
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    awaiting.add(request)
    app.routing(request, response)
  })

  return {
    listen: (...places) => listeners.listen(places),
    inject: app.inject.bind(app),
    async close({ untilUnusedMs } = {}) {
      state.isStopping = true
      const drainMs = untilUnusedMs ?? options.drainTimeoutMs ?? 10_000
      await listeners.stop(drainMs, untilUnusedMs !== undefined)
    },
  }

  /** Past the router where it has been asked for this address before. */
  function take(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/', headers } = request
    const isPlain = method === 'GET' && !second && !outside.find(headers)?.prefix
    const found = isPlain ? known.find(url) : undefined
    if (!found) return app.routing(request, response)
    answerCall(
      found.route,
      new RequestCall(request, response, found.params, nextId(), callSettings),
    )
  }

  function rewriteUrl(request: IncomingMessage): string {
    const { url = '/', headers } = request
    if (request.method === 'PUSH') push.disguise(request) // it came by `inject`
    second?.admit(request)
    return routedUrl(url, outside.find(headers)?.prefix ?? '')
  }

  /** Answers in `onRequest`: before the handler, Fastify would judge the type of the body. */
  function through(route: Route, pushRoute: Route) {
    return {
      onRequest(request: FastifyRequest, reply: FastifyReply) {
        push.reveal(request.raw)
        answer(request.raw.method === 'PUSH' ? pushRoute : route, request, reply)
      },
      handler: () => {
        throw new Error('the request was answered before')
      },
    }
  }

  function answer(route: Route, request: FastifyRequest, reply: FastifyReply): void {
    reply.hijack()
    const params = request.params as Readonly<Record<string, string>>
    const call = new RequestCall(request.raw, reply.raw, params, request.id, callSettings)
    const found = hasEmptyPart(params) ? notFoundRoute : route
    const { raw } = request
    const { method, url = '' } = raw
    // Only what is routed under the very address that was sent.
    const isAsSent = method === 'GET' && url === request.originalUrl
    if (isAsSent && found !== notFoundRoute && found !== badAddress) {
      known.remember(url, { route: found, params })
    }
    answerCall(second?.hasAdmitted(raw) ? second.routeFor(found, raw.method) : found, call)
  }

  function errorPage(call: Call, error: ErrorText): Answer | Promise<Answer> | undefined {
    return second?.hasAdmitted(call.raw)
      ? second.errorText(error)
      : options.errorPage?.(call, error)
  }
}

/** The router lets `//` pass as a parameter; nothing has such a name. */
function hasEmptyPart(params: Readonly<Record<string, string>>): boolean {
  for (const name in params) {
    if (params[name] === '' && name !== '*') return true
  }
  return false
}
