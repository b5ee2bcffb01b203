/** Pushing onto an index with strict uploads: what it would not take as an upload it does not take so either. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addExtras, pushFoo, sendRelease, SOURCE } from '../support/push.ts'
import { startIndexes, TARGET, wheel } from '../support/push.ts'
import { sendFile, stateOf, urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const strict = { strict_uploads: true, volatile: true }

test('a release that keeps the rules is taken, without its documentation', async () => {
  await using api = await startIndexes(strict)
  await sendRelease(api)
  await addExtras(api)

  const withDocs = await pushFoo(api)
  const without = await pushFoo(api, { no_docs: true })

  assert.equal(withDocs.status, 400)
  assert.match(withDocs.message ?? '', /takes no documentation: push with no_docs$/)
  assert.equal(without.status, 200)
})

for (const [what, files, message] of [
  ['a zip', [makeSdist('foo', '1.0', { extension: '.zip' })], /Invalid file extension/],
  ['a wheel without METADATA', [makeWheel('foo', '1.0', { omit: ['METADATA'] })], /METADATA/],
] as const) {
  test(`${what} is refused, and nothing is left of the release`, async () => {
    await using api = await startIndexes(strict)
    for (const file of files) await sendFile(api, SOURCE, file)
    const before = await stateOf(api)

    const reply = await pushFoo(api)

    assert.equal(reply.status, 400)
    assert.match(reply.reason, message)
    assert.deepEqual(await stateOf(api), before)
  })
}

test('a name that was used and deleted is not used again', async () => {
  await using api = await startIndexes(strict)
  await sendFile(api, SOURCE, wheel)
  assert.equal((await pushFoo(api)).status, 200)
  await api.del(urlOf(wheel, TARGET), { as: 'bob' })

  const reply = await pushFoo(api)

  assert.equal(reply.status, 400)
  assert.match(reply.reason, /previously used/)
})

test('other bytes under a name that is taken are refused, though the index is volatile', async () => {
  await using api = await startIndexes(strict)
  await sendFile(api, SOURCE, wheel)
  await pushFoo(api)
  await api.patch(`/${SOURCE}`, { as: 'ada', json: ['volatile=True'] })
  await sendFile(api, SOURCE, makeWheel('foo', '1.0', { content: 'other = True' }))

  const reply = await pushFoo(api)

  assert.equal(reply.status, 400)
  assert.match(reply.reason, /^File already exists/)
})
