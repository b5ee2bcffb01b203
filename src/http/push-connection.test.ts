/** Connections that were handed over because of a PUSH: limits, the end of the server and proxies hold as on others. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { readAll, serveRoutes } from '../../test/support/serve-routes.ts'
import { text } from './reply.ts'
import { get, push } from './route.ts'

const counted = push('/x', async (call) => text(200, `${(await call.bytes()).length} bytes`))
const head = 'PUSH /x HTTP/1.1\r\nHost: x\r\n'

for (const start of ['PUS', 'PUSH ', `${head}X-Slow: `]) {
  test(`${JSON.stringify(start)} without an end is answered with 408`, async () => {
    await using yard = await serveRoutes([counted], { headersTimeoutMs: 300 })

    assert.match(await yard.exchange(start), /^HTTP\/1\.1 408 /)
  })
}

test('the body of a PUSH that never ends is answered with 408', async () => {
  const limits = { headersTimeoutMs: 300, requestTimeoutMs: 400 }
  await using yard = await serveRoutes([counted], limits)

  assert.match(await yard.exchange(`${head}Content-Length: 9\r\n\r\n{`), /^HTTP\/1\.1 408 /)
})

test('a connection on which nothing comes after a PUSH is closed', async () => {
  await using yard = await serveRoutes([counted], { idleTimeoutMs: 300, keepAliveTimeoutMs: 300 })
  const answered = await yard.connect()
  answered.write(`${head}\r\n`)
  const stuck = await yard.connect()
  stuck.write(`${head}Content-Length: 9\r\n\r\n{`)

  await Promise.all([answered, stuck].map((socket) => once(socket.resume(), 'close')))
})

test('the client of a PUSH may wait for 100 Continue', async () => {
  await using yard = await serveRoutes([counted])
  const socket = await yard.connect()
  socket.write(`${head}Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`)

  const [first] = (await once(socket, 'data')) as [Buffer]
  assert.match(first.toString(), /^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  const answer = readAll(socket)
  socket.write('{}')

  assert.match(await answer, /^HTTP\/1\.1 200 [^]*2 bytes$/)
})

test('half a PUSH that ends is not answered', async () => {
  await using yard = await serveRoutes([counted])
  const socket = await yard.connect()
  const answer = readAll(socket)

  socket.end('PUSH')

  assert.equal(await answer, '')
})

test('a stopping server closes idle connections and lets a running PUSH finish', async () => {
  const started = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const slow = push('/slow', async () => {
    started.resolve()
    await release.promise
    return text(200, 'done')
  })
  await using yard = await serveRoutes([counted, slow], { drainTimeoutMs: 60_000 })
  const idle = await yard.connect()
  idle.write(`${head}\r\n`)
  await once(idle, 'data')
  const half = await yard.connect()
  half.write('PUS')
  const running = yard.exchange('PUSH /slow HTTP/1.1\r\nHost: x\r\n\r\n')
  await started.promise

  const closed = yard.server.close()
  await Promise.all([idle, half].map((socket) => once(socket.resume(), 'close')))
  release.resolve()

  assert.match(await running, /\r\nConnection: close\r\n[^]*done$/)
  await closed
})

test('the client of a PUSH who goes away is noticed', async () => {
  const started = Promise.withResolvers<AbortSignal>()
  const slow = push('/slow', async ({ signal }) => {
    started.resolve(signal)
    await once(signal, 'abort')
    return text(200, 'to nobody')
  })
  await using yard = await serveRoutes([slow])
  const socket = await yard.connect()
  socket.write('PUSH /slow HTTP/1.1\r\nHost: x\r\n\r\n')

  const signal = await started.promise
  socket.destroy()
  await once(signal, 'abort')

  assert.equal(signal.aborted, true)
})

test('a client whose half of the connection ends while its PUSH waits is not kept', async () => {
  const turns = async () => {
    for (let turn = 0; turn < 10; turn++) await setImmediate()
  }
  const slow = push('/slow', async () => {
    await turns()
    return text(200, 'done')
  })
  await using yard = await serveRoutes([slow], { drainTimeoutMs: 60_000 })
  const socket = await yard.connect()
  const answer = readAll(socket.setNoDelay(true))

  for (const packet of ['PUSH /slow HTTP/1.1\r\nHost: x\r\n\r\n', 'PUSH ', '/x']) {
    socket.write(packet)
    await setImmediate()
  }
  socket.end()

  assert.match(await answer, /done/)
})

test('a client who goes away while its PUSH waits for another answer leaves nothing behind', async () => {
  const started = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const slow = get('/slow', async () => {
    started.resolve()
    await release.promise
    return text(200, 'to nobody')
  })
  await using yard = await serveRoutes([counted, slow], { drainTimeoutMs: 60_000 })
  const socket = await yard.connect()
  socket.write(`GET /slow HTTP/1.1\r\nHost: x\r\n\r\n${head}\r\n`)
  await started.promise
  socket.destroy()
  release.resolve()

  await yard.server.close()
})

const pieces = [
  ...['P', 'PUS', 'PUSH', 'PUSH ', 'H /x HTTP/1.1\r\nHost: x\r\n\r\n', '\r\n', ' ', 'garbage'],
  `${head}\r\n`,
  `${head}Content-Length: 5\r\n\r\nPUSH `,
  `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nPUSH \r\n0\r\n\r\n`,
  `${head}Expect: 100-continue\r\nContent-Length: 1\r\n\r\n`,
  `${head}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
  'PUSH /x HTTP/1.0\r\n\r\n',
  'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'CONNECT x HTTP/1.1\r\nHost: x\r\n\r\n',
]

test('whatever comes around a PUSH, its connection ends and the server goes on', async () => {
  const slow = get('/slow', async () => {
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    return text(200, 'slow')
  })
  await using yard = await serveRoutes([counted, slow], { drainTimeoutMs: 60_000 })

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...pieces), fc.boolean()), { maxLength: 8 }),
      async (packets) => {
        const socket = await yard.connect()
        const answer = readAll(socket.setNoDelay(true))
        for (const [packet, isAlone] of packets) {
          socket.write(packet)
          if (isAlone) await setImmediate()
        }
        socket.end()
        assert.doesNotMatch(await answer, /HTTP\/1\.1 5/)
      },
    ),
    { numRuns: 300 },
  )

  assert.deepEqual(
    yard.log().filter(({ level }) => level === 'error'),
    [],
  )
})
