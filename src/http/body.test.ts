/** Bodies that nobody wants, and those that wait until they are asked for. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { readAll, serveRoutes } from '../../test/support/serve-routes.ts'
import { text } from './reply.ts'
import { get, post } from './route.ts'

const close = 'Host: x\r\nConnection: close\r\n'

const refusing = post('/x', () => {
  throw refuse('upload-invalid', { reason: 'I do not want this' })
})

test('a refused body is read on so that its sender sees the answer', async () => {
  await using yard = await serveRoutes([refusing])
  const body = Buffer.alloc(1024 * 1024, 'x')

  const head = `POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: ${8 * body.length}\r\n\r\n`
  const answer = await yard.exchange(head, ...Array<Buffer>(8).fill(body))

  assert.match(answer, /^HTTP\/1\.1 400 I do not want this\r\n/)
  assert.match(answer, /\r\nConnection: close\r\n/)
})

test('a refused endless body is cut off', async () => {
  await using yard = await serveRoutes([refusing])
  const socket = await yard.connect()
  const answer = readAll(socket)

  socket.write('POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  const chunk = Buffer.concat([
    Buffer.from('10000\r\n'),
    Buffer.alloc(0x10000, 'x'),
    Buffer.from('\r\n'),
  ])
  const pump = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', pump)
  pump()

  assert.match(await answer, /^HTTP\/1\.1 400 I do not want this\r\n/)
})

test('after a short refused body the connection goes on', async () => {
  await using yard = await serveRoutes([refusing, get('/y', () => text(200, 'next'))])

  const answer = await yard.exchange(
    'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello',
    `GET /y HTTP/1.1\r\n${close}\r\n`,
  )

  assert.match(answer, /^HTTP\/1\.1 400 [^]*HTTP\/1\.1 200 OK[^]*next$/)
})

test('with Expect: 100-continue the body is asked for once early has passed', async () => {
  const steps: string[] = []
  const route = post('/x', async (call) => text(200, String(await call.json())), {
    early: () => void steps.push('early'),
  })
  await using yard = await serveRoutes([route])
  const socket = await yard.connect()

  socket.write('POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
  const [first] = (await once(socket, 'data')) as [Buffer]
  steps.push(first.toString().split('\r\n')[0] ?? '')
  socket.write('42')
  const [second] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()

  assert.deepEqual(steps, ['early', 'HTTP/1.1 100 Continue'])
  assert.match(second.toString(), /^HTTP\/1\.1 200 OK[^]*42$/)
})

test('with Expect: 100-continue a refusal comes instead of the request for the body', async () => {
  const route = post('/x', () => text(200, ''), {
    early: async () => {
      throw refuse('upload-unauthenticated')
    },
  })
  await using yard = await serveRoutes([route])

  const socket = await yard.connect()
  const answer = readAll(socket)
  socket.write(
    'POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n',
  )
  await once(socket, 'data')
  socket.end()

  assert.match(await answer, /^HTTP\/1\.1 401 Unauthorized\r\n/)
})
