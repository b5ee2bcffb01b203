/** What the body of a push may say, and what it may not (devpi-http 4.17). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { addExtras, pathOf, pushFoo, sdist, sendRelease, SOURCE } from '../support/push.ts'
import { startIndexes, TARGET, wheel } from '../support/push.ts'
import { stateOf } from '../support/upload.ts'

// devpi-http 12: 130
test('documentation is left out, or pushed alone', async () => {
  await using api = await startIndexes({ volatile: true })
  await sendRelease(api)
  await addExtras(api)

  const without = await pushFoo(api, { no_docs: true })
  const only = await pushFoo(api, { only_docs: true })

  assert.deepEqual(
    without.result.map(([, what]: string[]) => what),
    ['register', 'store_releasefile', 'store_toxresult', 'store_releasefile'],
  )
  assert.equal(without.result[1][2], pathOf(wheel))
  assert.equal(without.result[3][2], pathOf(sdist))
  assert.deepEqual(only.result, [
    [200, 'register', 'foo', '1.0', '->', TARGET],
    [200, 'store_doczip', 'foo', '1.0', '->', TARGET],
  ])
})

// devpi-http 12: 130
test('what a push cannot mean is refused, and changes nothing', async () => {
  await using api = await startIndexes()
  await sendRelease(api)
  const before = await stateOf(api)
  const nothing = refuse('push-nothing', { name: 'foo', version: '1.0' })
  const malformed = refuse('push-target-malformed')

  for (const [body, status, { message }] of [
    [{ no_docs: true, only_docs: true }, 400, refuse('push-docs-unclear')],
    [{ only_docs: true }, 404, nothing],
    [{ b: 1, a: 2 }, 400, refuse('push-options-unknown', { keys: 'a, b' })],
    [{ targetindex: 'nope' }, 400, malformed],
    [{ targetindex: 'a/b/c' }, 400, malformed],
    [{ targetindex: 7 }, 400, malformed],
    [{ targetindex: 'no/pe' }, 404, refuse('index-missing', { index: 'no/pe' })],
    [{ name: undefined }, 400, refuse('push-invalid', { reason: textNeeded('name') })],
    [{ name: ['foo'] }, 400, refuse('push-invalid', { reason: textNeeded('name') })],
    [{ version: 1 }, 400, refuse('push-invalid', { reason: textNeeded('version') })],
    [{ version: '/../\0' }, 400, refuse('push-no-release', noRelease('/../\0'))],
  ] as const) {
    const reply = await pushFoo(api, body)
    assert.deepEqual([reply.status, reply.message], [status, message], JSON.stringify(body))
  }
  assert.deepEqual(await stateOf(api), before)
})

const textNeeded = (key: string): string => `'${key}' must be a text that is not empty`
const noRelease = (version: string) => ({ name: 'foo', version, index: SOURCE })

test('the index comes first, then the body', async () => {
  await using api = await startIndexes()

  const missing = await api.ask('PUSH', '/ada/nope', { body: 'no json' })
  const noJson = await api.ask('PUSH', `/${SOURCE}`, { body: 'no json' })
  const noObject = await api.ask('PUSH', `/${SOURCE}`, { json: [] })
  const empty = await api.post(`/${SOURCE}`, { headers: { 'content-type': 'application/json' } })

  assert.deepEqual(
    [missing.status, missing.message],
    [404, refuse('index-missing', { index: 'ada/nope' }).message],
  )
  assert.deepEqual([noJson.status, noJson.message], [400, refuse('body-not-json').message])
  assert.deepEqual([noObject.status, noObject.message], [400, refuse('body-not-object').message])
  assert.equal(empty.status, 400)
})

test('nobody may push to a mirror', async () => {
  await using api = await startIndexes()
  await sendRelease(api)
  await api.makeIndex('ada/mirror', { type: 'mirror', mirror_url: 'http://127.0.0.1:1/simple/' })

  const reply = await pushFoo(api, { targetindex: 'ada/mirror' })

  const { message } = refuse('push-forbidden', { user: 'ada', index: 'ada/mirror' })
  assert.deepEqual([reply.status, reply.message], [401, message])
})
