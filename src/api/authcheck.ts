/** devpi's `+authcheck`: a proxy asks whether it may answer a request itself (`auth_request` of nginx). */
import { refuse } from '#base/refusal'
import { indexName } from '#registry/indexes'
import type { Reading } from '#registry/reading'
import { pathMatcher } from '#http/path-match'
import { text } from '#http/reply'
import { findDecodedPath, routedUrl } from '#http/request-url'
import { anyMethod, type Answer, type Call, type Route } from '#http/route'
import { needsLogin } from './needs-login.ts'
import type { Parts } from './parts.ts'
import { takesJson } from './views.ts'

interface Authcheck extends Pick<Parts['server'], 'authcheckLogin'> {
  readonly reading: Reading
}

/** `others`: all that may be asked about. */
export function authcheckRoutes(
  others: readonly Pick<Route, 'path'>[],
  { authcheckLogin, reading }: Authcheck,
): Route[] {
  const path = '/+authcheck'
  const isRoutable = pathMatcher([...others, { path }])
  return [anyMethod(path, check)]

  async function check(call: Call): Promise<Answer> {
    const asked = askedPath(call)
    if (asked === undefined || !isRoutable(asked) || !isThereFor(asked, call)) {
      throw refuse('forbidden', { action: `see ${asked ?? 'this address'}` })
    }
    if (authcheckLogin && call.who.user === undefined && !isForLogin(asked)) throw needsLogin(call)
    await assertReadable(reading, asked, call)
    return text(200, 'OK\n')
  }
}

/** What programs and people must reach to log in (devpi-web 15.4). */
const isForLogin = (path: string): boolean =>
  /^\/(?:\+log(?:in|out)$|\+(?:theme-)?static-)|\/\+api$/.test(path)

/** As the proxy got it, with or without its scheme and host. */
function askedPath(call: Call): string | undefined {
  const original = call.headers['x-original-uri']
  if (typeof original !== 'string' || original === '') return call.path
  return findDecodedPath(routedUrl(original, call.prefix))
}

async function assertReadable(reading: Reading, path: string, call: Call): Promise<void> {
  const [, user = '', index = ''] = path.split('/')
  const limits = await reading.now()
  if (limits.mayRead(indexName(user, index), call.who)) return
  if (call.who.user === undefined) throw needsLogin(call)
  throw refuse('forbidden', { action: `see ${path}` })
}

/** Whatever needs more than an address. */
function isThereFor(path: string, call: Call): boolean {
  return !path.endsWith('/+api') || takesJson(call)
}
