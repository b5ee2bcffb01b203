/** A primary of a later version than its replica: the replica says so and keeps what it has. */
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { CHANGE_FORMAT, hashChange, type Change } from '#ledger/change'
import { printChange } from '#replication/change-text'
import { WIRE_VERSION } from '#replication/feeds'
import { FrameWriter } from '#replication/frames'
import { startApi, type Api } from '../support/api.ts'
import { makeSharedSecret, type SharedSecret } from '../support/feed.ts'
import { startPair, type Pair } from '../support/replica.ts'
import { until } from '../support/until.ts'

/** What a primary sends to whoever asks from a serial on. */
type Telling = (frames: FrameWriter, from: number) => readonly Buffer[]

/** A server that speaks as ours, of whatever version. */
async function startTeller(secret: Pick<SharedSecret, 'tokens'>, tell: Telling) {
  const answers = new Set<ServerResponse>()
  const server = createServer(({ url = '', headers }, response) => {
    const token = headers.authorization?.replace('Bearer ', '') ?? ''
    const from = Number(/\+changes\/(\d+)-/.exec(url)?.[1])
    response.writeHead(200, { 'content-type': 'application/vnd.wheelyard.changes' })
    const frames = new FrameWriter(secret.tokens.streamKey(token))
    response.write(Buffer.concat(tell(frames, from)))
    answers.add(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const answer of answers) answer.destroy()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const hello = (frames: FrameWriter, wire: number, serial: number): Buffer =>
  frames.write('H', JSON.stringify({ wire, uuid: 'a-later-primary', serial, epoch: 1 }))

const problemOf = async (replica: Api) => (await replica.get('/+status')).result.primary.problem

test('a replica does not read a stream in a later version, and says so', async () => {
  await using secret = await makeSharedSecret()
  await using later = await startTeller(secret, (frames) => [hello(frames, WIRE_VERSION + 1, 7)])
  const config = { secretFile: secret.path, primaryUrl: later.url }
  await using replica = await startApi({ config })

  await until(async () => (await problemOf(replica)) !== null)

  const { kind, message } = await problemOf(replica)
  assert.equal(kind, 'newer')
  assert.equal(
    message,
    'the primary is of another version: its stream is in version 2, and this server knows 1; upgrade it',
  )
  const page = await replica.get('/+status', { accept: 'text/html' })
  assert.match(page.text, /The primary is not followed: the primary is of another version/)
})

test('a replica takes over changes up to one in a later format, stays there, and serves them', async () => {
  await using pair = await startPair()
  const { replica } = pair
  await pair.caughtUp()
  const known = await nextChange(pair, replica.serial, CHANGE_FORMAT)
  const unknown = await nextChange(pair, known.serial, CHANGE_FORMAT + 1, known.hash)
  const tell: Telling = (frames, from) => [
    hello(frames, WIRE_VERSION, unknown.serial),
    ...[known, unknown]
      .filter(({ serial }) => serial >= from)
      .map((change) => frames.write('C', printChange(change))),
  ]
  await using secret = await makeSharedSecret()
  await using later = await startTeller(secret, tell)

  await replica.restart({ primaryUrl: later.url, secretFile: secret.path })
  await until(async () => (await problemOf(replica))?.kind === 'newer')

  assert.match((await problemOf(replica)).message, /change \d+ is in format 2, and this server/)
  assert.equal(replica.serial, known.serial)
  assert.equal((await replica.get('/ada/dev')).status, 200)
  await replica.restart({ primaryUrl: later.url, secretFile: secret.path })
  await until(async () => (await problemOf(replica))?.kind === 'newer')
  assert.equal(replica.serial, known.serial)
  assert.deepEqual(await replica.ledger.verify(), { serials: known.serial + 1, broken: undefined })
})

/** As the primary could have written it behind `after`. */
async function nextChange(
  { primary }: Pair,
  after: number,
  format: number,
  hash?: string,
): Promise<Change> {
  const before = hash ?? (await primary.ledger.change(after))!.hash
  const entries = [{ path: 'user/known', value: String(format) }]
  const change = { serial: after + 1, at: 1, actor: 'root', epoch: 1, format, entries }
  return { ...change, hash: hashChange(before, change) }
}
