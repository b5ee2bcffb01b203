/** On a replica, what would change something is passed on to the primary, and answered once it has come back. */
import { PassThrough } from 'node:stream'
import { refuse, type Refusal } from '#base/refusal'
import type { Answer, Call, Route } from '#http/route'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import { waitForSerial } from '#ledger/wait-for-serial'
import type { Following } from '#replication/follower'
import { RelayFailure, type RelayedAnswer } from '#replication/write-relay'
import type { WriteRelay } from '#replication/write-relay'

export interface Relaying {
  readonly ledger: Ledger
  readonly relay: WriteRelay
  /** How long an answer waits until what was done is here. */
  readonly timeoutMs: number
  following(): Following
  /** The primary is there: what it has is asked for at once. */
  onAnswer(): void
  /** Of a primary that counts by itself: whether its serial is here or comes in time, and the last that is here. */
  readonly counts?: {
    reaches(serial: Serial, timeoutMs: number): Promise<boolean>
    here(): Serial
  }
}

const writingMethods = new Set(['POST', 'PUT', 'PATCH', 'DELETE', 'PUSH'])

/** The same routes; those that write are answered by the primary. */
export const relayWrites = (routes: readonly Route[], relaying: Relaying): Route[] =>
  answerWrites(routes, (call) => passOn(call, relaying))

/** The same routes, where nothing is changed: those that write refuse. */
export const refuseWrites = (routes: readonly Route[], refusal: () => Refusal): Route[] =>
  answerWrites(routes, () => {
    throw refusal()
  })

export function answerWrites(routes: readonly Route[], answer: Route['handle']): Route[] {
  return routes.map((route) => {
    if (route.isLocal === true || !route.methods.some((method) => writingMethods.has(method)))
      return route
    const { isLocal, early: _early, ...others } = route
    return {
      ...others,
      handle: (call) =>
        writingMethods.has(call.method) && isLocal?.(call) !== true
          ? answer(call)
          : route.handle(call),
    }
  })
}

/** Throws a refusal where the primary does not answer, or what it did is not here in time. */
export async function passOn(call: Call, relaying: Relaying): Promise<Answer> {
  const { ledger, timeoutMs, counts } = relaying
  const answer = await askPrimary(call, relaying)
  relaying.onAnswer()
  const { status, reason, headers, serial, body } = answer
  const isDone = status < 400 && serial !== undefined
  const reaches = (last: Serial): Promise<boolean> =>
    counts
      ? counts.reaches(last, timeoutMs)
      : waitForSerial(ledger, last, { timeoutMs, signal: call.signal })
  if (isDone && !(await reaches(serial))) {
    body.destroy()
    throw refuse('relayed-late', { serial, here: counts?.here() ?? ledger.serial })
  }
  return { status, reason, headers: { ...headers, 'X-DEVPI-PROXY': 'replica' }, body }
}

async function askPrimary(call: Call, relaying: Relaying): Promise<RelayedAnswer> {
  const { method, raw, headers, root, signal } = call
  const hasBody =
    headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined
  try {
    const body = hasBody ? bodyOf(call) : undefined
    return await relaying.relay.pass({ method, path: raw.url ?? '/', headers, root, body, signal })
  } catch (error) {
    if (!(error instanceof RelayFailure)) throw error
    if (error.isSent) throw refuse('relay-broken')
    const { problem } = relaying.following()
    const since = problem?.kind === 'away' ? new Date(problem.since).toISOString() : undefined
    throw refuse('primary-away', { since })
  }
}

/** The request itself stays whole when its passing on fails, so that it can be answered. */
function bodyOf({ raw }: Call): PassThrough {
  const body = new PassThrough()
  body.on('error', () => {})
  raw.once('close', () => {
    if (!raw.complete) body.destroy(new Error('the client left'))
  })
  return raw.pipe(body)
}
