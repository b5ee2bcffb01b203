import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'node:test'
import type { ServerResponse } from 'node:http'
import { serveRoutes } from '../../test/support/serve-routes.ts'
import { text } from './reply.ts'
import { get } from './route.ts'
import type { RequestCall } from './request-call.ts'
import { SendTurn } from './send-turn.ts'

test('what is ready goes out at the end of the turn, in order', async () => {
  const turn = new SendTurn()
  const sent: number[] = []

  for (const one of [1, 2, 3]) turn.add(() => sent.push(one))
  const before = [...sent]
  await nextTurn()

  assert.deepEqual({ before, sent }, { before: [], sent: [1, 2, 3] })
})

test('what becomes ready while others are sent waits for its own turn', async () => {
  const turn = new SendTurn()
  const sent: string[] = []
  turn.add(() => {
    turn.add(() => sent.push('later'))
    sent.push('first')
  })

  turn.flush()
  const atOnce = [...sent]
  await nextTurn()

  assert.deepEqual({ atOnce, sent }, { atOnce: ['first'], sent: ['first', 'later'] })
})

test('an answer that is ready is not kept by a request whose work begins', async () => {
  let first: ServerResponse | undefined
  const ready = get('/ready', (call) => {
    first = (call as RequestCall).response
    return text(200, 'here')
  })
  const working = get('/working', async () => {
    await Promise.resolve()
    return text(200, `first is sent: ${first?.writableEnded}`)
  })
  await using server = await serveRoutes([ready, working])
  const ask = (path: string, rest = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${rest}\r\n`

  const both = await server.exchange(ask('/ready') + ask('/working', 'Connection: close\r\n'))

  assert.match(both, /here[^]*first is sent: true$/)
})
