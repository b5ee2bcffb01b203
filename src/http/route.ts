/** Routes: what a request is to whoever answers it, and what an answer is. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Identity } from '#base/identity'
import type { Refusal } from '#base/refusal'

/** One request. What costs something is worked out on first use. */
export interface Call {
  readonly method: string
  /** Decoded, without the path of the outside URL. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Anonymous when credentials are absent or wrong. To be looked at again once the body is here. */
  readonly who: Identity
  /** Who may see the answer: `who`, or of a form whoever is logged in here, before it counts for changes. */
  reader(): Identity | Promise<Identity>
  /** Whether there were any, right or wrong. */
  readonly credentialsSent: boolean
  /** Of a browser that logged in here; undefined where a header says who is asking. */
  readonly session: string | undefined
  /** What the forms of this session carry as `csrf`, and its scripts as `X-CSRF-Token`. */
  readonly csrfToken: string | undefined
  /** The server's absolute URL as the client sees it, without a trailing slash. */
  readonly root: string
  /** The path part of `root`: empty, or with a leading and no trailing slash. */
  readonly prefix: string
  /** In the log line and in `X-Request-Id`. */
  readonly id: string
  /** Don't destroy it (`pipeline` and an early `break` do): the client would never see the answer. */
  readonly raw: IncomingMessage
  /** Aborted when the client goes away before it has the whole answer. */
  readonly signal: AbortSignal
  /** `Accept` names `application/json`. */
  readonly wantsJson: boolean
  /** The body as JSON, whatever its content type; refuses what is none, or is too large. */
  json(): Promise<unknown>
  /** Makes `who` anonymous if that user is gone: for a body that may have taken hours. `json` and `bytes` do. */
  confirmWho(): Promise<void>
  /**
   * Of a form, with what it carries as `csrf` (or a script in its header): from here on it counts who is logged in. Refuses a form that is not
   * of this session, or comes from a page of somebody else.
   */
  confirmForm(csrfToken: string | undefined): Promise<void>
  /** The body as it came; refuses more than `limit` bytes. */
  bytes(limit?: number): Promise<Buffer>
}

/** `body` is sent with backpressure if it is a stream, and is then destroyed with the connection. */
export interface Answer {
  readonly status: number
  /** The reason phrase, where it is not the usual one. */
  readonly reason?: string | undefined
  readonly headers?: Readonly<Record<string, string | number | undefined>> | undefined
  readonly body?: string | Uint8Array | Readable | undefined
}

/** One that answers at once, without a promise, is sent at once. */
export type Handle = (call: Call) => Answer | Promise<Answer>

export interface RouteOptions {
  /**
   * Runs before the body is asked for: with `Expect: 100-continue` the client sends it only once this
   * has passed. The place to refuse who may not send anything.
   */
  readonly early?: (call: Call) => void | Promise<void>
  /** Whatever its method, it changes nothing that replicas share: each server answers it by itself. */
  readonly isLocal?: true | ((call: Call) => boolean)
  /** As a rule it answers at once; what it waits for otherwise, it begins with `carryAlong` (`base/waits`). */
  readonly isSwift?: boolean
  /** Nobody but people asks it: browsers hear as a page what programs hear as JSON elsewhere. */
  readonly isForPeople?: boolean
  /** A refusal in the words of the protocol that the call speaks; undefined: as usual. */
  readonly tellRefusal?: (call: Call, refusal: Refusal) => Answer | undefined
}

export interface Route extends RouteOptions {
  readonly methods: readonly string[]
  /** As find-my-way has it: `/:user/:index/+f/*`. Trailing slashes count; static parts win. */
  readonly path: string
  readonly handle: Handle
}

/** Answers HEAD too: the same headers, and the body is dropped. */
export const get = route('GET', 'HEAD')
export const post = route('POST')
/** devpi's own method. */
export const push = route('PUSH')
/** Whatever the method, where devpi does not look at it: nothing is changed. */
export const anyMethod = (path: string, handle: Handle): Route => ({
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PUSH'],
  path,
  handle,
  isLocal: true,
})
export const put = route('PUT')
export const patch = route('PATCH')
export const del = route('DELETE')

function route(...methods: string[]) {
  return (path: string, handle: Handle, options: RouteOptions = {}): Route => ({
    ...options,
    methods,
    path,
    handle,
  })
}
