/** Keeps those from an index who may not read it: one place for all routes below an index. */
import type { Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { Answer, Call, Handle, Route } from '#http/route'
import { mayChangeIndex } from '#registry/access'
import { indexName, type IndexName } from '#registry/indexes'
import type { Reading, ReadingLimits } from '#registry/reading'
import { needsLogin } from './needs-login.ts'

export interface GuardOptions {
  /** Whether who is not logged in is told that the index is not there, instead of being asked to log in. */
  readonly hides: (call: Call) => boolean
}

export function guardReading(
  routes: readonly Route[],
  reading: Reading,
  options: GuardOptions,
): Route[] {
  return routes.map((route) => {
    if (isBelowIndex(route)) return guarded(route, reading, options)
    return LISTS.has(route.path) ? privately(route, reading) : route
  })
}

/** What is left out there depends on who asks. */
const LISTS = new Set([
  '/',
  '/:user',
  '/:user/',
  '/+inheritance',
  '/+search',
  '/+search/suggest',
  '/+changes',
])

function privately(route: Route, reading: Reading): Route {
  return {
    ...route,
    handle: (call) => {
      const limits = reading.now()
      const isSame = !(limits instanceof Promise) && limits.isOpen
      return isSame ? route.handle(call) : answerAsker(call)
    },
  }

  async function answerAsker(call: Call): Promise<Answer> {
    const answer = await route.handle(call)
    const { user } = await call.reader()
    return user === undefined ? answer : asPrivate(answer)
  }
}

/** Not those that make, change or remove an index: they ask for rights of their own, and an owner may mend what is hidden. */
const isBelowIndex = ({ path, methods }: Route): boolean =>
  /^\/:user\/:index(?:\/|$)/.test(path) &&
  !(/^\/:user\/:index\/?$/.test(path) && methods.every((method) => CHANGES.has(method)))

const CHANGES = new Set(['PUT', 'PATCH', 'DELETE'])

/** The same on pages. */
const MENDING = new Set(['/:user/:index/+edit', '/:user/:index/+delete'])

function guarded(route: Route, reading: Reading, { hides }: GuardOptions): Route {
  const { early } = route
  return {
    ...route,
    handle: (call) => whenRead(call, route.handle),
    // Before a body is asked for; what it finds out is asked again with the body.
    ...(early && { early: (call: Call) => assertEarly(call).then(() => early(call)) }),
  }

  /** Stays synchronous where nobody is kept from anything. */
  function whenRead(call: Call, handle: Handle): Answer | Promise<Answer> {
    const limits = reading.now()
    if (limits instanceof Promise) return limits.then((found) => withLimits(found, call, handle))
    return withLimits(limits, call, handle)
  }

  function withLimits(limits: ReadingLimits, call: Call, handle: Handle): Answer | Promise<Answer> {
    const index = indexOf(call)
    if (limits.isOpen || (limits.isThere(index) && !limits.isLimited(index))) return handle(call)
    return answerReader(limits, call, handle)
  }

  async function answerReader(limits: ReadingLimits, call: Call, handle: Handle): Promise<Answer> {
    assertReader(limits, call, await call.reader())
    return asPrivate(await handle(call))
  }

  async function assertEarly(call: Call): Promise<void> {
    const limits = await reading.now()
    assertReader(limits, call, await call.reader())
  }

  function assertReader(limits: ReadingLimits, call: Call, reader: Identity): void {
    const index = indexOf(call)
    // Where some are hidden, what is asked of one that is not there gets the same answer.
    if (!limits.isThere(index)) throw refuse('index-missing', { index })
    if (limits.mayRead(index, reader)) return
    if (mayChangeIndex(index, reader)) {
      if (MENDING.has(route.path)) return
      throw refuse('index-base-hidden', { index })
    }
    if (reader.user !== undefined || hides(call)) throw refuse('index-missing', { index })
    throw needsLogin(call)
  }
}

const indexOf = ({ params: { user = '', index = '' } }: Call): IndexName => indexName(user, index)

/** No cache that others share may keep it. */
function asPrivate(answer: Answer): Answer {
  const given = String(answer.headers?.['Cache-Control'] ?? '').split(',')
  const kept = given
    .map((part) => part.trim())
    .filter((part) => !/^(?:public|private)?$/.test(part))
  const headers = { ...answer.headers, 'Cache-Control': ['private', ...kept].join(', ') }
  return { ...answer, headers }
}
