/** Pushes that meet each other, and what else happens to a release meanwhile: one wins, nothing is half. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../support/api.ts'
import { addExtras, pushFoo, sendRelease, SOURCE } from '../support/push.ts'
import { startIndexes, TARGET, wheel } from '../support/push.ts'
import { listBlobs, sendFile } from '../support/upload.ts'

test('of two pushes onto an index that is not volatile one wins, the other is refused', async () => {
  await using api = await startIndexes()
  await sendRelease(api)

  const replies = await Promise.all(Array.from({ length: 6 }, () => pushFoo(api)))

  const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b)
  assert.deepEqual(statuses, [200, 409, 409, 409, 409, 409])
  await assertWhole(api)
})

test('a push and an upload of the same file: one wins, and the release is that of the winner', async () => {
  await using api = await startIndexes()
  await sendRelease(api)

  const [push, upload] = await Promise.all([
    pushFoo(api),
    sendFile(api, TARGET, wheel, { summary: 'uploaded' }),
  ])

  assert.ok(push.status === 200 || push.status === 409)
  assert.equal(upload.status, 200, 'the same bytes are no conflict for an upload')
  await assertWhole(api)
})

test('a release that is deleted while it is pushed arrives whole or not at all', async () => {
  for (let round = 0; round < 5; round++) {
    await using api = await startIndexes()
    await api.patch(`/${SOURCE}`, { as: 'ada', json: ['volatile=True'] })
    await sendRelease(api)
    await addExtras(api)

    const [push, removal] = await Promise.all([
      pushFoo(api),
      api.del(`/${SOURCE}/foo/1.0`, { as: 'ada' }),
    ])

    assert.equal(removal.status, 200)
    assert.ok(push.status === 200 || push.status === 400, `${push.status} ${push.message}`)
    const { status, result } = await api.get(`/${TARGET}/foo/1.0`)
    assert.equal(status, push.status === 200 ? 200 : 404)
    if (push.status === 200) assert.equal(result['+links'].length, 4)
    await assertWhole(api)
  }
})

test('an index that is deleted while a release is pushed to it holds nothing afterwards', async () => {
  await using api = await startIndexes({ volatile: true })
  await sendRelease(api)

  const [push, removal] = await Promise.all([pushFoo(api), api.del(`/${TARGET}`, { as: 'bob' })])

  assert.ok([200, 404].includes(push.status), `${push.status} ${push.message}`)
  assert.ok(removal.status < 300)
  assert.equal((await api.get(`/${TARGET}`)).status, 404)
  await api.makeIndex(TARGET)
  assert.deepEqual((await api.get(`/${TARGET}`)).result.projects, [])
})

/** Every link of every index leads to its bytes. */
async function assertWhole(api: Api): Promise<void> {
  const blobs = new Set(await listBlobs(api))
  for (const index of [SOURCE, TARGET]) {
    const { status, result } = await api.get(`/${index}/foo?ignore_bases`)
    if (status !== 200) continue
    for (const release of Object.values<{ '+links'?: { hashes: { sha256: string } }[] }>(result)) {
      for (const { hashes } of release['+links'] ?? []) assert.ok(blobs.has(hashes.sha256))
    }
  }
}
