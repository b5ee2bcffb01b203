/** Uploads over a real connection: credentials before the body, chunks, and clients that go away. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, watch } from 'node:fs/promises'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api } from '../support/api.ts'
import { INDEX, listFiles, makeForm, plainFields, stateOf, uploadParts } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')
const form = makeForm(uploadParts(wheel, plainFields()))
const basic = (password: string) => `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`
const RIGHT = { authorization: basic('pw') }

function open(api: Api, headers: Record<string, string | number>): ClientRequest {
  const options = { method: 'POST', headers: { 'content-type': form.type, ...headers } }
  return request(new URL(`${INDEX}/`, api.app.url), options)
}

async function answerOf(sending: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  await answer.toArray()
  return answer
}

test('U57: a client that waits for 100 Continue with a wrong password never sends its body', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const expecting = { expect: '100-continue', 'content-length': form.body.length }
  let continued = 0

  const wrong = open(api, { ...expecting, authorization: basic('nonsense') })
  wrong.on('continue', () => continued++).flushHeaders()
  const refused = await answerOf(wrong)
  const right = open(api, { ...expecting, ...RIGHT })
  right.on('continue', () => right.end(form.body)).flushHeaders()
  const taken = await answerOf(right)
  wrong.destroy()

  assert.deepEqual([refused.statusCode, continued], [401, 0])
  assert.equal(taken.statusCode, 200)
})

test('a body that is far too large is refused before it is sent', async () => {
  const limit = 1000
  await using api = await startApi({ indexes: [INDEX], config: { maxUploadSize: limit } })
  const before = await stateOf(api)

  const sending = open(api, { ...RIGHT, expect: '100-continue', 'content-length': 1e12 })
  sending.on('continue', () => assert.fail('asked for the body')).flushHeaders()
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  const text = Buffer.concat(await answer.toArray()).toString()
  sending.destroy()

  assert.equal(answer.statusCode, 413)
  assert.ok(text.includes(refuse('body-too-large', { limit }).message))
  assert.deepEqual(await stateOf(api), before)
})

test('who may not upload is told so, however much is sent unasked', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const large = Buffer.alloc(4 * 1024 * 1024)

  const sending = open(api, { 'content-length': large.length })
  sending.end(large)
  const answer = await answerOf(sending)

  assert.equal(answer.statusCode, 401)
})

test('a body may come in chunks, without a length', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  const sending = open(api, RIGHT)
  for (let i = 0; i < form.body.length; i += 97) sending.write(form.body.subarray(i, i + 97))
  sending.end()
  const answer = await answerOf(sending)

  assert.equal(answer.statusCode, 200)
  assert.equal((await listFiles(api))[0].hashes.sha256, wheel.sha256)
})

/** Resolves once the folder of what is coming in has, or has no longer, a file. */
async function untilStaged(api: Api, isThere: boolean): Promise<void> {
  const folder = api.folder.join('blobs', 'tmp')
  const watching = new AbortController()
  const changes = watch(folder, { signal: watching.signal })
  // The watch begins with its first step; what was there before is looked at after that.
  const next = changes.next()
  const isAsWanted = async () => (await readdir(folder)).length > 0 === isThere
  try {
    if (await isAsWanted()) return
    await next
    while (!(await isAsWanted())) await changes.next()
  } finally {
    watching.abort()
    await next.catch(() => {})
  }
}

for (const [how, headers] of [
  ['with a length', { 'content-length': '10000000' }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
] as const) {
  test(`U56: a connection lost in a body ${how} leaves nothing`, async () => {
    await using api = await startApi({ indexes: [INDEX] })
    const before = await stateOf(api)
    const large = { ...wheel, bytes: Buffer.alloc(5_000_000) }
    const { body, type } = makeForm(uploadParts(large, plainFields()))
    const { hostname, port } = new URL(api.app.url)
    const [name, value] = Object.entries(headers)[0]!
    const socket = connect(Number(port), hostname)
    const head = [
      `POST /${INDEX}/ HTTP/1.1`,
      `Host: ${hostname}`,
      `Content-Type: ${type}`,
      `Authorization: ${RIGHT.authorization}`,
      `${name}: ${value}`,
    ]

    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    if (name === 'transfer-encoding') socket.write('400000\r\n')
    socket.write(body.subarray(0, 1_000_000))
    await untilStaged(api, true)
    socket.destroy()
    await untilStaged(api, false)

    assert.deepEqual(await stateOf(api), before)
    assert.equal(await listFiles(api), 404)
  })
}

test('a form that ends early is refused', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const before = await stateOf(api)
  const cut = form.body.subarray(0, form.body.length - 100)

  const sending = open(api, { ...RIGHT, 'content-length': cut.length })
  sending.end(cut)
  const answer = await answerOf(sending)

  assert.equal(answer.statusCode, 400)
  assert.match(answer.statusMessage ?? '', /^The form is broken/)
  assert.deepEqual(await stateOf(api), before)
})
