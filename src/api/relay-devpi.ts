/**
 * On a server that follows a devpi-server, what would change something there is passed on to it, and answered once it has
 * come back. What devpi does not know is refused: nothing is changed here alone.
 */
import { refuse } from '#base/refusal'
import type { Call, Route } from '#http/route'
import { answerWrites, passOn, type Relaying } from './relay.ts'

const LOGIN = '/+login'

/** devpi's own, from the server's root on: users, indexes, releases, files, and the refresh of a mirror's page. */
const devpis: readonly (readonly [method: RegExp, path: RegExp])[] = [
  [/^(?:PUT|PATCH|DELETE)$/, /^\/[^/+][^/]*\/?$/],
  [/^(?:PUT|PATCH|DELETE|POST|PUSH)$/, /^\/[^/+][^/]*\/[^/+][^/]*\/?$/],
  [/^DELETE$/, /^\/[^/+][^/]*\/[^/+][^/]*\/[^/+][^/]*(?:\/[^/+][^/]*)?\/?$/],
  [/^(?:DELETE|POST)$/, /^\/[^/+][^/]*\/[^/+][^/]*\/\+f\/[^/]+\/[^/]+\/[^/]+$/],
  [/^DELETE$/, /^\/[^/+][^/]*\/[^/+][^/]*\/\+e\/[^/]+\/[^/]+$/],
  [/^POST$/, /^\/[^/+][^/]*\/[^/+][^/]*\/\+simple\/[^/]+\/refresh$/],
]

export const isDevpis = (method: string, path: string): boolean =>
  devpis.some(([methods, paths]) => methods.test(method) && paths.test(path))

/** The same routes; `url`: of the devpi-server. */
export function relayToDevpi(routes: readonly Route[], relaying: Relaying, url: string): Route[] {
  return answerWrites(routes, answer).map((route) =>
    route.path === LOGIN ? { ...route, handle: (call) => logIn(call, route) } : route,
  )

  function answer(call: Call) {
    const [path = ''] = (call.raw.url ?? '').split('?')
    // A browser that logged in here is nobody there.
    const isKnownThere = call.session === undefined && isDevpis(call.method, path)
    if (!isKnownThere) throw refuse('follows-devpi', { url })
    return passOn(call, relaying)
  }

  /** A login that devpi gives is good on both; while it is away, one of ours is good for reading. */
  function logIn(call: Call, route: Route) {
    const isThere = call.method === 'POST' && relaying.following().isConnected
    return isThere ? passOn(call, relaying) : route.handle(call)
  }
}
