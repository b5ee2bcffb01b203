/** Login, and the API discovery that clients begin with (devpi's `+login` and `+api`). */
import { refuse } from '#base/refusal'
import { json } from '#http/reply'
import { anyMethod, post, type Answer, type Call, type Route } from '#http/route'
import { getIndex, indexName } from '#registry/indexes'
import { bodyObject, type JsonObject } from './body.ts'
import { jsonKeeper, nameOfAsker } from './kept-json.ts'
import type { Parts } from './parts.ts'
import { asJson, named } from './views.ts'

/** What devpi's client switches on by name. */
const FEATURES = [
  'push-no-docs',
  'push-only-docs',
  'push-register-project',
  'server-keyvalue-parsing',
]

export function loginRoutes(parts: Parts): Route[] {
  const { logins } = parts
  const kept = jsonKeeper(parts)
  return [
    anyMethod('/+api', asJson(showApi)),
    anyMethod('/:user/+api', named(asJson(showApi))),
    anyMethod('/:user/:index/+api', named(asJson(showIndexApi))),
    post('/+login', asJson(login), { isLocal: true }),
  ]

  async function login(call: Call): Promise<Answer> {
    const { user, password } = readCredentials(await bodyObject(call))
    const given = await logins.logIn(user, password)
    if (!given) throw refuse('login-failed', { user: user.slice(0, 200).toWellFormed() })
    return json(200, {
      result: tokenResult(logins.issueToken(given), logins.lifetimeMs),
      type: 'proxyauth',
      message: 'login successful',
    })
  }

  function showApi(call: Call): Answer {
    return json(200, { result: describe(call), type: 'apiconfig' })
  }

  function showIndexApi(call: Call): Promise<Answer> {
    const { user = '', index = '' } = call.params
    const name = indexName(user, index)
    const url = `${call.root}/${encodeURIComponent(user)}/${encodeURIComponent(index)}`
    return kept.send(`json api ${url} ${nameOfAsker(call.who)}`, async (tx) => {
      const { type } = await getIndex(tx, name)
      const result = {
        ...describe(call),
        index: url,
        simpleindex: `${url}/+simple/`,
        ...(type === 'mirror' ? {} : { pypisubmit: `${url}/` }),
      }
      return { result, type: 'apiconfig' }
    })
  }
}

function readCredentials(body: JsonObject): { user: string; password: string } {
  const { user = null, password = null } = body
  if (user === null || password === null) throw refuse('login-incomplete')
  if (typeof user === 'string' && typeof password === 'string') return { user, password }
  const wrong = typeof user === 'string' ? 'password' : 'user'
  throw refuse('bad-request', { reason: `Bad request: ${wrong} must be a text` })
}

function describe({ root, who }: Call) {
  return {
    login: `${root}/+login`,
    authstatus: who.user === undefined ? ['noauth', '', []] : ['ok', who.user, who.groups],
    features: FEATURES,
  }
}

export const tokenResult = (token: string, lifetimeMs: number) => ({
  password: token,
  expiration: Math.round(lifetimeMs / 1000),
})
