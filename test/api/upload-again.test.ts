/** A name that is there already: the same bytes again, other bytes, and several at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi } from '../support/api.ts'
import {
  INDEX,
  findEntry,
  findRelease,
  listFiles,
  plainFields,
  sendFile,
  sendRefused,
  uploadParts,
  urlOf,
} from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')

// devpi-http 12: 75
test('U16: the same bytes again succeed and change nothing', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, wheel)
  const { serial } = api

  const again = await sendFile(api, INDEX, wheel, { summary: 'other' })

  assert.equal(again.status, 200)
  assert.equal(again.reason, 'Upload of identical file to non volatile index.')
  assert.equal(api.serial, serial)
})

// devpi-http 12: 76, 77
test('other bytes under a name that is there are refused, and leave nothing', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const other = makeWheel('foo', '1.0', { content: 'other' })
  await sendFile(api, INDEX, wheel, { summary: 'first' })

  const fields = plainFields({ summary: 'second' })
  const reply = await sendRefused(api, INDEX, uploadParts(other, fields))

  assert.equal(reply.status, 409)
  assert.equal(reply.reason, refuse('file-exists', { filename: wheel.filename }).message)
  assert.equal((await listFiles(api))[0].hashes.sha256, wheel.sha256)
  // devpi changes the release's metadata all the same; what is refused here changes nothing.
  assert.equal((await findRelease(api))!['summary'], 'first')
})

// devpi-http 12: 73, 74
test('a volatile index takes other bytes under the same name, and its log says so', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  const [second, third] = ['2', '3'].map((content) => makeWheel('foo', '1.0', { content }))
  await sendFile(api, INDEX, wheel)

  const replies = [await sendFile(api, INDEX, second!), await sendFile(api, INDEX, third!)]

  assert.deepEqual(
    replies.map(({ reason }) => reason),
    ['OK', 'OK'],
  )
  const files = await listFiles(api)
  assert.deepEqual(
    files.map((file: { hashes: object }) => file.hashes),
    [{ sha256: third!.sha256 }],
  )
  for (const gone of [wheel, second!]) assert.equal((await api.get(urlOf(gone))).status, 410)
  assert.equal((await api.get(urlOf(third!), { accept: '*/*' })).status, 200)
  const { log = [] } = (await findEntry(api, wheel.filename))!
  assert.deepEqual(
    log.map(({ what, who, count, dst }) => ({ what, who, count, dst })),
    [
      { what: 'overwrite', who: null, count: 2, dst: undefined },
      { what: 'upload', who: 'ada', count: undefined, dst: INDEX },
    ],
  )
})

test('U19: the same bytes may have several names', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const other = { ...wheel, filename: 'foo-1.0-py2.py3-none-any.whl' }

  await sendFile(api, INDEX, wheel)
  const reply = await sendFile(api, INDEX, other)

  assert.equal(reply.status, 200)
  assert.equal((await listFiles(api)).length, 2)
})

test('U55: of two uploads of one name at once, one is taken and the other refused', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const other = makeWheel('foo', '1.0', { content: 'other' })

  const replies = await Promise.all([wheel, other].map((file) => sendFile(api, INDEX, file)))

  assert.deepEqual(
    replies.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
  )
  const won = replies[0]!.status === 200 ? wheel : other
  const files = await listFiles(api)
  assert.deepEqual(
    files.map((file: { hashes: object }) => file.hashes),
    [{ sha256: won.sha256 }],
  )
})

test('eight uploads of the same bytes at once all succeed, and make one change', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { serial } = api

  const replies = await Promise.all(Array.from({ length: 8 }, () => sendFile(api, INDEX, wheel)))

  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200])
  assert.equal(api.serial, serial + 1)
})
