import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveRoutes } from '../../test/support/serve-routes.ts'
import { KnownRoutes } from './known-routes.ts'
import { jsonValue, text } from './reply.ts'
import { get, put } from './route.ts'

const show = get('/:user/:index', ({ params, query, root, id }) =>
  jsonValue(200, { params, query: query.get('q'), root, id }),
)
const change = put('/:user/:index', () => text(200, 'changed'))

test('an address that is asked for again and again is answered as at first', async () => {
  await using served = await serveRoutes([show, change])
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(served.url + path, init)
    const told = (await answer.json()) as Record<string, unknown>
    assert.equal(answer.headers.get('x-request-id'), told['id'])
    return told
  }

  const answers = [
    await ask('/ada/d%C3%A9v'),
    await ask('/ada/d%C3%A9v'),
    await ask('/ada/d%C3%A9v'),
  ]
  const asked = await ask('/ada/d%C3%A9v?q=1')
  const changed = await fetch(`${served.url}/ada/d%C3%A9v`, { method: 'PUT' })
  const missing = await fetch(`${served.url}/ada/d%C3%A9v/more`)

  const params = { user: 'ada', index: 'dév' }
  for (const told of answers) assert.deepEqual([told['params'], told['query']], [params, null])
  assert.equal(new Set(answers.map((told) => told['id'])).size, 3)
  assert.deepEqual([asked['params'], asked['query']], [params, '1'])
  assert.equal(await changed.text(), 'changed')
  assert.equal(missing.status, 404)
})

test('what a proxy says of the address counts at each request', async () => {
  await using served = await serveRoutes([show])
  const ask = async (path: string, outside?: string) => {
    const headers = outside === undefined ? {} : { 'x-outside-url': outside }
    const answer = await fetch(served.url + path, { headers })
    return (await answer.json()) as Record<string, unknown>
  }

  await ask('/ada/dev')
  await ask('/pip/ada')
  const plain = await ask('/pip/ada')
  const below = await ask('/pip/ada/dev', 'https://example.org/pip')
  const again = await ask('/ada/dev', 'https://example.org')

  assert.deepEqual(plain['params'], { user: 'pip', index: 'ada' })
  assert.deepEqual(
    [below['params'], below['root']],
    [{ user: 'ada', index: 'dev' }, 'https://example.org/pip'],
  )
  assert.equal(again['root'], 'https://example.org')
})

test('few addresses are remembered, and none that is long', () => {
  const known = new KnownRoutes()
  const found = { route: show, params: {} }

  known.remember('/x'.repeat(1000), found)
  for (let number = 0; number < 10_000; number++) known.remember(`/${number}`, found)

  const remembered = Array.from({ length: 10_000 }, (_, number) => known.find(`/${number}`))
  assert.equal(known.find('/x'.repeat(1000)), undefined)
  assert.equal(remembered.at(-1), found)
  assert.ok(remembered.filter(Boolean).length <= 2000)
})
