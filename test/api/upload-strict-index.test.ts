/** What `strict_uploads` makes of what is on the index already (index-standards 9.9). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { keys } from '#registry/keys'
import { startApi, type Api } from '../support/api.ts'
import {
  sendParts,
  sendRefused,
  strictFields,
  uploadParts,
  type Fields,
} from '../support/upload.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const STRICT = 'ada/strict'
const USUAL = 'ada/usual'
const wheel = makeWheel('foo', '1.0')
const sdist = makeSdist('foo', '1.0')

async function startBoth(): Promise<Api> {
  const api = await startApi({ indexes: [USUAL] })
  await api.makeIndex(STRICT, { strict_uploads: true })
  return api
}

test('U4: actions that were given up are gone, and others never were', async () => {
  await using api = await startBoth()
  const ask = (action: string, index = STRICT) =>
    sendRefused(api, index, uploadParts(wheel, strictFields(wheel, { ':action': action })))

  for (const action of ['submit', 'submit_pkg_info', 'doc_upload']) {
    const reply = await ask(action)
    assert.equal(reply.status, 410)
    assert.equal(reply.reason, refuse('upload-gone', { action }).message)
  }
  assert.equal((await ask('conquer')).reason, "action 'conquer' not supported")
  assert.equal((await ask('conquer', USUAL)).status, 400)
})

test('U17: other bytes are refused with the words that clients look for, volatile or not', async () => {
  await using api = await startApi()
  const other = makeWheel('foo', '1.0', { content: 'other' })

  for (const volatile of [true, false]) {
    const index = `ada/${volatile}`
    await api.makeIndex(index, { strict_uploads: true, volatile })
    await sendParts(api, index, uploadParts(wheel, strictFields(wheel)))

    const reply = await sendRefused(api, index, uploadParts(other, strictFields(other)))
    const again = await sendParts(api, index, uploadParts(wheel, strictFields(wheel)))

    assert.equal(reply.status, 400)
    assert.match(reply.reason, /^File already exists \(foo-1\.0-py3-none-any\.whl/)
    assert.equal(again.status, 200)
  }
})

test('U18: the name of a removed file is not used again, unless the index was made anew', async () => {
  await using api = await startApi()
  await api.makeIndex(STRICT, { strict_uploads: true, volatile: true })
  const parts = uploadParts(wheel, strictFields(wheel))
  await sendParts(api, STRICT, parts)
  await api.patch(`/${STRICT}`, { as: 'ada', json: ['title=changed'] })
  await api.ledger.write('test', async (tx) => {
    tx.remove(keys.file(STRICT, 'foo', wheel.filename))
  })

  const reply = await sendRefused(api, STRICT, parts)
  await api.del(`/${STRICT}`, { as: 'ada' })
  await api.makeIndex(STRICT, { strict_uploads: true })
  const anew = await sendParts(api, STRICT, parts)

  assert.equal(reply.status, 400)
  assert.match(
    reply.reason,
    /^This filename was previously used by a file that has since been deleted/,
  )
  assert.equal(anew.status, 200)
})

test('U20: a release has one sdist', async () => {
  await using api = await startBoth()
  const second = { ...makeSdist('foo', '1.0', { content: 'other' }), filename: 'Foo-1.0.0.tar.gz' }
  const next = makeSdist('foo', '1.1')
  const send = (file: Distribution, fields?: Fields, index = STRICT) =>
    sendParts(api, index, uploadParts(file, strictFields(file, fields)))

  const replies = [
    await send(sdist),
    await send(second),
    await send(next, { version: '1.1' }),
    await send(wheel),
    await send(sdist, {}, USUAL),
    await send(second, {}, USUAL),
  ]

  const reasons = replies.map(({ reason }) => reason)
  const one = 'Only one sdist may be uploaded per release.'
  assert.deepEqual(reasons, ['OK', one, 'OK', 'OK', 'OK', 'OK'])
})

for (const status of ['archived', 'quarantined']) {
  test(`U48: a project that is ${status} takes no uploads`, async () => {
    await using api = await startBoth()
    await api.ledger.write('test', async (tx) => {
      for (const index of [STRICT, USUAL]) {
        tx.set(keys.project(index, 'foo'), { name: 'foo', status: { status } })
      }
    })
    const parts = uploadParts(wheel, strictFields(wheel))

    const reply = await sendRefused(api, STRICT, parts)
    const usual = await sendParts(api, USUAL, parts)

    const { message } = refuse('upload-project-closed', { project: 'foo', status })
    assert.deepEqual([reply.status, reply.reason], [403, message])
    assert.equal(usual.status, 200)
  })
}
