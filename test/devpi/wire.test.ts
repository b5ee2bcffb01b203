/** What differs between devpi-servers on the wire, and between their machines and ours. */
import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startDevpiPrimary, startFollowing } from '../support/devpi-primary.ts'
import { differences } from '../support/moved-site.ts'
import { makeBusyIndexes, makeChanges } from '../support/mixed-changes.ts'

/** In front of a server, which is never told that somebody takes streams. */
async function startPlainWire(target: string) {
  const server = createServer((question, response) => {
    const headers = { ...question.headers }
    const isChangelog = (question.url ?? '').startsWith('/+changelog/')
    if (isChangelog) headers.accept = 'application/octet-stream'
    const url = new URL(question.url ?? '/', target)
    const onward = request(url, { method: question.method, headers }, (answer) => {
      if (isChangelog) types.add(String(answer.headers['content-type']))
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.once('error', () => response.destroy())
    response.once('close', () => onward.destroy())
    question.pipe(onward)
  })
  const types = new Set<string>()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    types,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a devpi-server that sends lists is followed as one that sends streams', async () => {
  await using primary = await startDevpiPrimary()
  await makeBusyIndexes(primary.client)
  await makeChanges(primary.client, 16)
  await using wire = await startPlainWire(primary.server.url())

  await using yard = await startFollowing(primary, { url: wire.url })
  await yard.caughtUp()
  await makeChanges(primary.client, 8, 2)
  await yard.caughtUp()

  assert.ok(wire.types.has('application/octet-stream'), [...wire.types].join())
  assert.ok(![...wire.types].some((type) => type.includes('replica-changes')))
  assert.deepEqual(await differences(primary.server.url(), yard.app.url), [])
})

test('clocks need not agree: devpi is shown what its own says', async () => {
  await using primary = await startDevpiPrimary()
  await primary.client.makeUser('ada')

  for (const apart of [3_600_000, -3_600_000]) {
    const clock = { now: () => Date.now() + apart }
    const dir = primary.folder.join(`yard${apart}`)
    await using yard = await startFollowing(primary, { clock, dir })
    await yard.caughtUp()
    assert.equal((await yard.client.get('/ada')).status, 200)
  }
})
