import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { makeServer, serveRoutes } from '../../test/support/serve-routes.ts'
import { json, jsonValue, notModified, redirect, text } from './reply.ts'
import { del, get, patch, post, put } from './route.ts'

const echo = get('/:user/:index/+simple/:project/', ({ params }) => jsonValue(200, params))

test('a route gets its parameters decoded', async () => {
  const { server } = makeServer([echo])

  const answer = await server.inject('/a%20b/d%C3%A9v/+simple/x/')

  assert.deepEqual(answer.json(), { user: 'a b', index: 'dév', project: 'x' })
})

for (const url of [
  '/u/i/%2Bsimple/x/',
  '/u/i/%2bsimple/x/',
  '/u%2Fi/+simple/x%2f',
  '/u/i/+simple/x/?a=%2F',
]) {
  test(`${url} is the same page`, async () => {
    const { server } = makeServer([echo])

    const answer = await server.inject(url)

    assert.deepEqual(answer.json(), { user: 'u', index: 'i', project: 'x' })
  })
}

test('a wrong method, an unknown path and a missing slash are all 404', async () => {
  const { server } = makeServer([echo])

  const method = await server.inject({ method: 'PUT', url: '/u/i/+simple/x/', payload: 'x' })
  const path = await server.inject('/u/i/j/k/l')
  const slash = await server.inject('/u/i/+simple/x')
  const odd = await server.inject({ method: 'PROPFIND' as 'GET', url: '/u/i/+simple/x/' })

  assert.deepEqual(
    [method, path, slash, odd].map((one) => one.statusCode),
    [404, 404, 404, 404],
  )
})

test('a path with nothing between two slashes is 404', async () => {
  const { server } = makeServer([echo])

  const index = await server.inject('/u//+simple/x/')
  const user = await server.inject('//i/+simple/x/')
  const project = await server.inject('/u/i/+simple//')

  assert.deepEqual(
    [index, user, project].map((one) => one.statusCode),
    [404, 404, 404],
  )
})

test('every method has its route', async () => {
  const handle = () => text(200, 'ok')
  const routes = [get, post, put, patch, del].map((route) => route('/x', handle))
  const { server } = makeServer(routes)

  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    assert.equal((await server.inject({ method, url: '/x' })).statusCode, 200, method)
  }
})

test('HEAD has the headers of GET and no body', async () => {
  const { server } = makeServer([get('/x', () => text(200, 'four', { 'X-Own': '1' }))])

  const { headers: got, body } = await server.inject('/x')
  const head = await server.inject({ method: 'HEAD', url: '/x' })

  assert.equal(body, 'four')
  assert.equal(head.body, '')
  assert.deepEqual(
    { ...head.headers, 'x-request-id': '', date: '' },
    { ...got, 'x-request-id': '', date: '' },
  )
})

test('the envelope has its keys in order, ASCII, and the type without a charset', async () => {
  const { server } = makeServer([
    get('/x', () => json(201, { message: 'dön😀e', type: 'userconfig', result: {} })),
    get('/y', () => json(200, { message: '' })),
  ])

  const x = await server.inject('/x')
  const y = await server.inject('/y')

  assert.equal(x.statusCode, 201)
  assert.equal(x.headers['content-type'], 'application/json')
  assert.equal(
    x.body,
    '{\n  "result": {},\n  "type": "userconfig",\n  "message": "d\\u00f6n\\ud83d\\ude00e"\n}\n',
  )
  assert.equal(y.body, '{}\n')
})

test('the common headers and a request id are on every answer, also on errors', async () => {
  let serial = 1
  const { server } = makeServer([get('/x', () => text(200, ''))], {
    commonHeaders: () => ({ 'X-DEVPI-SERIAL': String(serial++) }),
  })

  const found = await server.inject('/x')
  const missing = await server.inject('/y')
  const broken = await server.inject('/%zz')

  assert.deepEqual(
    [found, missing, broken].map((one) => one.headers['x-devpi-serial']),
    ['1', '2', '3'],
  )
  const ids = [found, missing, broken].map((one) => String(one.headers['x-request-id']))
  assert.equal(new Set(ids).size, 3)
})

test('a redirect encodes what has no place in a header', async () => {
  const { server } = makeServer([get('/x', () => redirect(302, '/ü\r\nX-Evil: 1/%20\ud800'))])

  const answer = await server.inject('/x')

  assert.equal(answer.statusCode, 302)
  assert.equal(answer.headers.location, 'http://localhost/%C3%BC%0D%0AX-Evil:%201/%20%EF%BF%BD')
})

