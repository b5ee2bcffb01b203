/** Files of a devpi-server that is followed, over a wire that holds or alters them. */
import assert from 'node:assert/strict'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startDevpiPrimary, startFollowing } from '../support/devpi-primary.ts'
import { urlOf } from '../support/upload.ts'
import { until } from '../support/until.ts'
import { makeWheel } from '../support/wheel.ts'

const large = makeWheel('large', '1.0', {
  extraFiles: { 'ballast.bin': Buffer.alloc(900_000).map((_, i) => (i * i * 31) % 251) },
})

type Answer = (answer: IncomingMessage, response: ServerResponse) => Promise<void>

/** In front of a server; `onFile` sends the answers that are files. */
async function startWire(target: string, onFile: Answer) {
  const server = createServer((question, response) => {
    const { method, headers, url = '' } = question
    const onward = request(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      if (url.includes('/+f/')) void onFile(answer, response)
      else answer.pipe(response)
    })
    onward.once('error', () => response.destroy())
    response.once('close', () => onward.destroy())
    question.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function startPrimary() {
  const primary = await startDevpiPrimary()
  await primary.client.makeUser('ada')
  await primary.client.makeIndex('ada/dev')
  await primary.client.upload('ada/dev', large, { name: 'large', version: '1.0' })
  return primary
}

test('a large file is passed on while it comes, and its last byte once all are checked', async () => {
  await using primary = await startPrimary()
  const held = Promise.withResolvers<void>()
  await using wire = await startWire(primary.server.url(), async (answer, response) => {
    let sent = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (sent > 600_000) await held.promise
      response.write(chunk)
      sent += chunk.length
    }
    response.end()
  })
  await using yard = await startFollowing(primary, { url: wire.url })
  await yard.caughtUp({ withoutFiles: true })

  const answer = await fetch(new URL(urlOf(large), yard.app.url))
  assert.equal(answer.headers.get('content-length'), String(large.bytes.length))
  const pieces: Uint8Array[] = []
  let got = 0
  for await (const piece of answer.body ?? []) {
    pieces.push(piece)
    got += piece.length
    if (got > 300_000) held.resolve() // so it came before the wire had all of it
  }
  assert.equal(Buffer.concat(pieces).compare(large.bytes), 0)
  await yard.caughtUp()
})

test('an altered file is never passed on as good, and is named', async () => {
  await using primary = await startPrimary()
  await using wire = await startWire(primary.server.url(), async (answer, response) => {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunk[0] = (chunk[0] ?? 0) ^ 1
      response.write(chunk)
    }
    response.end()
  })
  await using yard = await startFollowing(primary, { url: wire.url })
  await yard.caughtUp({ withoutFiles: true })

  const read = fetch(new URL(urlOf(large), yard.app.url)).then(async (answer) => {
    if (!answer.ok) throw new Error(`${answer.status}`)
    return answer.arrayBuffer()
  })
  await assert.rejects(read)
  await until(async () => {
    const { text } = await yard.client.get('/+status')
    return /its sha256 is [0-9a-f]{64}, and should be/.test(text)
  })
  const stored = await Array.fromAsync(yard.app.store.blobs.list())
  assert.deepEqual(stored, [])
})
