/** Logging in, and API discovery (devpi-http 2, 4.2, 4.4; rows 10 to 30 of its checklist). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../support/api.ts'

const basic = (user: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
})

test('a login gives a token that is good for ten hours', async () => {
  await using api = await startApi()

  const reply = await api.post('/+login', { json: { user: 'root', password: '' } })

  assert.equal(reply.status, 200)
  assert.deepEqual(Object.keys(reply.json), ['result', 'type', 'message'])
  assert.deepEqual([reply.json.type, reply.message], ['proxyauth', 'login successful'])
  assert.equal(reply.result.expiration, 36_000)
  assert.match(reply.result.password, /^wheelyard-[\w.-]+$/)
})

test('how long a login lasts can be set', async () => {
  await using api = await startApi({ config: { loginExpiry: 90_000 } })

  const reply = await api.post('/+login', { json: { user: 'root', password: '' } })

  assert.equal(reply.result.expiration, 90)
})

test('a failed login says so in JSON, whatever the client takes, and names no address to go to', async () => {
  await using api = await startApi()
  await api.put('/locked', { json: { password: null } })

  for (const user of ['root', 'nobody', 'locked', '', 'a/b', '\ud800', '\0', '__proto__']) {
    const reply = await api.post('/+login', { json: { user, password: 'wrong' }, accept: '*/*' })
    assert.equal(reply.status, 401)
    assert.equal(reply.headers['content-type'], 'application/json')
    assert.equal(reply.headers['location'], undefined)
    assert.match(reply.message ?? '', /^user '.*' could not be authenticated$/s)
  }
})

// devpi-http 12: 22
test('a login without user or password, or with others than texts, is refused', async () => {
  await using api = await startApi()
  const incomplete = 'Bad request: no user/password specified'
  const refusals: [json: unknown, message: string][] = [
    [{ user: 'root' }, incomplete],
    [{ password: '' }, incomplete],
    [{ user: null, password: '' }, incomplete],
    [{ user: 'root', password: null }, incomplete],
    [{}, incomplete],
    [{ user: 'root', password: 7 }, 'Bad request: password must be a text'],
    [{ user: ['root'], password: '' }, 'Bad request: user must be a text'],
    [[], 'Bad request: the body must be a JSON object'],
    ['root', 'Bad request: the body must be a JSON object'],
  ]

  for (const [json, message] of refusals) {
    const reply = await api.post('/+login', { json })
    assert.deepEqual([reply.status, reply.message], [400, message])
  }
  for (const body of ['', '{', '\xff', 'user=root']) {
    const reply = await api.post('/+login', { body })
    assert.deepEqual([reply.status, reply.message], [400, 'Bad request: could not decode json'])
  }
})

test('a token is no password to log in with', async () => {
  await using api = await startApi()
  const token = await api.makeUser('ada')

  const reply = await api.post('/+login', { json: { user: 'ada', password: token } })

  assert.equal(reply.status, 401)
})

// devpi-http 12: 23, 24
test('a token or the password, in the header of the devpi client or as Basic, says who asks', async () => {
  await using api = await startApi()
  const token = await api.makeUser('ada')
  const ways = [
    { login: { user: 'ada', secret: token } },
    { login: { user: 'ada', secret: 'pw' } },
    { headers: basic('ada', token) },
    { headers: basic('ada', 'pw') },
    { headers: basic('__token__', token) },
    { headers: basic(token, '') },
    { headers: { authorization: `Bearer ${token}` } },
  ]

  for (const way of ways) {
    const { result } = await api.get('/+api', way)
    assert.deepEqual(result.authstatus, ['ok', 'ada', []])
  }
})

// devpi-http 12: 25, 26
test('wrong credentials make nobody, and no error', async () => {
  await using api = await startApi()
  const token = await api.makeUser('ada')
  await api.makeUser('bob')
  const ways = [
    {},
    { login: { user: 'ada', secret: 'wrong' } },
    { login: { user: 'bob', secret: token } },
    { login: { user: 'nobody', secret: 'pw' } },
    { login: { user: '', secret: 'pw' } },
    { login: { user: 'a/b', secret: 'pw' } },
    { login: { user: '\0', secret: 'pw' } },
    { login: { user: 'ada', secret: `${token}x` } },
    { login: { user: 'ada', secret: 'wheelyard-e30.AAAA' } },
    { headers: { 'x-devpi-auth': 'garbage!' } },
    { headers: { authorization: 'Basic garbage!' } },
    { headers: { authorization: 'Bearer garbage' } },
    {
      headers: { ...basic('ada', 'pw'), 'x-devpi-auth': Buffer.from('ada:no').toString('base64') },
    },
  ]

  for (const way of ways) {
    const { status, result } = await api.get('/+api', way)
    assert.deepEqual([status, result.authstatus], [200, ['noauth', '', []]], JSON.stringify(way))
  }
})

