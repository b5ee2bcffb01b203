/** devpi's `+authcheck`: a proxy asks whether it may answer a request itself (`auth_request` of nginx). */
import { refuse } from '#base/refusal'
import { pathMatcher } from '#http/path-match'
import { text } from '#http/reply'
import { findDecodedPath, routedUrl } from '#http/request-url'
import { anyMethod, type Answer, type Call, type Route } from '#http/route'
import type { Parts } from './parts.ts'
import { takesJson } from './views.ts'

/** `others`: all that may be asked about. */
export function authcheckRoutes(
  others: readonly Pick<Route, 'path'>[],
  { authcheckLogin }: Pick<Parts['server'], 'authcheckLogin'>,
): Route[] {
  const path = '/+authcheck'
  const isRoutable = pathMatcher([...others, { path }])
  return [anyMethod(path, check)]

  function check(call: Call): Answer {
    const asked = askedPath(call)
    if (asked === undefined || !isRoutable(asked) || !isThereFor(asked, call)) {
      throw refuse('forbidden', { action: `see ${asked ?? 'this address'}` })
    }
    if (authcheckLogin && call.who.user === undefined && !isForLogin(asked)) throw needsLogin(call)
    return text(200, 'OK\n')
  }
}

/** What programs and people must reach to log in (devpi-web 15.4). */
const isForLogin = (path: string): boolean =>
  /^\/(?:\+log(?:in|out)$|\+(?:theme-)?static-)|\/\+api$/.test(path)

/** devpi's client takes a 401 for a wrong password. */
function needsLogin({ headers }: Call): Error {
  const isDevpi = headers['user-agent']?.includes('devpi-client') ?? false
  return isDevpi
    ? refuse('forbidden', { action: 'see this without a login' })
    : refuse('login-needed')
}

/** As the proxy got it, with or without its scheme and host. */
function askedPath(call: Call): string | undefined {
  const original = call.headers['x-original-uri']
  if (typeof original !== 'string' || original === '') return call.path
  return findDecodedPath(routedUrl(original, call.prefix))
}

/** Whatever needs more than an address. Whether somebody may read a file belongs here, once that can be forbidden. */
function isThereFor(path: string, call: Call): boolean {
  return !path.endsWith('/+api') || takesJson(call)
}
