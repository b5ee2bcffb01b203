/** What is no replica, and what a replica does not take over. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { LEDGER_FILE } from '#ledger/open-ledger'
import { startApi, type Api } from '../support/api.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { startPair, type Pair } from '../support/replica.ts'
import { until } from '../support/until.ts'
import { startTampering } from '../support/tampering.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { getPage, textOf } from '../support/web.ts'
import { makeWheel } from '../support/wheel.ts'

const SIMPLE = 'application/vnd.pypi.simple.v1+json'
const anchor = makeWheel('anchor', '1.0')
const fields = { name: 'anchor', version: '1.0' }

const problemOf = async ({ replica }: Pair) =>
  (await replica.get('/+status')).result.primary.problem

test('a folder with data of its own does not become a replica, nor the other way', async () => {
  await using secret = await makeSharedSecret()
  await using own = await startApi({ config: { secretFile: secret.path } })
  await using pair = await startPair()
  await pair.caughtUp()

  const start = (dir: string, primaryUrl?: string) =>
    startApi({ config: { dir, primaryUrl, secretFile: secret.path } })

  await assert.rejects(start(own.folder.path, pair.primary.app.url), /holds data of its own/)
  await assert.rejects(start(pair.replica.folder.path), /holds a replica of http/)
})

test('the data of a replica is not written to by commands either', async () => {
  await using pair = await startPair()
  await pair.caughtUp()

  await assert.rejects(
    pair.replica.ledger.write('root', async (tx) => tx.remove({ path: 'user/root' })),
    /This is a replica/,
  )
})

/** With a wire of its own, put in by giving the replica another address of its primary. */
async function startTampered() {
  await using stack = new AsyncDisposableStack()
  const pair = stack.use(await startPair())
  const tampering = stack.use(await startTampering(() => pair.primary.app.url))
  await pair.caughtUp()
  const owned = stack.move()
  return { ...pair, tampering, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

test('a change that was altered on its way is refused, its serial told, and the true one taken later', async () => {
  await using pair = await startTampered()
  const { primary, replica, tampering } = pair
  await replica.restart({ primaryUrl: tampering.url })
  await pair.caughtUp()
  const { serial } = replica
  tampering.alter = (path, piece) =>
    path.startsWith('/+changes/') ? Buffer.from(piece.map((byte) => byte ^ 1)) : piece

  await primary.makeIndex('ada/more')
  await until(async () => (await problemOf(pair))?.kind === 'altered')
  assert.equal(replica.serial, serial)
  assert.match((await problemOf(pair)).message, new RegExp(`behind serial ${serial}\\)$`))
  const page = textOf((await getPage(replica, '/+status')).text)
  assert.match(page, /Status fatal The primary is not followed: .*\(behind serial \d+\)/)

  tampering.alter = (_path, piece) => piece
  await pair.caughtUp()
  assert.deepEqual(await replica.ledger.verify(), { serials: serial + 2, broken: undefined })
  assert.equal(await problemOf(pair), null)
})

test('a change that was altered where the primary keeps it is refused by its serial, and all before it taken', async () => {
  await using pair = await startPair({ indexes: ['ada/dev', 'ada/more'] })
  const { primary, replica, wire } = pair
  await pair.caughtUp()
  await wire.cut()
  await primary.patch('/ada/more', { as: 'ada', json: ['title=true'] })
  await primary.patch('/ada/more', { as: 'ada', json: ['title=false'] })
  const altered = primary.serial
  {
    using db = new DatabaseSync(primary.folder.join(LEDGER_FILE))
    db.prepare(`UPDATE entry SET value = replace(value, 'false', 'forged') WHERE born = ?`).run(
      altered,
    )
  }
  // what it wrote itself it still knows rightly
  await primary.restart()

  await wire.join(primary.app.url)
  await replica.put('/ada/dev', { json: {} }) // which shows that there is somebody, and wakes it
  await until(async () => (await problemOf(pair))?.kind === 'altered')

  const { message } = await problemOf(pair)
  assert.match(message, new RegExp(`change ${altered} cannot be taken over: its hash does not fit`))
  assert.equal(replica.serial, altered - 1)
  // it is asked for again each time, and the alarm stays on meanwhile
  for (let tries = 0; tries < 20; tries++) {
    await replica.put('/ada/dev', { json: {} })
    assert.match(textOf((await getPage(replica, '/+status')).text), /Status fatal/)
  }
  assert.equal((await replica.get('/ada/more')).result.title, 'true')
})

test('a blob that was altered on its way is not kept nor served, and is listed until it came', async () => {
  await using pair = await startTampered()
  const { primary, replica, tampering } = pair
  tampering.alter = (path, piece) =>
    path.startsWith('/+blobs') ? Buffer.from(piece.map((byte) => byte ^ 1)) : piece
  await replica.restart({ primaryUrl: tampering.url })

  await sendFile(primary, INDEX, anchor, fields)
  await pair.complete()
  const { 'replication-errors': errors, blobs } = (await replica.get('/+status')).result
  const { pathname } = new URL(await anchorUrl(pair), `${replica.app.url}ada/dev/+simple/anchor/`)
  const broken = await replica.get(pathname, { accept: '' })
  tampering.alter = (_path, piece) => piece
  const whole = await replica.get(pathname, { accept: '' })

  const path = `file/ada/dev/anchor/${anchor.filename}`
  assert.deepEqual(Object.keys(errors), [path])
  assert.match(errors[path].message, /sent another blob than/)
  assert.equal(blobs.missing, 1)
  assert.equal(broken.status, 502)
  assert.ok(whole.bytes.equals(anchor.bytes))
})

const anchorUrl = async ({ primary }: Pair): Promise<string> =>
  (await primary.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })).json.files[0].url

