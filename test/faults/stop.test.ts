/** How a server is stopped: what runs is finished, within a bound, and nothing new begins. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { ada } from '../support/client.ts'
import { assertWhole, listFiles } from '../support/listed-files.ts'
import { openSocket } from '../support/raw-socket.ts'
import { basicAuth, makeUploader, uploadForm } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

/** More than any socket takes of what nobody reads. */
const large = makeWheel('large', '1.0', { extraFiles: { 'ballast.bin': randomBytes(20_000_000) } })
const fresh = makeWheel('fresh', '1.0', { extraFiles: { 'ballast.bin': randomBytes(100_000) } })

test('SIGTERM lets an upload and a download finish, and lets nothing new begin', async () => {
  await using yard = await startLoadedYard('60s')
  const upload = await beginUpload(yard)
  const download = await beginDownload(yard)
  const idle = await openSocket(yard.url())

  const ended = yard.kill('SIGTERM')
  await once(idle, 'close')
  await assert.rejects(openSocket(yard.url()), { code: 'ECONNREFUSED' })

  const answer = await upload.finish()
  const bytes = await readAll(download)
  assert.equal(answer, 200)
  assert.equal(bytes, large.bytes.length)
  assert.equal(await ended, 0, yard.log)

  await yard.restart()
  const files = await listFiles(yard.url('ada/dev/+simple/fresh/'))
  assert.equal(files.length, 1)
  await assertWhole(files)
  await verifyStore(yard.folder)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`after ${signal} what does not finish in time is cut off, and nothing of it is kept`, async () => {
    await using yard = await startLoadedYard('200ms')
    const upload = await beginUpload(yard)
    const download = await beginDownload(yard)

    const code = await yard.kill(signal)

    assert.equal(code, 0, yard.log)
    await assert.rejects(upload.finish())
    await assert.rejects(readAll(download))
    await yard.restart()
    assert.deepEqual(await listFiles(yard.url('ada/dev/+simple/fresh/')), [])
    await verifyStore(yard.folder)
  })
}

test('a second signal ends it at once, with the code of that signal', async () => {
  await using yard = await startLoadedYard('60s')
  const download = await beginDownload(yard)
  const idle = await openSocket(yard.url())

  const first = yard.kill('SIGTERM')
  await once(idle, 'close') // it has heard the first
  const second = await yard.kill('SIGINT')

  assert.equal(second, 130, yard.log)
  assert.equal(await first, 130)
  await assert.rejects(readAll(download))
})

async function startLoadedYard(drainTimeout: string): Promise<Yard> {
  const yard = await startYard({ stages: ['ada/dev'], args: ['--drain-timeout', drainTimeout] })
  using uploader = makeUploader()
  const upload = await uploader.upload(yard.url('ada/dev/'), large)
  assert.equal(upload.status, 200, upload.text)
  return yard
}

interface BegunUpload {
  /** Sends the rest. Resolves with the status of the answer. */
  finish(): Promise<number | undefined>
}

/** Half of it; the server has begun to take it. */
async function beginUpload(yard: Yard): Promise<BegunUpload> {
  const { type, body } = uploadForm(fresh)
  const half = body.length / 2
  const outgoing = request(yard.url('ada/dev/'), {
    method: 'POST',
    headers: {
      authorization: basicAuth(ada),
      'content-type': type,
      'content-length': body.length,
      expect: '100-continue',
    },
  })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  answered.catch(() => {}) // whoever finishes it is told
  outgoing.flushHeaders()
  await once(outgoing, 'continue')
  await sent(outgoing, body.subarray(0, half))
  return {
    async finish() {
      outgoing.end(body.subarray(half))
      const [answer] = await answered
      answer.resume()
      return answer.statusCode
    },
  }
}

const sent = (outgoing: ClientRequest, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => outgoing.write(bytes, () => resolve()))

/** Its head has come; of the body nothing is read before somebody asks for it. */
async function beginDownload(yard: Yard): Promise<IncomingMessage> {
  const [file] = await listFiles(yard.url('ada/dev/+simple/large/'))
  const outgoing = request(file?.url ?? '').end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  assert.equal(answer.statusCode, 200)
  return answer
}

/** How many bytes came. */
async function readAll(answer: IncomingMessage): Promise<number> {
  let size = 0
  for await (const chunk of answer) size += (chunk as Buffer).length
  return size
}
