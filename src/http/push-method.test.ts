/** devpi's method PUSH, which Node's parser refuses: on real sockets, however the bytes come. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { readAll, serveRoutes } from '../../test/support/serve-routes.ts'
import { text } from './reply.ts'
import { get, post, push, type Call } from './route.ts'

const say = async (call: Call) =>
  text(200, `<${call.method} ${call.path} ${await call.bytes().then(String)}>`)
const routes = [get('/:user', say), post('/:user', say), push('/:user', say), push('/:user/x', say)]

interface Message {
  readonly method: string
  readonly path: string
  readonly body: string
}

const request = ({ method, path, body }: Message, headers = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`
const last = request({ method: 'GET', path: '/end', body: '' }, 'Connection: close\r\n')
const said = (answer: string): string[] => answer.match(/<[^<>]*>|HTTP\/1.1 [^2]\d\d/g) ?? []
const expected = ({ method, path, body }: Message): string => `<${method} ${path} ${body}>`

// devpi-http 12: 124
test('PUSH is a method, as the first and as a later request of a connection', async () => {
  await using yard = await serveRoutes(routes)
  const messages = ['PUSH', 'PUSH', 'GET', 'PUSH', 'POST', 'PUSH'].map((method, n) => ({
    method,
    path: `/u${n}`,
    body: method === 'GET' ? '' : '{"name": "PUSH / HTTP/1.1"}',
  }))
  const socket = await yard.connect()

  for (const message of messages) {
    socket.write(request(message))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.deepEqual(said(answer.toString()), [expected(message)])
  }

  socket.destroy()
  assert.deepEqual(
    yard.log().map(({ method }) => method),
    messages.map(({ method }) => method),
  )
})

const message = fc.record({
  method: fc.constantFrom('PUSH', 'PUSH', 'POST', 'GET'),
  path: fc.constantFrom('/a', '/PUSH', '/b'),
  body: fc.constantFrom(
    '',
    'PUSH /a HTTP/1.1\r\n\r\n',
    '\r\n\r\nPUSH ',
    'P',
    'PU',
    'x'.repeat(300),
  ),
})

test('PUSH requests in a pipeline are answered in order, wherever the packets end', async () => {
  await using yard = await serveRoutes(routes)

  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (messages, cuts) => {
        const bytes = messages.map((one) => request(one)).join('') + last
        const socket = await yard.connect()
        socket.setNoDelay(true)
        const answer = readAll(socket)
        const places = cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b)
        for (const [i, place] of [0, ...places].entries()) {
          await new Promise((resolve) =>
            socket.write(bytes.slice(place, places[i] ?? bytes.length), resolve),
          )
          await setImmediate()
        }
        assert.deepEqual(said(await answer), [...messages.map(expected), '<GET /end >'])
      },
    ),
    { numRuns: 300 },
  )
})

test('a PUSH behind a request is answered wherever one packet ends', async () => {
  await using yard = await serveRoutes(routes)
  const before = { method: 'POST', path: '/a', body: 'PUSH /a HTTP/1.1\r\n\r\nP' }
  const pushed = { method: 'PUSH', path: '/b', body: '{}' }
  const bytes = request(before) + request(pushed) + last

  for (let place = 1; place < bytes.length; place++) {
    const socket = await yard.connect()
    const answer = readAll(socket)
    await new Promise((resolve) => socket.write(bytes.slice(0, place), resolve))
    await setImmediate()
    socket.write(bytes.slice(place))
    assert.deepEqual(said(await answer), [expected(before), expected(pushed), '<GET /end >'])
  }
})

test('a PUSH waits for the answers to slow requests before it', async () => {
  const release = Promise.withResolvers<void>()
  const slow = get('/:user/slow', async (call) => {
    await release.promise
    return say(call)
  })
  await using yard = await serveRoutes([...routes, slow])
  const socket = await yard.connect()
  const answer = readAll(socket)
  const pushed = { method: 'PUSH', path: '/a', body: 'x'.repeat(200_000) }
  const ahead = ['/a/slow', '/b/slow', '/c'].map((path) => ({ method: 'GET', path, body: '' }))

  socket.write(ahead.map((one) => request(one)).join('') + request(pushed))
  socket.write(request(pushed) + last)
  await setImmediate()
  release.resolve()

  const all = [...ahead, pushed, pushed].map(expected)
  assert.deepEqual(said(await answer), [...all, '<GET /end >'])
})

test('what comes in pieces while a PUSH waits is read once, and in order', async () => {
  const release = Promise.withResolvers<void>()
  const slow = push('/:user/slow', async (call) => {
    await release.promise
    return say(call)
  })
  await using yard = await serveRoutes([...routes, slow])
  const socket = await yard.connect()
  const answer = readAll(socket.setNoDelay(true))
  const first = { method: 'PUSH', path: '/a/slow', body: '' }
  const second = { method: 'PUSH', path: '/b', body: '0123456789'.repeat(20) }
  const bytes = request(second) + request(second) + last

  socket.write(request(first))
  for (let at = 0; at < bytes.length; at += 50) {
    await setImmediate()
    socket.write(bytes.slice(at, at + 50))
  }
  for (let turn = 0; turn < 10; turn++) await setImmediate()
  release.resolve()

  assert.deepEqual(said(await answer), [...[first, second, second].map(expected), '<GET /end >'])
})

test('behind a request that ends its connection, a PUSH is not looked at', async () => {
  await using yard = await serveRoutes(routes)
  const pushed = { method: 'PUSH', path: '/a', body: '' }

  const answer = await yard.exchange(last + request(pushed))

  assert.deepEqual(said(answer), ['<GET /end >'])
})

test('methods that are none are refused, also those that begin like PUSH', async () => {
  await using yard = await serveRoutes(routes)
  const methods = [
    'push',
    'Push',
    'PUS',
    'PUSH\t',
    'PUSHX',
    'PUSHPUSH',
    'PU',
    'PUSX',
    'XPUSH',
    'GET',
  ]

  for (const method of methods) {
    const answer = await yard.exchange(`${method}/a HTTP/1.1\r\nHost: x\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 400 /, method)
  }
  const socket = await yard.connect()
  socket.setNoDelay(true).write('PUS')
  await setImmediate()
  const answer = readAll(socket)
  socket.write('T /a HTTP/1.1\r\nHost: x\r\n\r\n')
  assert.match(await answer, /^HTTP\/1\.1 400 /)
})

test('PUSH and POST are different methods of an address', async () => {
  const only = [push('/pushed', say), post('/posted', say)]
  await using yard = await serveRoutes(only)
  const ask = (method: string, path: string) =>
    yard.exchange(request({ method, path, body: '' }, 'Connection: close\r\n'))

  assert.deepEqual(said(await ask('PUSH', '/pushed')), ['<PUSH /pushed >'])
  assert.deepEqual(said(await ask('POST', '/posted')), ['<POST /posted >'])
  assert.match(await ask('PUSH', '/posted'), /^HTTP\/1\.1 404 /)
  assert.match(await ask('POST', '/pushed'), /^HTTP\/1\.1 404 /)
  assert.match(await ask('PUSH', '/nowhere'), /^HTTP\/1\.1 404 /)
})

test('PUSH is sent without a socket as any other method', async () => {
  await using yard = await serveRoutes(routes)

  const answer = await yard.server.inject({
    method: 'PUSH' as 'POST',
    validate: false,
    url: '/a',
    payload: '{}',
  } as object)

  assert.equal(answer.payload, '<PUSH /a {}>')
})
