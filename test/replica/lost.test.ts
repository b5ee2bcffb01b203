/** A file whose bytes are not here is told to be so, by its head too. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { writePromotedMark } from '#replication/replica-mark'
import { startApi } from '../support/api.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { startPair } from '../support/replica.ts'
import { until } from '../support/until.ts'
import { INDEX, sendFile, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const anchor = makeWheel('anchor', '1.0')
const { filename, sha256: digest } = anchor
const path = urlOf(anchor, INDEX)
const plain = { accept: '' }

test('a file that a server has lost is a 404 that says so', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, anchor, { name: 'anchor', version: '1.0' })
  await api.app.store.blobs.remove(digest)
  await api.restart()

  const [got, head] = [await api.get(path, plain), await api.ask('HEAD', path, plain)]

  assert.deepEqual([got.status, head.status], [404, 404])
  assert.ok(got.text.includes(refuse('blob-lost', { filename }).message), got.text)
})

test('one that was missing when its server was promoted is listed, and comes later', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startApi({ indexes: [INDEX], config: { secretFile: secret.path } })
  await sendFile(api, INDEX, anchor, { name: 'anchor', version: '1.0' })
  await api.app.store.blobs.remove(digest)
  const neededBy = `file/${INDEX}/anchor/${filename}`
  await writePromotedMark(api.folder.path, { epoch: 1, missing: [{ digest, neededBy }] })
  await api.restart()

  const [got, head] = [await api.get(path, plain), await api.ask('HEAD', path, plain)]
  const status = (await api.get('/+status')).result

  assert.deepEqual([got.status, head.status], [503, 503])
  assert.ok(got.text.includes(refuse('blob-sought', { filename }).message), got.text)
  assert.equal(got.headers['retry-after'], '5')
  assert.equal(status['missing-since-promotion'], 1)
  assert.deepEqual(status['missing-files'], [neededBy])
})

test('a replica tells of a file by its head what it tells when it is got', async () => {
  await using pair = await startPair({ replica: { blobs: 'on-demand' } })
  const { primary, replica, wire } = pair
  await sendFile(primary, INDEX, anchor, { name: 'anchor', version: '1.0' })
  await pair.caughtUp()

  await wire.cut()
  await until(async () => (await replica.get(path, plain)).status === 503)
  const away = await replica.ask('HEAD', path, plain)
  await wire.join(primary.app.url)
  await until(async () => (await replica.ask('HEAD', path, plain)).status === 200)

  assert.equal(away.status, 503)
})
