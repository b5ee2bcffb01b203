/** A replica of a replica: it has all that the first one has, and passes on what is changed through both. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../support/api.ts'
import { startPair } from '../support/replica.ts'
import { reached, until } from '../support/until.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const anchor = makeWheel('anchor', '1.0')
const fields = { name: 'anchor', version: '1.0' }
const SIMPLE = 'application/vnd.pypi.simple.v1+json'

async function startChain() {
  await using stack = new AsyncDisposableStack()
  const pair = stack.use(await startPair())
  await pair.caughtUp()
  const { primary, replica, secretFile } = pair
  const logins = new Map([['ada', await loginOf(primary)]])
  const last = stack.use(
    await startApi({
      ...{ transport: 'socket', logins },
      config: { secretFile, primaryUrl: replica.app.url },
    }),
  )
  const owned = stack.move()
  return { ...pair, last, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const loginOf = async (api: Awaited<ReturnType<typeof startApi>>): Promise<string> =>
  (await api.post('/+login', { json: { user: 'ada', password: 'pw' } })).result.password

test('changes and files come through the replica in between', async () => {
  await using chain = await startChain()
  const { primary, replica, last } = chain
  await sendFile(primary, INDEX, anchor, fields)
  await reached(last.ledger, primary.serial)

  const { files } = (await last.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })).json
  const { pathname } = new URL(files[0].url, `${last.app.url}ada/dev/+simple/anchor/`)
  const got = await last.get(pathname, { accept: '' })

  assert.ok(got.bytes.equals(anchor.bytes))
  for (const each of [replica, last]) {
    await until(async () => (await each.app.store.blobs.size(anchor.sha256)) !== undefined)
    const { serials, broken } = await each.ledger.verify()
    assert.deepEqual({ serials, broken }, { serials: primary.serial + 1, broken: undefined })
  }
  const { result } = await last.get('/+status')
  assert.deepEqual(result.lag, { changes: 0, seconds: 0 })
  assert.equal(result['primary-url'], replica.app.url)
})

test('an upload through both is answered when it is on the last', async () => {
  await using chain = await startChain()
  const { primary, last } = chain

  const { status, text } = await sendFile(last, INDEX, anchor, fields)

  assert.equal(status, 200, text)
  const { files } = (await last.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })).json
  assert.equal(files.length, 1)
  assert.equal((await primary.ledger.change(primary.serial))?.actor, 'ada')
})

test('with the first primary away the last replica says so to who writes, and goes on reading', async () => {
  await using chain = await startChain()
  const { last, wire } = chain
  await reached(last.ledger, chain.primary.serial)
  await wire.cut()

  const reply = await last.patch('/ada/dev', { as: 'ada', json: ['volatile=true'] })

  assert.equal(reply.status, 503)
  assert.equal((await last.get('/ada/dev')).status, 200)
})