test('logins outlive a restart of the server', async () => {
  await using api = await startApi()
  const secret = await api.makeUser('ada')

  await api.restart()

  const { result } = await api.get('/+api', { login: { user: 'ada', secret } })
  assert.deepEqual(result.authstatus, ['ok', 'ada', []])
})

test('whatever the method, the API says the same', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PUSH'] as const

  for (const path of ['/+api', '/ada/+api', '/ada/dev/+api', '/ada/nope/+api', '/+changelog/0']) {
    const { status, json } = await api.get(path)
    for (const method of methods) {
      const reply = await api.ask(method, path)
      assert.deepEqual([reply.status, reply.json], [status, json], `${method} ${path}`)
    }
  }
})

// devpi-http 12: 11, 12, 13, 14, 15
test('the API says where to log in and what it can do', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' })
  const headers = { host: 'packages.example.org' }
  const root = 'http://packages.example.org'

  const top = await api.get('/+api', { headers })
  const user = await api.get('/nobody/+api', { headers })
  const stage = await api.get('/ada/dev/%2Bapi', { headers })
  const mirror = await api.get('/ada/up/+api', { headers })
  const missing = await api.get('/ada/nope/+api')

  assert.deepEqual(top.json, {
    result: {
      login: `${root}/+login`,
      authstatus: ['noauth', '', []],
      features: [
        'push-no-docs',
        'push-only-docs',
        'push-register-project',
        'server-keyvalue-parsing',
      ],
    },
    type: 'apiconfig',
  })
  assert.deepEqual(user.json, top.json)
  assert.equal(stage.result.index, `${root}/ada/dev`)
  assert.equal(stage.result.simpleindex, `${root}/ada/dev/+simple/`)
  assert.equal(stage.result.pypisubmit, `${root}/ada/dev/`)
  assert.equal(mirror.result.simpleindex, `${root}/ada/up/+simple/`)
  assert.equal(mirror.result.pypisubmit, undefined)
  assert.deepEqual(
    [missing.status, missing.message],
    [404, 'The stage ada/nope could not be found.'],
  )
})

// devpi-http 12: 16, 17
test('behind a proxy the addresses are those that the proxy says, before those of the setting', async () => {
  const config = { outsideUrl: 'https://setting.example.org' }
  await using api = await startApi({ config, indexes: ['ada/dev'] })
  const headers = { 'x-outside-url': 'https://proxy.example.org/sub' }

  const plain = await api.get('/ada/dev/+api')
  const proxied = await api.get('/ada/dev/+api', { headers })
  const prefixed = await api.get('/sub/ada/dev/+api', { headers })

  assert.equal(plain.result.login, 'https://setting.example.org/+login')
  assert.equal(proxied.result.index, 'https://proxy.example.org/sub/ada/dev')
  assert.deepEqual(prefixed.json, proxied.json)
})

// devpi-http 12: 6, 7, 10
test('discovery answers any method, login only POST, and neither with a slash at its end', async () => {
  await using api = await startApi()

  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    assert.equal((await api.ask(method, '/+api')).status, 200, method)
  }
  const login = { json: { user: 'root', password: '' } }
  assert.equal((await api.get('/+login')).status, 404)
  assert.equal((await api.put('/+login', login)).status, 404)
  assert.equal((await api.get('/+api/')).status, 404)
  assert.equal((await api.post('/+login/', login)).status, 404)
  assert.equal((await api.get('/+api', { accept: 'text/html' })).status, 404)
  assert.equal((await api.post('/+login', { ...login, accept: 'text/html' })).status, 404)
})

test('the client finds the version of its API on every answer', async () => {
  await using api = await startApi()
  const replies = [
    await api.get('/'),
    await api.get('/nope'),
    await api.get('/root/+nope/x/y/z'),
    await api.post('/+login', { body: '{' }),
    await api.get('/root/dev/+simple', { accept: '' }),
    await api.put('/a%0A', { json: {} }),
  ]

  for (const { headers } of replies) {
    assert.equal(headers['x-devpi-api-version'], '2')
    assert.equal(headers['x-devpi-serial'], '0')
    assert.match(headers['x-devpi-uuid'] ?? '', /^[0-9a-f]{32}$/)
    assert.equal(headers['x-devpi-primary-uuid'], headers['x-devpi-uuid'])
  }
})
