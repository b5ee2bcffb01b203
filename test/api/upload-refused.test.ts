/** Who may upload where, and how a refusal reaches whoever publishes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi } from '../support/api.ts'
import {
  INDEX,
  findEntry,
  plainFields,
  sendFile,
  sendForm,
  sendParts,
  sendRefused,
  uploadParts,
} from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')

// devpi-http 12: 65
test('the error body is text, a page or JSON, as the client likes it', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const parts = uploadParts(wheel, plainFields({ sha256_digest: 'x' }))
  const uvPublish = 'application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7'

  const types = await Promise.all(
    [uvPublish, '*/*', 'text/plain'].map(async (accept) => {
      const reply = await sendParts(api, INDEX, parts, { accept })
      assert.match(reply.text, /sha256_digest: must be 64 hexadecimal digits/)
      return reply.headers['content-type']
    }),
  )

  assert.deepEqual(types, [
    'application/json',
    'text/html; charset=UTF-8',
    'text/plain; charset=UTF-8',
  ])
})

// devpi-http 12: 67
test('U5, U52: the address may lack its slash, and the query may have the action', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const type = 'multipart/form-data; boundary=B'
  const body = [...uploadParts(wheel, plainFields({ ':action': undefined }))]
    .map(({ name, value, filename }) => {
      const file = filename === undefined ? '' : `; filename="${filename}"`
      return `--B\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${Buffer.from(value as string).toString('latin1')}\r\n`
    })
    .join('')

  const reply = await api.post(`/${INDEX}?:action=file_upload`, {
    as: 'ada',
    headers: { 'content-type': type },
    body: Buffer.from(`${body}--B--\r\n`, 'latin1'),
  })
  const other = await api.post(`/${INDEX}?:action=conquer`, {
    as: 'ada',
    headers: { 'content-type': type },
    body: Buffer.from(`${body}--B--\r\n`, 'latin1'),
  })

  assert.equal(reply.reason, 'OK')
  assert.equal(other.reason, "action 'conquer' not supported")
})

test('U46: a file over the limit is refused while it comes in', async () => {
  await using api = await startApi({ indexes: [INDEX], config: { maxUploadSize: 1000 } })
  const large = { ...wheel, bytes: Buffer.alloc(1001) }

  const reply = await sendRefused(api, INDEX, uploadParts(large, plainFields()))
  const fits = await sendFile(api, INDEX, wheel)

  const { message } = refuse('upload-too-large', { filename: wheel.filename, limit: 1000 })
  assert.deepEqual([reply.status, reply.reason], [413, message])
  assert.equal(fits.status, 200)
})

test('U53: a body that is no form is refused', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { serial } = api

  for (const type of [
    'application/octet-stream',
    'multipart/mixed; boundary=x',
    'text/plain',
    '',
  ]) {
    const reply = await sendForm(api, INDEX, { type, body: wheel.bytes })
    assert.deepEqual([reply.status, reply.reason], [415, refuse('upload-not-multipart').message])
  }
  const noBoundary = await sendForm(api, INDEX, { type: 'multipart/form-data', body: wheel.bytes })
  assert.equal(noBoundary.status, 415)
  assert.equal(api.serial, serial)
})

// devpi-http 12: 63, 64, 62
test('U1, U2: only who is listed may upload, and the others learn why', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await api.makeUser('bob')
  const parts = uploadParts(wheel, plainFields())
  const ask = (login?: { user: string; secret: string }) =>
    sendRefused(api, INDEX, parts, { as: undefined as never, ...(login && { login }) })

  const nobody = await ask()
  const wrong = await ask({ user: 'ada', secret: 'nonsense' })
  const bob = await sendRefused(api, INDEX, parts, { as: 'bob' })
  const root = await sendRefused(api, INDEX, parts, { as: 'root' })

  assert.deepEqual([nobody.status, wrong.status], [401, 401])
  assert.match(nobody.headers['www-authenticate'] ?? '', /^Basic realm="/)
  assert.ok(nobody.text.includes(refuse('upload-unauthenticated').message))
  assert.ok(wrong.text.includes(refuse('upload-login-wrong').message))
  const { message } = refuse('upload-forbidden')
  assert.deepEqual([bob.status, bob.reason], [403, message])
  assert.deepEqual([root.status, root.reason], [403, message])
})

test('everyone may upload where the index lets everyone', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { acl_upload: [':ANONYMOUS:'] })

  const reply = await sendParts(api, INDEX, uploadParts(wheel, plainFields()), {
    as: undefined as never,
  })

  assert.equal(reply.status, 200)
  assert.equal((await findEntry(api, wheel.filename))?.log?.[0]?.who, null)
})

// devpi-http 12: 68
test('there is no uploading to a mirror, or to an index that is not there', async () => {
  await using api = await startApi()
  await api.makeIndex('ada/mirror', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' })
  const parts = uploadParts(wheel, plainFields())

  const mirror = await sendRefused(api, 'ada/mirror', parts)
  const missing = await sendRefused(api, 'ada/none', parts, { accept: 'application/json' })

  assert.deepEqual([mirror.status, mirror.reason], [404, refuse('upload-to-mirror').message])
  assert.equal(missing.status, 404)
  assert.equal(missing.message, refuse('index-missing', { index: 'ada/none' }).message)
})