test('a 304 has no body and no length', async () => {
  const { server } = makeServer([get('/x', () => notModified({ ETag: '"a"' }))])

  const answer = await server.inject('/x')

  assert.equal(answer.statusCode, 304)
  assert.equal(answer.headers.etag, '"a"')
  assert.equal(answer.headers['content-length'], undefined)
})

test('a header that cannot be written is our error, not a half answer', async () => {
  const { server } = makeServer([get('/x', () => text(200, '', { 'X-Bad': 'a\nb' }))])

  const answer = await server.inject('/x')

  assert.equal(answer.statusCode, 500)
})

test('who is asking is known to the handler, and whether credentials were sent', async () => {
  const { server } = makeServer(
    [
      get('/x', ({ who, credentialsSent }) =>
        jsonValue(200, { user: who.user ?? null, credentialsSent }),
      ),
    ],
    {
      identify: async (offered) => ({
        user: offered?.secret === 'pw' ? offered.user : undefined,
        groups: [],
      }),
    },
  )
  const ask = async (pair?: string) => {
    const headers = pair ? { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } : {}
    return (await server.inject({ url: '/x', headers })).json<unknown>()
  }

  assert.deepEqual(await ask('ada:pw'), { user: 'ada', credentialsSent: true })
  assert.deepEqual(await ask('ada:no'), { user: null, credentialsSent: true })
  assert.deepEqual(await ask(), { user: null, credentialsSent: false })
})

const readBody = post('/x', async (call) => jsonValue(200, { got: await call.json() }))

test('a JSON body is read whatever its content type', async () => {
  const { server } = makeServer([readBody])

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'garbage', undefined]) {
    const headers = type === undefined ? {} : { 'content-type': type }
    const answer = await server.inject({ method: 'POST', url: '/x', headers, payload: '{"a": 1}' })
    assert.deepEqual(answer.json(), { got: { a: 1 } })
  }
})

for (const body of ['', '{', 'a=b', '\xff', '['.repeat(200) + ']'.repeat(200), '{"a":1} x']) {
  test(`a body of ${JSON.stringify(body.slice(0, 20))} is not JSON`, async () => {
    const { server } = makeServer([readBody])

    const payload = Buffer.from(body, 'latin1')
    const headers = { accept: 'application/json' }
    const answer = await server.inject({ method: 'POST', url: '/x', payload, headers })

    assert.equal(answer.statusCode, 400)
    assert.deepEqual(answer.json(), { message: 'Bad request: could not decode json' })
  })
}

test('a JSON body over the limit is refused, with a length or in chunks', async () => {
  await using yard = await serveRoutes([readBody], { maxJsonBody: 10 })
  const big = JSON.stringify('x'.repeat(20))

  const known = await fetch(`${yard.url}/x`, { method: 'POST', body: big })
  const chunked = await fetch(`${yard.url}/x`, {
    method: 'POST',
    body: new Blob([big]).stream(),
    duplex: 'half',
  })

  assert.deepEqual([known.status, chunked.status], [413, 413])
  assert.match(await chunked.text(), /larger than 10 bytes/)
})

test('each request has one log line, without query and credentials', async () => {
  const { server, log } = makeServer([post('/x', () => text(201, 'four'))], {
    identify: () => ({ user: 'ada', groups: [] }),
  })

  await server.inject({
    method: 'POST',
    url: '/x?token=secret',
    headers: { authorization: 'Bearer hush' },
  })
  await server.inject('http://u:secret@host/nope?secret')

  const [first, second, ...more] = log()
  assert.ok(first && second)
  const { time, id, ms, ...rest } = first
  assert.deepEqual(rest, {
    level: 'info',
    message: 'request',
    method: 'POST',
    path: '/x',
    status: 201,
    bytes: 4,
    user: 'ada',
  })
  assert.ok(typeof time === 'string' && typeof id === 'string' && typeof ms === 'number')
  assert.equal(second.path, '/nope')
  assert.equal(more.length, 0)
  assert.doesNotMatch(JSON.stringify(log()), /secret|hush/)
})

test('what early refuses never reaches the handler', async () => {
  let handled = 0
  const route = post('/x', () => text(200, String(handled++)), {
    early: () => {
      throw refuse('upload-unauthenticated')
    },
  })
  const { server } = makeServer([route])

  const answer = await server.inject({ method: 'POST', url: '/x', payload: 'x' })

  assert.equal(answer.statusCode, 401)
  assert.equal(handled, 0)
})
