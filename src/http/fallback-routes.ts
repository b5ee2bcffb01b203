/** What answers when no route does. A wrong method is a 404 too, as devpi has it: never 405. */
import { refuse } from '#base/refusal'
import type { Route } from './route.ts'

export const notFoundRoute: Route = {
  methods: [],
  path: '*',
  handle(call) {
    throw refuse('not-found', { what: call.path })
  },
}

export const BAD_ADDRESS = 'The request has a malformed address.'

export const badRequestRoute = (reason: string): Route => ({
  methods: [],
  path: '*',
  handle() {
    throw refuse('bad-request', { reason })
  },
})
