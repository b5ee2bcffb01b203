/** A replica that is stopped while blobs are on their way gets them after the next start. */
import assert from 'node:assert/strict'
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startPair } from '../support/replica.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { until } from '../support/until.ts'
import { makeWheel } from '../support/wheel.ts'

/** A replica asks for so many at once. The last one waits for its turn, which it gets when all others are broken off. */
const AT_ONCE = 16

const wheels = Array.from({ length: AT_ONCE + 1 }, (_, at) => makeWheel('anchor', `${at}.0`))

test('blobs that were on their way when a replica stopped are there after its next start', async () => {
  await using pair = await startPair()
  const { primary, replica } = pair
  await pair.caughtUp()
  let asked = 0
  // as a primary that gives none together; it gives everything but blobs, which it only begins to
  const stalling = createServer((request, response) => {
    if (request.url === '/+blobs') return void response.writeHead(404).end()
    if (request.url?.startsWith('/+blobs/')) return void (asked += 1)
    const { method, headers, url = '/' } = request
    const onward = ask(new URL(url, primary.app.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.once('error', () => response.destroy())
    response.once('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => stalling.listen(0, '127.0.0.1', resolve))
  const { port } = stalling.address() as AddressInfo
  await replica.restart({ primaryUrl: `http://127.0.0.1:${port}` })
  for (const wheel of wheels) {
    const version = wheel.filename.split('-')[1] ?? ''
    await sendFile(primary, INDEX, wheel, { name: 'anchor', version })
  }
  await pair.caughtUp()
  await until(async () => asked === AT_ONCE)

  await replica.restart()
  await pair.complete()

  const { blobs } = replica.app.store
  for (const wheel of wheels) assert.equal(await blobs.size(wheel.sha256), wheel.bytes.length)
  stalling.closeAllConnections()
  stalling.close()
})
