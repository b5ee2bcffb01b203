/** Releases that Wheelyard itself uploads to other servers, of three kinds. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { makePip, twine } from '../support/clients.ts'
import { devpiAuth, PASSWORD } from '../support/devpi-api.ts'
import { assertDone } from '../support/installers.ts'
import { startFakeUpstream } from '../support/fake-upstream.ts'
import { forgetPeak, peakMemory, residentMemory } from '../support/process-memory.ts'
import { makeUploader } from '../support/uploader.ts'
import { startDevpiServer, startPypiserver } from '../support/upstream.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const wheel = makeWheel('anchor', '1.0', { requiresPython: '>=3.8', summary: 'Holds' })
const sdist = makeSdist('anchor', '1.0', { requiresPython: '>=3.8', summary: 'Holds' })

let yard: Yard
before(async () => {
  yard = await startYard({ stages: ['ada/dev'] })
  assertDone(await twine.upload([wheel, sdist], yard.url('ada/dev/')))
})
after(() => yard[Symbol.asyncDispose]())

interface Pushed {
  readonly status: number
  /** Of each file: the status, and what was said. */
  readonly files: readonly (readonly [number, string])[]
}

async function push(posturl: string, password = PASSWORD, name = 'anchor'): Promise<Pushed> {
  const body = { name, version: '1.0', posturl, username: 'bob', password }
  const headers = { ...devpiAuth({ user: 'ada', secret: PASSWORD }), accept: 'application/json' }
  const answer = await fetch(yard.url('ada/dev'), {
    method: 'PUSH',
    headers,
    body: JSON.stringify(body),
  })
  const { result } = (await answer.json()) as { result: [number, string, string, string][] }
  return { status: answer.status, files: result.map(([status, , , text]) => [status, text]) }
}

const done: Pushed = {
  status: 200,
  files: [
    [200, ''],
    [200, ''],
  ],
}

// devpi-http 12: 132
test('pypiserver takes a release, and says so when it has it already', async () => {
  await using server = await startPypiserver()
  await using pip = await makePip()

  assert.deepEqual(await push(server.url('/')), done)
  const again = await push(server.url('/'))

  assert.equal(again.status, 502)
  assert.deepEqual(
    again.files.map(([status]) => status),
    [409, 409],
  )
  assertDone(await pip.install('anchor==1.0', server.url('simple/')))
})

// devpi-http 12: 132
test('devpi-server takes a release with its metadata', async () => {
  await using server = await startDevpiServer({ stages: ['bob/prod'] })

  assert.deepEqual(await push(server.url('bob/prod/')), done)
  const refused = await push(server.url('bob/prod/'), 'wrong')

  assert.deepEqual(
    refused.files.map(([status]) => status),
    [401, 401],
  )
  const answer = await fetch(server.url('bob/prod/anchor/1.0'), {
    headers: { accept: 'application/json' },
  })
  const { result } = (await answer.json()) as { result: Record<string, unknown> }
  assert.deepEqual([result['summary'], result['requires_python']], ['Holds', '>=3.8'])
})

// devpi-http 12: 132
test('a Wheelyard with strict uploads takes a release, and the same again', async () => {
  const strict = { name: 'bob/prod', volatile: false, strict_uploads: true }
  await using server = await startYard({ stages: [strict] })

  assert.deepEqual(await push(server.url('bob/prod/')), done)
  assert.deepEqual(await push(server.url('bob/prod/')), done)

  assert.doesNotMatch(yard.log, new RegExp(Buffer.from(`bob:${PASSWORD}`).toString('base64')))
})

test('a large file is sent piece by piece', async () => {
  const ballast = randomBytes(80_000_000)
  const large = makeWheel('large', '1.0', { extraFiles: { 'ballast.bin': ballast } })
  using uploader = makeUploader()
  const upload = await uploader.upload(yard.url('ada/dev/'), large)
  assert.equal(upload.status, 200, upload.text)
  let received = 0
  await using server = await startFakeUpstream((request, response) => {
    request.on('data', (chunk: Buffer) => (received += chunk.length))
    request.on('end', () => response.end())
  })
  const before = await residentMemory(yard.pid)
  await forgetPeak(yard.pid)

  const { status } = await push(server.url('/'), PASSWORD, 'large')

  assert.equal(status, 200)
  assert.ok(received > large.bytes.length)
  const growth = (await peakMemory(yard.pid)) - before
  assert.ok(growth < 50e6, `grew by ${growth} bytes`)
})
