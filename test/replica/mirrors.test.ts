/** Mirrors on a replica: upstream is asked by the primary alone (devpi-replication 6). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { body, byPath, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts'
import { startPair, type Pair } from '../support/replica.ts'
import { until } from '../support/until.ts'
import { makeWheel } from '../support/wheel.ts'

const SIMPLE = 'application/vnd.pypi.simple.v1+json'
const wheel = makeWheel('anchor', '1.0')
const next = makeWheel('anchor', '2.0')

const upstreamWith = (...files: (typeof wheel)[]) =>
  byPath({
    '/simple/': body('<a href="anchor/">anchor</a>'),
    '/simple/anchor/': body(
      files.map((f) => `<a href="/f/${f.filename}#sha256=${f.sha256}">${f.filename}</a>`).join(''),
    ),
    ...Object.fromEntries(files.map((f) => [`/f/${f.filename}`, body(f.bytes)])),
  })

interface Mirrored extends Pair {
  readonly upstream: FakeUpstream
}

async function startMirrored(): Promise<Mirrored> {
  await using stack = new AsyncDisposableStack()
  const upstream = stack.use(await startFakeUpstream(upstreamWith(wheel)))
  // Patience is for a busy machine.
  const patient = { requestTimeout: 60_000, mirrorStaleFor: 0 }
  const pair = stack.use(await startPair({ indexes: [], primary: patient, replica: patient }))
  const mirror = { type: 'mirror', mirror_url: upstream.url('/simple/'), mirror_cache_expiry: 0 }
  await pair.primary.makeIndex('ada/mirror', mirror)
  await pair.caughtUp()
  const owned = stack.move()
  return { ...pair, upstream, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const listed = async ({ replica }: Pair, project = 'anchor'): Promise<string[]> => {
  const reply = await replica.get(`/ada/mirror/+simple/${project}/`, { accept: SIMPLE })
  if (reply.status === 404) return []
  return reply.json.files.map(({ filename }: { filename: string }) => filename)
}

const pathOf = async ({ replica }: Pair, file = wheel): Promise<string> => {
  const { json } = await replica.get('/ada/mirror/+simple/anchor/', { accept: SIMPLE })
  const { url } = json.files.find(
    ({ filename }: { filename: string }) => filename === file.filename,
  )
  return new URL(url, 'http://x/ada/mirror/+simple/anchor/').pathname
}

test('a project that nobody has asked for is found upstream by the primary, and is there on both', async () => {
  await using pair = await startMirrored()
  const { primary, replica, upstream } = pair

  assert.deepEqual(await listed(pair), [wheel.filename])
  assert.deepEqual(await listed(pair, 'nothing'), [])
  assert.equal(
    (await primary.ledger.change(primary.serial))?.hash,
    (await replica.ledger.change(replica.serial))?.hash,
  )

  upstream.answerWith(upstreamWith(wheel, next))
  assert.deepEqual((await listed(pair)).toSorted(), [wheel.filename, next.filename])
})

test('a mirrored file comes through the primary while both store it', async () => {
  await using pair = await startMirrored()
  const { primary, replica, upstream } = pair
  const path = await pathOf(pair)

  const metadata = await replica.get(`${path}.metadata`, { accept: '' })
  const files = await Promise.all([1, 2].map(() => replica.get(path, { accept: '' })))
  await until(async () => (await primary.app.store.blobs.size(wheel.sha256)) !== undefined)
  await pair.complete()

  assert.equal(metadata.status, 200, metadata.text)
  assert.deepEqual(metadata.bytes, wheel.metadataBytes)
  assert.ok(files.every(({ bytes }) => bytes.equals(wheel.bytes)))
  assert.equal(upstream.requestsTo(`/f/${wheel.filename}`).length, 1)
  assert.equal(await replica.app.store.blobs.size(wheel.sha256), wheel.bytes.length)
})

test('the list of names is that of the primary', async () => {
  await using pair = await startMirrored()

  const { json } = await pair.replica.get('/ada/mirror/+simple/', { accept: SIMPLE })

  assert.deepEqual(json.projects, [{ name: 'anchor' }])
})

test('a refresh through a replica is there when it is answered', async () => {
  await using pair = await startMirrored()
  const { replica, upstream } = pair
  await listed(pair)
  upstream.answerWith(upstreamWith(next))

  const refreshed = await replica.post('/ada/mirror/+simple/anchor/refresh')

  assert.equal(refreshed.status, 302, refreshed.text)
  assert.deepEqual(await listed(pair), [next.filename])
})

test('with the primary away, what was seen is still installed', async () => {
  await using pair = await startMirrored()
  const { replica, wire, primary } = pair
  const path = await pathOf(pair)
  await replica.get(path, { accept: '' })
  await replica.get(`${path}.metadata`, { accept: '' })
  await until(async () => (await primary.app.store.blobs.size(wheel.sha256)) !== undefined)
  await pair.complete()

  await wire.cut()
  await replica.restart()
  const [file, metadata] = await Promise.all([
    replica.get(path, { accept: '' }),
    replica.get(`${path}.metadata`, { accept: '' }),
  ])

  assert.deepEqual(await listed(pair), [wheel.filename])
  assert.ok(file.bytes.equals(wheel.bytes))
  assert.deepEqual(metadata.bytes, wheel.metadataBytes)
  assert.equal((await replica.get('/ada/mirror/+simple/', { accept: SIMPLE })).status, 200)
  assert.equal((await replica.get('/ada/mirror/+simple/other/', { accept: SIMPLE })).status, 502)
})

test('with the primary away, a replica that is allowed to fetches files upstream by itself, checked as ever', async () => {
  await using pair = await startMirrored()
  const { replica, wire, upstream } = pair
  const path = await pathOf(pair)
  await pair.complete()
  const isAway = async () => (await replica.get('/+status')).result.primary.problem?.kind === 'away'
  await wire.cut()

  await replica.restart({ upstreamFiles: true })
  await until(isAway)
  const altered = makeWheel('anchor', '1.0', { extraFiles: { other: Buffer.from('bytes') } })
  upstream.answerWith(byPath({ [`/f/${wheel.filename}`]: body(altered.bytes) }))
  const wrong = await replica.get(path, { accept: '' }).catch(() => undefined)
  assert.equal(await replica.app.store.blobs.size(wheel.sha256), undefined)
  assert.ok(!wrong?.bytes.equals(altered.bytes))
  upstream.answerWith(upstreamWith(wheel))
  const file = await replica.get(path, { accept: '' })

  assert.ok(file.bytes.equals(wheel.bytes))
  assert.deepEqual(await listed(pair), [wheel.filename])
  await until(async () => (await replica.app.store.blobs.size(wheel.sha256)) !== undefined)
})

test('what upstream does not have, and where it fails, is told as the primary tells it', async () => {
  await using pair = await startMirrored()
  const { primary, replica, upstream } = pair
  upstream.answerWith((_, response) => void response.writeHead(500).end())
  const ask = (api: typeof primary) => api.get('/ada/mirror/+simple/anchor/', { accept: SIMPLE })

  const [there, here] = [await ask(primary), await ask(replica)]

  assert.deepEqual([here.status, here.text], [there.status, there.text])
})

test('a mirrored file that is not here is said to be away with the primary', async () => {
  await using pair = await startMirrored()
  const { replica, wire, primary } = pair
  await replica.restart({ blobs: 'on-demand' })
  const path = await pathOf(pair)
  await primary.get(path, { accept: '' })
  await until(async () => (await primary.app.store.blobs.size(wheel.sha256)) !== undefined)
  await pair.caughtUp()

  await wire.cut()
  const isAway = async () => (await replica.get('/+status')).result.primary.problem?.kind === 'away'
  await until(isAway)
  const [file, metadata] = [
    await replica.get(path, { accept: '*/*' }),
    await replica.get(`${path}.metadata`, { accept: '*/*' }),
  ]

  for (const { status, message } of [file, metadata]) {
    assert.deepEqual([status, message], [502, 'the primary of this replica is away'])
  }
})
