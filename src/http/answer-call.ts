/** One request from its credentials to its log line. Synchronous wherever the parts are. */
import type { IncomingMessage } from 'node:http'
import type { Identity } from '#base/identity'
import { Refusal } from '#base/refusal'
import type { Log } from '#base/log'
import { noteFirstWaitsOf, noteWaitsOf } from '#base/waits'
import { withAbsoluteLocation } from './absolute-location.ts'
import type { ErrorText } from './error-body.ts'
import { answerError, withRedirectPage } from './refusal-reply.ts'
import type { RequestCall } from './request-call.ts'
import { loggedPath } from './request-url.ts'
import { badRequestRoute } from './fallback-routes.ts'
import type { Answer, Call, Route } from './route.ts'
import { withCachingForNginx } from './send-file.ts'
import { send, type HeaderList, type Sent } from './send.ts'
import { SendTurn } from './send-turn.ts'
import { isSlow, printWaits, withTiming, type Timing } from './timing.ts'

export interface Answering extends Timing {
  commonHeaders(): Readonly<Record<string, string>>
  /** What is said instead to who would rather have a page; nothing to programs. */
  errorPage?(call: Call, error: ErrorText): Answer | Promise<Answer> | undefined
  readonly log: Log
}

export interface AnswerSettings {
  readonly server: Answering
  readonly state: { readonly isStopping: boolean }
  /** Requests whose client waits for `100 Continue`. */
  readonly awaiting: WeakSet<IncomingMessage>
}

export type AnswerCall = (route: Route, call: RequestCall) => void

export function callAnswerer(settings: AnswerSettings): AnswerCall {
  const { server, state, awaiting } = settings
  const { log } = server
  const commonList = headerListOf(() => server.commonHeaders())
  const turn = new SendTurn()
  return answerCall

  function answerCall(route: Route, call: RequestCall): void {
    try {
      const { mistake } = call
      const asked = mistake === undefined ? route : badRequestRoute(mistake)
      call.pattern = asked.path
      const run = asked.isSwift ? noteFirstWaitsOf : noteWaitsOf
      const answer = run(call, () => start(asked, call))
      if (!isPromise(answer)) return turn.add(() => finish(answer))
      turn.flush()
      answer.then(finish, fail)
    } catch (error) {
      fail(error)
    }

    function finish(answer: Answer): void {
      try {
        sendAnswer(call, answer)
      } catch (error) {
        fail(error)
      }
    }
    function fail(error: unknown): void {
      const told = error instanceof Refusal ? route.tellRefusal?.(call, error) : undefined
      if (told) sendAnswer(call, told)
      else failCall(call, error, route.isForPeople)
    }
  }

  function start(route: Route, call: RequestCall): Answer | Promise<Answer> {
    const who = call.identify()
    const isSlow = isPromise(who) || route.early !== undefined || call.headers.expect !== undefined
    if (isSlow) return startSlowly(route, call, who)
    call.who = who
    return route.handle(call)
  }

  async function startSlowly(
    route: Route,
    call: RequestCall,
    who: Identity | Promise<Identity>,
  ): Promise<Answer> {
    call.who = await who
    await route.early?.(call)
    if (awaiting.delete(call.raw)) call.response.writeContinue()
    return await route.handle(call)
  }

  function failCall(call: RequestCall, error: unknown, isForPeople = false): void {
    const { response } = call
    const { answer, told, isFailure } = answerError(error, call)
    const isGone = response.destroyed && !response.headersSent
    if (isFailure && !isGone) {
      log.error({ id: call.id, path: loggedPath(originalUrl(call.raw)), error }, 'request failed')
    }
    try {
      if (response.headersSent) return void response.destroy()
      const isTold = isForPeople || isPage(answer)
      const page = (isTold ? server.errorPage?.(call, told) : undefined) ?? answer
      if (isPromise(page)) page.then((made) => sendAnswer(call, made)).catch(giveUp)
      else sendAnswer(call, page)
    } catch (cause) {
      giveUp(cause)
    }

    function giveUp(cause: unknown): void {
      log.error({ id: call.id, error: cause }, 'answer could not be sent')
      response.destroy()
    }
  }

  function sendAnswer(call: RequestCall, answer: Answer): void {
    const whole = isBareRedirect(answer)
      ? withRedirectPage(withAbsoluteLocation(answer, call), call.headers.accept)
      : withCachingForNginx(answer)
    call.answeredAt = performance.now()
    send(call, server.tellsTiming?.(call.who) ? withTiming(whole, call) : whole, {
      common: commonList(),
      // whoever was not asked for the body may send it or not: nobody knows where the next request starts
      isLast: state.isStopping || awaiting.has(call.raw),
      onSent(sent) {
        if (sent.outcome === 'unsent') failCall(call, sent.error)
        else logCall(call, answer.status, sent)
      },
    })
  }

  function logCall(call: RequestCall, status: number, sent: Sent): void {
    const { outcome, error } = sent
    const { method, pattern: route, answeredAt = performance.now() } = call
    const answeredMs = answeredAt - call.startedAt
    server.measures?.note({ route, method, status, ms: answeredMs, bytes: sent.bytes })
    const line = {
      id: call.id,
      method,
      path: loggedPath(originalUrl(call.raw)),
      status,
      bytes: sent.bytes,
      ms: round(performance.now() - call.startedAt),
      user: call.who.user,
    }
    if (isSlow(answeredMs, server)) {
      log.warn({ ...line, answered: round(answeredMs), waited: printWaits(call) }, 'slow request')
    }
    if (outcome === 'sent') log.info(line, 'request')
    else if (outcome === 'gone') log.info({ ...line, outcome }, 'request')
    else log.warn({ ...line, outcome, error }, 'request')
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100

function isBareRedirect({ status, body }: Answer): boolean {
  return status > 300 && status < 309 && status !== 304 && body === undefined
}

const isPage = ({ headers }: Answer): boolean =>
  String(headers?.['Content-Type']).startsWith('text/html')

/** Fastify rewrites `url` and keeps what was sent. */
function originalUrl(raw: IncomingMessage & { readonly originalUrl?: string }): string {
  return raw.originalUrl ?? raw.url ?? '/'
}

/** Flattened again only when it is another object than last time. */
function headerListOf(headers: () => Readonly<Record<string, string>>): () => HeaderList {
  let last: Readonly<Record<string, string>> | undefined
  let list: HeaderList = []
  return () => {
    const now = headers()
    if (now !== last) [last, list] = [now, Object.entries(now).flat()]
    return list
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>>).then === 'function'
}
