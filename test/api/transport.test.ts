/** What holds for every answer (devpi-http 1): envelope, headers, kinds of errors, addresses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api, type AskOptions, type Method } from '../support/api.ts'
import { sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const named = 'x-devpi-'
const devpiHeaders = [
  'api-version',
  'master-uuid',
  'primary-uuid',
  'serial',
  'server-version',
  'uuid',
]

/** A request for each status that an answer can have without an upload. */
const requests: readonly (readonly [number, Method, string, AskOptions])[] = [
  [200, 'GET', '/', {}],
  [200, 'GET', '/ada/dev/+simple/', { accept: 'text/html' }],
  [201, 'PUT', '/new', { json: { password: 'x' } }],
  [302, 'GET', '/ada/dev/+simple/A_b/', { accept: 'text/html' }],
  [400, 'PUT', '/bob', { body: '{' }],
  [401, 'POST', '/+login', { json: { user: 'ada', password: 'wrong' } }],
  [403, 'DELETE', '/ada/dev', {}],
  [404, 'GET', '/+nothing', {}],
  [404, 'GET', '/nobody', {}],
  [409, 'PUT', '/ada', { json: { password: 'x' } }],
  [413, 'PUT', '/big', { body: 'x'.repeat(9 * 1024 * 1024) }],
]

// devpi-http 12: 3
test("each answer, of whatever status, has devpi's headers", async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })

  for (const [status, method, path, options] of requests) {
    const reply = await api.ask(method, path, options)
    assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`)
    const present = Object.keys(reply.headers).filter((name) => name.startsWith(named))
    assert.deepEqual(present.map((name) => name.slice(named.length)).toSorted(), devpiHeaders)
    assert.equal(reply.headers[`${named}api-version`], '2')
    assert.equal(reply.headers[`${named}serial`], `${api.serial}`)
    const uuid = reply.headers[`${named}uuid`]
    assert.match(uuid ?? '', /^[0-9a-f]{32}$/)
    assert.equal(reply.headers[`${named}primary-uuid`], uuid)
    assert.equal(reply.headers[`${named}master-uuid`], uuid)
  }
})

// devpi-http 12: 1, 2
test('JSON has exactly its type and no status, and a result goes with its type', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const paths = ['/', '/ada', '/ada/dev', '/+api', '/ada/dev/+api', '/+status', '/nobody', '/+x']

  for (const path of paths) {
    const { headers, json } = await api.get(path)
    assert.equal(headers['content-type'], 'application/json')
    assert.equal('status' in json, false)
    assert.equal('result' in json, 'type' in json)
  }
})

// devpi-http 12: 5, 6
test('an unknown address and a wrong method are both 404, in the form that Accept asks for', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const missing: readonly (readonly [Method, string])[] = [
    ['GET', '/+nothing'],
    ['GET', '/+login'],
    ['PATCH', '/'],
    ['PUT', '/ada/dev/pkg'],
    ['POST', '/ada/dev/+simple/'],
    ['PUSH', '/+login'],
  ]

  for (const [method, path] of missing) {
    const reply = await api.ask(method, path)
    assert.equal(reply.status, 404, `${method} ${path}`)
    assert.deepEqual(Object.keys(reply.json), ['message', 'code', 'title'])
    assert.deepEqual([reply.json.code, reply.json.title], ['404 Not Found', 'Not Found'])
    assert.equal(reply.headers['allow'], undefined)
  }
  for (const [accept, type] of [
    ['', 'text/plain; charset=UTF-8'],
    ['*/*', 'text/html; charset=UTF-8'],
    ['application/*', 'application/json'],
    ['image/png', 'text/plain; charset=UTF-8'],
    ['no type', 'text/html; charset=UTF-8'],
  ] as const) {
    const { headers } = await api.get('/+nothing', { accept })
    assert.equal(headers['content-type'], type, accept)
  }
})

test('an error with a message for the client has it in JSON alone where Accept names that', async () => {
  await using api = await startApi()
  const ask = async (accept: string) => await api.get('/nobody', { accept })

  assert.deepEqual((await ask('text/html, application/json;q=0.1')).json, {
    message: "no user 'nobody'",
  })
  const { json } = await ask('application/*')
  assert.deepEqual([json.message, json.code], ["no user 'nobody'", '404 Not Found'])
  const { headers } = await ask('')
  assert.equal(headers['content-type'], 'text/html; charset=UTF-8')
})

// devpi-http 12: 7
test('people get pages at the addresses of JSON, programs get JSON', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const typeOf = async (path: string, accept: string) => {
    const { status, headers } = await api.get(path, { accept })
    assert.equal(status, 200, `${path} ${accept}`)
    return headers['content-type']
  }

  for (const path of ['/', '/ada', '/ada/dev']) {
    for (const accept of ['text/html', '*/*', 'text/html, application/json']) {
      assert.equal(await typeOf(path, accept), 'text/html; charset=UTF-8', `${path} ${accept}`)
    }
    for (const accept of ['', 'application/*', 'application/json, text/html;q=0.9']) {
      assert.equal(await typeOf(path, accept), 'application/json', `${path} ${accept}`)
    }
  }
})

test('what has no page is not there for who takes HTML alone', async () => {
  await using api = await startApi()

  assert.equal((await api.get('/+api', { accept: 'text/html' })).status, 404)
  assert.equal((await api.get('/+api', { accept: '*/*' })).status, 200)
})

// devpi-http 12: 8
test('an address means the same with %2B for + and %2F for a slash', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const options = { accept: 'text/html' }
  const plain = await api.get('/ada/dev/+simple/', options)

  for (const path of ['/ada/dev/%2Bsimple/', '/ada/dev/%2bsimple/', '/ada%2Fdev/+simple%2f']) {
    assert.equal((await api.get(path, options)).text, plain.text)
  }
  assert.equal((await api.get('//ada/dev')).status, 200)
})

// devpi-http 12: 9
test('users and indexes have an optional slash at their end, whatever the method', async () => {
  await using api = await startApi()

  const put = await api.put('/ada/', { json: { password: 'pw' } })
  assert.equal(put.status, 201)
  const login = { login: { user: 'ada', secret: 'pw' } }
  assert.equal((await api.patch('/ada/', { ...login, json: { title: 'x' } })).status, 200)
  assert.equal((await api.put('/ada/dev/', { ...login, json: {} })).status, 200)
  assert.equal((await api.patch('/ada/dev/', { ...login, json: { title: 'x' } })).status, 200)
  assert.equal((await api.get('/ada/dev/')).status, 200)
  assert.equal((await api.del('/ada/dev/', login)).status, 201)
  assert.equal((await api.del('/ada/', login)).status, 200)
})

// devpi-http 12: 16
test('redirects lead to whole addresses, below the outside URL', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const headers = { 'x-outside-url': 'https://packages.example/py' }
  const addresses = [
    ['/ada/dev/A_b?x=1', 'application/json', '/ada/dev/a-b?x=1'],
    ['/ada/dev/+simple', 'text/html', '/ada/dev/+simple/'],
    ['/ada/dev/+simple/A_b', 'text/html', '/ada/dev/+simple/a-b'],
    ['/ada/dev/+simple/a-b', 'text/html', '/ada/dev/+simple/a-b/'],
    ['/ada/dev/a-b/1.0/+doc/', '*/*', '/ada/dev/a-b/1.0/+doc/index.html'],
  ] as const

  for (const [path, accept, target] of addresses) {
    for (const asked of [path, `/py${path}`]) {
      const outside = await api.get(asked, { accept, headers })
      assert.equal(outside.headers.location, `https://packages.example/py${target}`)
    }
    const inside = await api.get(path, { accept, headers: { host: 'yard.example:8080' } })
    assert.equal(inside.headers.location, `http://yard.example:8080${target}`)
  }
  const refresh = await api.post('/py/ada/dev/+simple/a-b/refresh', { headers })
  assert.equal(refresh.headers.location, 'https://packages.example/py/ada/dev/+simple/a-b/')
})

