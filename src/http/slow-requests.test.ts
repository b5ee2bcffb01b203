/** Clients that send a request as slowly as they can, to hold connections: they are cut off. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { readAll, serveRoutes } from '../../test/support/serve-routes.ts'
import { text } from './reply.ts'
import { get, post } from './route.ts'

const routes = [
  get('/x', () => text(200, 'ok')),
  post('/x', async (call) => text(200, `${(await call.bytes()).length}`)),
]

/** Goes on sending bytes, one at a time, for as long as somebody takes them. */
async function drip(socket: Socket, start: string): Promise<string> {
  const answer = readAll(socket)
  socket.write(start)
  const timer = setInterval(() => socket.write('x'), 20)
  return answer.finally(() => clearInterval(timer))
}

test('headers that never end are answered with 408, and others are served meanwhile', async () => {
  await using yard = await serveRoutes(routes, { headersTimeoutMs: 300 })

  const sockets = await Promise.all(Array.from({ length: 50 }, () => yard.connect()))
  const answers = sockets.map((socket) => drip(socket, 'GET /x HTTP/1.1\r\nHost: x\r\nX-Slow: '))
  assert.equal(await (await fetch(`${yard.url}/x`)).text(), 'ok')

  for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1\.1 408 /)
})

test('a body that never ends is answered with 408', async () => {
  const limits = { headersTimeoutMs: 300, requestTimeoutMs: 600 }
  await using yard = await serveRoutes(routes, limits)

  const answer = await drip(
    await yard.connect(),
    'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n',
  )

  assert.match(answer, /^HTTP\/1\.1 408 /)
})

test('a connection on which nothing comes is closed', async () => {
  await using yard = await serveRoutes(routes, { idleTimeoutMs: 300 })
  const silent = await yard.connect()
  const half = await yard.connect()
  half.write('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nxx')

  await Promise.all([silent, half].map((socket) => once(socket.resume(), 'close')))
})
