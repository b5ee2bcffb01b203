/** Login, and the API discovery that clients begin with (devpi's `+login` and `+api`). */
import { refuse } from '#base/refusal'
import { json } from '#http/reply'
import { get, post, type Answer, type Call, type Route } from '#http/route'
import { getIndex, indexName } from '#registry/indexes'
import { bodyObject } from './body.ts'
import type { Parts } from './parts.ts'

/** What devpi's client switches on by name. */
const FEATURES = [
  'push-no-docs',
  'push-only-docs',
  'push-register-project',
  'server-keyvalue-parsing',
]

export function loginRoutes({ ledger, logins }: Parts): Route[] {
  return [
    get('/+api', showApi),
    get('/:user/+api', showApi),
    get('/:user/:index/+api', showIndexApi),
    post('/+login', login),
  ]

  async function login(call: Call): Promise<Answer> {
    const { user, password } = await bodyObject(call)
    if (user === undefined || user === null || password === undefined || password === null) {
      throw refuse('login-incomplete')
    }
    if (typeof user !== 'string' || typeof password !== 'string') {
      throw refuse('bad-request', { reason: 'Bad request: user and password must be texts' })
    }
    const entry = await logins.checkPassword(user, password)
    if (!entry) throw refuse('login-failed', { user })
    return json(200, {
      result: tokenResult(logins.issueToken(user, entry), logins.lifetimeMs),
      type: 'proxyauth',
      message: 'login successful',
    })
  }

  function showApi(call: Call): Answer {
    return json(200, { result: describe(call), type: 'apiconfig' })
  }

  async function showIndexApi(call: Call): Promise<Answer> {
    const { user = '', index = '' } = call.params
    const name = indexName(user, index)
    const entry = await ledger.read((tx) => getIndex(tx, name))
    const url = `${call.root}/${encodeURIComponent(user)}/${encodeURIComponent(index)}`
    const result = {
      ...describe(call),
      index: url,
      simpleindex: `${url}/+simple/`,
      ...(entry.type === 'mirror' ? {} : { pypisubmit: `${url}/` }),
    }
    return json(200, { result, type: 'apiconfig' })
  }
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
