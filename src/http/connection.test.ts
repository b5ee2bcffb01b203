/** Answers on a real socket: whole, broken, or to a client that has gone. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { UpstreamFailure } from '#base/failure'
import { serveRoutes } from '../../test/support/serve-routes.ts'
import { text } from './reply.ts'
import { get, type Call } from './route.ts'

const close = 'Host: x\r\nConnection: close\r\n'

/** Gives out a chunk per `read`, then fails, ends, or goes on for ever. */
function chunks(count: number, end: Error | null, size = 10): Readable {
  let left = count
  return new Readable({
    read() {
      if (left-- > 0) this.push(Buffer.alloc(size, 'x'))
      else if (end) this.destroy(end)
      else this.push(null)
    },
  })
}

test('a stream that fails in the middle breaks the connection, also without a length', async () => {
  const lying = get('/x', () => ({ status: 200, body: chunks(3, new Error('disk')) }))
  await using yard = await serveRoutes([lying])

  const answer = await yard.exchange(`GET /x HTTP/1.1\r\n${close}\r\n`)

  assert.match(answer, /^HTTP\/1\.1 200/)
  assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/) // the end of a chunked body
  const [line] = yard.log()
  assert.equal(line?.outcome, 'broken')
  assert.equal(line?.level, 'warn')
})

for (const length of [29, 31]) {
  test(`a stream of 30 bytes announced as ${length} breaks the connection`, async () => {
    const route = get('/x', () => ({
      status: 200,
      headers: { 'Content-Length': length },
      body: chunks(3, null),
    }))
    await using yard = await serveRoutes([route])

    await assert.rejects(fetch(`${yard.url}/x`).then((answer) => answer.arrayBuffer()))
  })
}

test('a stream that fails before its first byte is answered as the failure it is', async () => {
  const upstream = new UpstreamFailure('it closed the connection early')
  const failing = get('/failing', () => ({
    status: 200,
    headers: { 'Content-Length': 30, 'Cache-Control': 'immutable' },
    body: chunks(0, upstream),
  }))
  const destroyed = get('/destroyed', () => {
    const body = chunks(3, null)
    body.destroy()
    return { status: 200, body }
  })
  await using yard = await serveRoutes([failing, destroyed])

  const answer = await fetch(`${yard.url}/failing`)
  const odd = await fetch(`${yard.url}/destroyed`)

  assert.equal(answer.status, 502)
  assert.equal(answer.headers.get('cache-control'), null)
  assert.match(await answer.text(), /it closed the connection early/)
  assert.equal(odd.status, 500)
})

test('an empty stream is an answer like any other', async () => {
  const route = get('/x', () => ({ status: 200, headers: { 'X-Own': '1' }, body: chunks(0, null) }))
  await using yard = await serveRoutes([route])

  const answer = await fetch(`${yard.url}/x`)

  assert.equal(await answer.text(), '')
  assert.equal(answer.headers.get('x-own'), '1')
})

test('a stream under a header that cannot be written is answered with 500, and destroyed', async () => {
  const body = chunks(3, null)
  const route = get('/x', () => ({ status: 200, headers: { 'X-Own': 'a\nb' }, body }))
  await using yard = await serveRoutes([route])

  const answer = await fetch(`${yard.url}/x`)

  assert.equal(answer.status, 500)
  assert.ok(body.destroyed)
})

test('a stream arrives whole', async () => {
  const route = get('/x', () => ({ status: 200, body: chunks(100, null, 100_000) }))
  await using yard = await serveRoutes([route])

  const answer = await fetch(`${yard.url}/x`)

  assert.equal((await answer.arrayBuffer()).byteLength, 10_000_000)
  assert.equal(yard.log()[0]?.bytes, 10_000_000)
})

test('when the client goes, the stream is destroyed', async () => {
  const endless = chunks(Infinity, null, 1000)
  await using yard = await serveRoutes([get('/x', () => ({ status: 200, body: endless }))])

  const socket = await yard.connect()
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()

  await once(endless, 'close')
  assert.equal(yard.log()[0]?.outcome, 'gone')
})

test('when the client goes, the signal of a running call is aborted', async () => {
  const started = Promise.withResolvers<Call>()
  const route = get('/x', async (call) => {
    const { signal } = call
    const aborted = once(signal, 'abort')
    started.resolve(call)
    await aborted
    return text(200, 'to nobody')
  })
  await using yard = await serveRoutes([route])

  const socket = await yard.connect()
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  const { signal } = await started.promise
  assert.equal(signal.aborted, false)
  socket.destroy()
  await once(signal, 'abort')

  assert.equal(signal.aborted, true)
})

test('the signal is not aborted when the answer arrives', async () => {
  let signal: AbortSignal | undefined
  const route = get('/x', (call) => {
    signal = call.signal
    return text(200, 'ok')
  })
  await using yard = await serveRoutes([route])

  await yard.exchange(`GET /x HTTP/1.1\r\n${close}\r\n`)

  assert.equal(signal?.aborted, false)
})

test('a stream answered to a client that has gone is destroyed', async () => {
  const body = chunks(3, null)
  const route = get('/x', async ({ signal }) => {
    await once(signal, 'abort')
    return { status: 200, body }
  })
  await using yard = await serveRoutes([route])

  const socket = await yard.connect()
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n', () => socket.destroy())

  await once(body, 'close')
})

test('100 clients that read nothing hold back nobody and no memory', async () => {
  const page = Buffer.alloc(4 * 1024 * 1024, 'x')
  const file = () => ({ status: 200, body: chunks(Infinity, null, 64 * 1024) })
  const routes = [
    get('/page', () => ({ status: 200, body: page })),
    get('/file', file),
    get('/x', () => text(200, 'ok')),
  ]
  await using yard = await serveRoutes(routes)
  const before = process.memoryUsage.rss()

  const sockets = await Promise.all(Array.from({ length: 100 }, () => yard.connect()))
  sockets.forEach((socket, i) => {
    socket.pause().write(`GET ${i % 2 ? '/page' : '/file'} HTTP/1.1\r\nHost: x\r\n\r\n`)
  })
  for (let i = 0; i < 50; i++) {
    const answer = await fetch(`${yard.url}/x`)
    assert.equal(await answer.text(), 'ok')
  }

  const grown = process.memoryUsage.rss() - before
  assert.ok(grown < 150e6, `${grown} bytes`) // 50 copies of the page alone would be 200 MB
  for (const socket of sockets) socket.destroy()
})
