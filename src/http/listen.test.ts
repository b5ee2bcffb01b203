/** A server from its port to its end, and what it says to those who speak no HTTP. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeServer, readAll, serveRoutes } from '../../test/support/serve-routes.ts'
import { text } from './reply.ts'
import { get } from './route.ts'

const close = 'Host: x\r\nConnection: close\r\n'

test('bytes that are no HTTP get a 400 and the end of the connection', async () => {
  await using yard = await serveRoutes([])

  const garbage = await yard.exchange('\x16\x03\x01\x02\x00\r\n\r\n')
  const noHost = await yard.exchange('GET / HTTP/1.1\r\n\r\n')
  const long = await yard.exchange(`GET /${'x'.repeat(40_000)} HTTP/1.1\r\n${close}\r\n`)

  assert.match(garbage, /^HTTP\/1\.1 400 /)
  assert.match(noHost, /^HTTP\/1\.1 400 /)
  assert.match(long, /^HTTP\/1\.1 431 /)
})

test('garbage in the request line is 400 or 404, never a failure', async () => {
  const all = get('/:user/:index/+f/*', ({ params, path }) =>
    text(200, JSON.stringify([params, path])),
  )
  await using yard = await serveRoutes([all])
  const odd = [
    '%',
    '%zz',
    '%00',
    '%0a',
    '%ff',
    '%2f',
    '%2e%2e',
    '..',
    '//',
    '?',
    '#',
    '\\',
    '+f/',
    ';',
    '*',
  ]
  const piece = fc.oneof(
    fc.constantFrom(...odd),
    fc.string({ maxLength: 5 }).map((one) => one.replaceAll(' ', '')),
    fc.integer({ min: 900, max: 3000 }).map((length) => 'x'.repeat(length)),
  )

  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      const answer = await yard.exchange(`GET /${pieces.join('')} HTTP/1.1\r\n${close}\r\n`)
      assert.match(answer, /^HTTP\/1\.1 (200|4\d\d) /)
    }),
    { numRuns: 200 },
  )

  assert.deepEqual(
    yard.log().filter((line) => line.level === 'error'),
    [],
  )
})

test('a server closes idle connections at once and lets a running request finish', async () => {
  const started = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const slow = get('/slow', async () => {
    started.resolve()
    await release.promise
    return text(200, 'done')
  })
  await using yard = await serveRoutes([slow, get('/x', () => text(200, 'ok'))], {
    drainTimeoutMs: 60_000,
  })
  const silent = await yard.connect()
  const idle = await yard.connect()
  idle.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(idle, 'data')
  const running = yard.exchange('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
  await started.promise

  const closed = yard.server.close()
  await Promise.all([once(silent, 'close'), once(idle, 'close')])
  release.resolve()

  const answer = await running
  await closed
  assert.match(answer, /\r\nConnection: close\r\n[^]*done$/)
  await assert.rejects(yard.connect(), /ECONNREFUSED/)
})

test('an answer that is still on its way to a slow client arrives whole when the server closes', async () => {
  const page = Buffer.alloc(20_000_000, 'x')
  const wholePage = get('/page', () => ({ status: 200, body: page }))
  await using yard = await serveRoutes([wholePage], { drainTimeoutMs: 60_000 })
  const slow = await yard.connect()
  slow.write('GET /page HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(slow, 'readable')

  const closed = yard.server.close()
  slow.resume()
  await once(slow, 'close')

  assert.ok(slow.bytesRead > page.length, `${slow.bytesRead} bytes`)
  await closed
})

test('a connection that was to be kept is closed at the end of its answer when the server closes', async () => {
  const release = Promise.withResolvers<void>()
  const body = Readable.from(
    (async function* () {
      yield 'begun, '
      await release.promise
      yield 'done'
    })(),
  )
  const streamed = get('/x', () => ({ status: 200, headers: { 'Content-Length': 11 }, body }))
  await using yard = await serveRoutes([streamed], { drainTimeoutMs: 60_000 })
  const socket = await yard.connect()
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  const [begun] = (await once(socket, 'data')) as [Buffer]
  const rest = readAll(socket)

  const closed = yard.server.close()
  release.resolve()

  assert.match(begun.toString() + (await rest), /\r\nConnection: keep-alive\r\n[^]*begun, done$/)
  await closed
})

test('a request that does not finish in time is cut off when the server closes', async () => {
  const started = Promise.withResolvers<void>()
  const stuck = get('/stuck', ({ signal }) => {
    started.resolve()
    return once(signal, 'abort').then(() => text(200, 'too late'))
  })
  await using yard = await serveRoutes([stuck], { drainTimeoutMs: 10 })
  const running = yard.exchange('GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n')
  await started.promise

  await yard.server.close()

  assert.equal(await running, '')
})

test('a port that is taken is told by its code', async () => {
  await using yard = await serveRoutes([])
  const { server } = makeServer([])
  await assert.rejects(server.listen({ host: '127.0.0.1', port: yard.port }), {
    code: 'EADDRINUSE',
  })
})