test('a blob that the primary has lost stops nothing, and is listed', async () => {
  await using pair = await startPair()
  const { primary, replica, wire } = pair
  await pair.caughtUp()
  await wire.cut()
  await sendFile(primary, INDEX, anchor, fields)
  await sendFile(primary, INDEX, makeWheel('anchor', '2.0'), { name: 'anchor', version: '2.0' })
  await primary.app.store.blobs.remove(anchor.sha256)
  await wire.join(primary.app.url)

  await pair.complete()

  const { 'replication-errors': errors, blobs } = (await replica.get('/+status')).result
  const { missing, fetched } = blobs
  assert.deepEqual({ missing, fetched }, { missing: 1, fetched: 1 })
  const [told] = Object.values<{ message: string }>(errors)
  assert.match(told?.message ?? '', /has no blob/)
})

test('a replica takes nothing from a server with another secret or another history, and says so', async () => {
  await using pair = await startPair()
  await using stranger = await startPair()
  const { primary, replica, wire } = pair
  await pair.caughtUp()
  const { serial } = replica
  const meet = async (other: Api): Promise<void> => {
    await wire.cut()
    await wire.join(other.app.url)
    await replica.put('/ada/dev', { json: {} }) // which shows that there is somebody, and wakes it
  }

  await meet(stranger.primary)
  await until(async () => (await problemOf(pair))?.kind === 'refuses')
  assert.match((await problemOf(pair)).message, /not made with the secret/)

  await using parted = await startApi({
    ...{ transport: 'socket', indexes: ['bob/dev', 'bob/more', 'bob/most'] },
    config: { secretFile: pair.secretFile },
  })
  await meet(parted)
  await until(async () => /is another one here/.test((await problemOf(pair))?.message))
  await using behind = await startApi({
    transport: 'socket',
    config: { secretFile: pair.secretFile },
  })
  await meet(behind)
  await until(async () => /more than its primary/.test((await problemOf(pair))?.message))

  assert.equal(replica.serial, serial)
  await meet(primary)
  await primary.makeIndex('ada/more')
  await pair.caughtUp()
  assert.equal(await problemOf(pair), null)
})
