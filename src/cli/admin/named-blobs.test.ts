/** What `admin verify` asks for and `admin sweep` leaves alone: the blobs of documentation and of test results too. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sweep } from '#blobs/sweep'
import { listNeededBlobs } from '#registry/needed-blobs'
import { readMentionedBlobs } from './named-blobs.ts'
import { startApi, type Api } from '../../../test/support/api.ts'
import { makeDocs, sendDocs } from '../../../test/support/docs.ts'
import { sendToxresult } from '../../../test/support/toxresults.ts'
import { INDEX, listBlobs, sendFile, urlOf } from '../../../test/support/upload.ts'
import { makeWheel } from '../../../test/support/wheel.ts'

const wheel = makeWheel('foo', '1.0')

async function start(): Promise<Api> {
  const api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  await sendFile(api, INDEX, wheel)
  await sendDocs(api, makeDocs())
  await sendToxresult(api, urlOf(wheel))
  return api
}

const listNeeded = async (api: Api): Promise<string[]> =>
  (await Array.fromAsync(listNeededBlobs(api))).map(({ digest }) => digest).toSorted()

test('documentation and test results are needed, until they are deleted', async () => {
  await using api = await start()

  const needed = await listNeeded(api)
  await api.del(`/${INDEX}/foo`, { as: 'ada' })

  assert.equal(needed.length, 3)
  assert.deepEqual(needed, await listBlobs(api))
  assert.deepEqual(await listNeeded(api), [])
})

test('a sweep leaves them, also those of the past', async () => {
  await using api = await start()
  const before = await listBlobs(api)
  await sendDocs(api, makeDocs({ 'more.html': 'more' }))

  const mentioned = await readMentionedBlobs(api)
  const { blobs } = api.app.store
  const swept = await sweep(blobs, (digest) => mentioned.has(digest), {
    olderThanMs: 0,
    now: Date.now() + 1000,
  })

  assert.equal(swept.removed, 0)
  for (const digest of before) assert.ok((await listBlobs(api)).includes(digest))
})