test('a query survives the redirect to the normal name of a project, whose page fits Accept', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })

  const reply = await api.get('/ada/dev/+simple/A_b/?format=x&y', { accept: 'text/html' })

  assert.equal(reply.status, 302)
  assert.equal(reply.location, '/ada/dev/+simple/a-b/?format=x&y')
  assert.equal(reply.headers['content-type'], 'text/html; charset=UTF-8')
})

async function linksOf(api: Api, options: AskOptions): Promise<string> {
  const page = await api.get('/ada/dev/+simple/foo/', { accept: 'text/html', ...options })
  return /href="([^"#]*)/.exec(page.text)?.[1] ?? page.text
}

// devpi-http 12: 16, 18, 19
test('links of Simple pages stay relative behind a proxy, unless absolute ones are asked for', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await sendFile(api, 'ada/dev', makeWheel('foo', '1.0'))
  const outside = { 'x-outside-url': 'https://packages.example/py' }

  assert.match(await linksOf(api, { headers: outside }), /^\.\.\/\.\.\/\+f\//)
  for (const value of ['', 'no']) {
    const link = await linksOf(api, { headers: { ...outside, 'x-devpi-absolute-urls': value } })
    assert.match(link, /^https:\/\/packages\.example\/py\/ada\/dev\/\+f\//)
  }
})

test('the setting absolute-urls makes all links of Simple pages absolute', async () => {
  await using api = await startApi({ indexes: ['ada/dev'], config: { absoluteUrls: true } })
  await sendFile(api, 'ada/dev', makeWheel('foo', '1.0'))

  const link = await linksOf(api, { headers: { host: 'yard.example:8080' } })

  assert.match(link, /^http:\/\/yard\.example:8080\/ada\/dev\/\+f\//)
})

test('only a trusted proxy says which scheme and host its client used', async () => {
  const headers = {
    host: 'inside',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'yard.example',
  }
  for (const [config, root] of [
    [{}, 'http://inside'],
    [{ trustedProxy: '*' }, 'https://inside'],
    [
      {
        trustedProxy: '*',
        trustedProxyHeaders: ['x-forwarded-proto', 'x-forwarded-host'] as const,
      },
      'https://yard.example',
    ],
    [{ trustedProxy: '192.0.2.1' }, 'http://inside'],
  ] as const) {
    await using api = await startApi({ config })
    assert.equal((await api.get('/+api', { headers })).result.login, `${root}/+login`)
  }
})
