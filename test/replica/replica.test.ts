/** What a replica has and shows: the same as its primary (devpi-replication 16). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { startPair, type Pair } from '../support/replica.ts'
import { until } from '../support/until.ts'
import { sendToxresult } from '../support/toxresults.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel, type Distribution } from '../support/wheel.ts'
import type { Api } from '../support/api.ts'

const anchor = makeWheel('anchor', '1.0')
const large = makeWheel('large', '1.0', {
  extraFiles: { 'ballast.bin': Buffer.alloc(900_000, 'x').map((_, i) => (i * i) % 251) },
})
const SIMPLE = 'application/vnd.pypi.simple.v1+json'

async function upload(api: Api, file: Distribution, version = '1.0'): Promise<void> {
  const [name = ''] = file.filename.split('-')
  const { status, text } = await sendFile(api, INDEX, file, { name, version })
  assert.equal(status, 200, text)
}

const fileUrl = async (api: Api, project: string): Promise<string> => {
  const { json } = await api.get(`/ada/dev/+simple/${project}/`, { accept: SIMPLE })
  return new URL(json.files[0].url, `http://x/ada/dev/+simple/${project}/`).pathname
}

/** Everything that has an address and differs by what the ledger holds. */
async function assertSame({ primary, replica }: Pair, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    for (const accept of ['application/json', 'text/html', SIMPLE]) {
      const [there, here] = await Promise.all([
        primary.get(path, { accept }),
        replica.get(path, { accept }),
      ])
      const host = (api: Api, text: string) => text.replaceAll(api.app.url, 'http://server/')
      assert.equal(here.status, there.status, path)
      assert.equal(host(replica, here.text), host(primary, there.text), `${path} as ${accept}`)
    }
  }
}

test('a replica begins with an empty folder, and shows what its primary shows', async () => {
  await using pair = await startPair({ indexes: ['ada/base', 'ada/dev'] })
  const { primary, replica } = pair
  await primary.patch('/ada/dev', { as: 'ada', json: { bases: ['ada/base'] } })
  await upload(primary, anchor)
  await sendDocs(primary, makeDocs({ 'index.html': 'Anchors' }), { name: 'anchor', version: '1.0' })
  await pair.complete()
  const path = await fileUrl(primary, 'anchor')
  await sendToxresult(primary, path)
  await pair.complete()

  await assertSame(pair, [
    ...['/', '/ada', '/ada/dev', '/ada/base', '/ada/dev/anchor', '/ada/dev/anchor/1.0'],
    ...['/ada/dev/+simple/', '/ada/dev/+simple/anchor/', '/ada/dev/anchor/1.0/+doc/index.html'],
    ...['/ada/dev/nothing', '/nobody', path],
  ])
  assert.equal((await replica.get(path, { accept: '*/*' })).bytes.compare(anchor.bytes), 0)
  assert.deepEqual(await replica.ledger.verify(), {
    serials: primary.serial + 1,
    broken: undefined,
  })
  assert.equal((await replica.ledger.change(2))?.hash, (await primary.ledger.change(2))?.hash)
})

test('pages that were shown are made anew when a change comes', async () => {
  await using pair = await startPair()
  const { primary, replica } = pair
  await upload(primary, anchor)
  await pair.caughtUp()
  const page = () => replica.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })
  assert.equal((await page()).json.files.length, 1)

  await upload(primary, makeWheel('anchor', '2.0'), '2.0')
  await pair.caughtUp()

  assert.equal((await page()).json.files.length, 2)
})

test('a file that is not here yet comes from the primary, whole or in part', async () => {
  await using pair = await startPair()
  const { primary, replica } = pair
  await upload(primary, large)
  await upload(primary, anchor)
  await pair.complete()
  const blobs = replica.app.store.blobs
  for (const file of [large, anchor]) await blobs.remove(file.sha256)
  const path = await fileUrl(primary, 'large')

  const part = await replica.get(path, { accept: '', headers: { range: 'bytes=100-199' } })
  const both = await Promise.all([1, 2].map(() => replica.get(path, { accept: '' })))
  const small = await replica.get(await fileUrl(primary, 'anchor'), { accept: '' })

  assert.deepEqual(part.bytes, large.bytes.subarray(100, 200))
  assert.ok(both.every(({ bytes }) => bytes.equals(large.bytes)))
  assert.ok(small.bytes.equals(anchor.bytes))
  for (const file of [large, anchor]) {
    await until(async () => (await blobs.size(file.sha256)) === file.bytes.length)
  }
})

test('the status of a replica tells whom it follows and how far it is', async () => {
  await using pair = await startPair()
  const { primary, replica, wire } = pair
  await upload(primary, anchor)
  await pair.complete()

  const [here, there] = await Promise.all([replica.get('/+status'), primary.get('/+status')])
  const metrics = await replica.get('/+metrics')
  const { result } = here

  assert.deepEqual(
    {
      role: result.role,
      'primary-url': result['primary-url'],
      'primary-uuid': result['primary-uuid'],
      'primary-serial': result['primary-serial'],
      serial: result.serial,
      'replication-errors': result['replication-errors'],
      primary: result.primary,
      lag: result.lag,
      blobs: result.blobs,
    },
    {
      role: 'REPLICA',
      'primary-url': wire.url(),
      'primary-uuid': there.result.uuid,
      'primary-serial': primary.serial,
      serial: primary.serial,
      'replication-errors': {},
      primary: { connected: true, problem: null },
      lag: { changes: 0, seconds: 0 },
      blobs: {
        ...{ 'changes-to-look-at': 0, missing: 0, fetched: 1 },
        ...{ kept: 'all', filter: null, 'left-out': 0 },
      },
    },
  )
  assert.equal(here.headers['x-devpi-primary-uuid'], there.result.uuid)
  assert.equal(there.result.role, 'MASTER')
  assert.deepEqual(Object.keys(there.result.polling_replicas), [result.uuid])
  assert.match(metrics.text, /^wheelyard_replication_connected 1$/m)
  assert.match(
    (await primary.get('/+metrics')).text,
    new RegExp(`^wheelyard_replication_replica_lag_changes{replica="${result.uuid}"} 0$`, 'm'),
  )
  assert.match(metrics.text, /^wheelyard_replication_lag_changes 0$/m)
})

test('a token made by the primary is good on the replica, and one of the replica on the primary', async () => {
  await using pair = await startPair()
  const { primary, replica } = pair
  const there = await primary.makeUser('bob')
  await pair.caughtUp()
  const login = { json: { user: 'bob', password: 'pw' } }

  const here = (await replica.post('/+login', login)).result.password
  const status = async (api: Api, secret: string) =>
    (await api.get('/+api', { login: { user: 'bob', secret } })).result.authstatus[0]

  assert.equal(await status(replica, there), 'ok')
  assert.equal(await status(primary, here), 'ok')
})
