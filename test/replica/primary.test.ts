/** What a primary gives to replicas, and to nobody else. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { systemClock } from '#base/clock'
import { sha256 } from '#base/digest'
import { refuse } from '#base/refusal'
import { Primary } from '#replication/primary'
import { startApi, type Api } from '../support/api.ts'
import { makeSharedSecret, openFeed, type SharedSecret } from '../support/feed.ts'

const startPrimary = ({ path }: SharedSecret): Promise<Api> =>
  startApi({ config: { secretFile: path }, transport: 'socket', indexes: ['ada/dev'] })

const MINUTE = 60_000

test('a replica gets all changes from a serial on, then each new one as it comes', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startPrimary(secret)
  const last = await api.ledger.change(api.serial)

  await using feed = await openFeed(`${api.app.url}+changes/0-`, secret)
  const first = await feed.changes(api.serial + 1)
  await api.makeIndex('ada/more')
  const [more] = await feed.changes(1)

  const { uuid } = (await api.get('/+status')).result
  assert.deepEqual(feed.hello, { wire: 1, uuid, serial: last?.serial, epoch: 1 })
  assert.deepEqual(first.at(-1), last)
  assert.deepEqual(
    first.map(({ serial }) => serial),
    first.map((_, serial) => serial),
  )
  assert.equal(more?.entries[0]?.path, 'index/ada/more')
})

test('a stream begins where a replica is, and at no serial where it cannot be', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startPrimary(secret)
  const { serial, hash } = (await api.ledger.change(api.serial))!
  const headers = { authorization: `Bearer ${secret.tokens.issue('r')}` }

  await using feed = await openFeed(`${api.app.url}+changes/${serial + 1}-?after=${hash}`, secret)
  const ahead = await api.get(`/+changes/${serial + 2}-?after=${hash}`, { headers })
  const parted = await api.get(`/+changes/${serial}-?after=${hash}`, { headers })
  const odd = await api.get('/+changes/1', { headers })

  assert.equal(feed.hello.serial, serial)
  assert.deepEqual([ahead.status, parted.status, odd.status], [409, 409, 404])
  assert.equal(ahead.message, refuse('changes-ahead', { serial: serial + 1 }).message)
  assert.equal(parted.message, refuse('changes-parted', { serial: serial - 1 }).message)
})

test('the status tells who follows, and where each of them is', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startPrimary(secret)

  await using feed = await openFeed(`${api.app.url}+changes/0-`, secret)
  await feed.changes(api.serial + 1)

  const { 'a-replica': replica } = (await api.get('/+status')).result.polling_replicas
  const { 'last-request': _at, ...told } = replica
  assert.deepEqual(told, {
    'remote-ip': '127.0.0.1',
    serial: api.serial,
    'in-request': true,
    'is-streaming': true,
    'outside-url': null,
  })
})

test('a primary that stops keeps nobody waiting for its replicas', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startPrimary(secret)
  await using feed = await openFeed(`${api.app.url}+changes/0-`, secret)

  const restarted = api.restart()
  await feed.ended()
  await restarted
})

test('blobs are given by their digest, whole or in part', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startPrimary(secret)
  const staged = await api.app.store.blobs.stage(
    (async function* () {
      yield Buffer.from('some bytes')
    })(),
  )
  await staged.keep()
  const headers = { authorization: `Bearer ${secret.tokens.issue('r')}` }
  const path = `/+blobs/${staged.digest}`

  const whole = await api.get(path, { headers })
  const part = await api.get(path, { headers: { ...headers, range: 'bytes=5-' } })
  const missing = await api.get(`/+blobs/${'0'.repeat(64)}`, { headers })
  const odd = await api.get('/+blobs/abc', { headers })

  assert.deepEqual([whole.text, part.text], ['some bytes', 'bytes'])
  assert.equal(whole.headers['cache-control'], 'private, no-store')
  assert.deepEqual([missing.status, odd.status], [404, 404])
  assert.equal(missing.message, refuse('blob-missing', { digest: '0'.repeat(64) }).message)
})

test('small blobs are given together, and what is large or missing is passed over', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startPrimary(secret)
  const { blobs } = api.app.store
  const keep = async (bytes: Buffer) => {
    const staged = await blobs.stage(Readable.from([bytes]))
    await staged.keep()
    return staged.digest
  }
  const small = [Buffer.from('some bytes'), Buffer.alloc(0), Buffer.alloc(64 * 1024, 'x')]
  const digests = await Promise.all(small.map(keep))
  const large = await keep(Buffer.alloc(64 * 1024 + 1))
  const asked = [large, '0'.repeat(64), ...digests]
  await using primary = new Primary({
    ...{ url: api.app.url, uuid: 'r', outsideUrl: undefined, userAgent: 'test' },
    tokens: secret.tokens,
    connections: { connectTimeoutMs: 5_000, stallTimeoutMs: 5_000 },
  })
  const headers = { authorization: `Bearer ${secret.tokens.issue('r')}` }
  const post = (json: unknown) => api.post('/+blobs', { headers, json })

  const sent = await Array.fromAsync(primary.openSmallBlobs(asked, AbortSignal.timeout(10_000)))
  const odd = [await post(['abc']), await post({}), await post(Array(257).fill(large))]

  assert.deepEqual(
    sent.map(({ digest }) => digest),
    digests,
  )
  assert.deepEqual(
    sent.map(({ bytes }) => sha256(bytes)),
    digests,
  )
  assert.deepEqual(
    odd.map(({ status }) => status),
    [400, 400, 400],
  )
  assert.equal((await api.post('/+blobs', { json: [large] })).status, 403)
})

test('without a token of the same secret nobody gets anything, root included', async () => {
  await using secret = await makeSharedSecret()
  await using other = await makeSharedSecret()
  await using api = await startPrimary(secret)
  const login = { user: 'ada', secret: await api.makeUser('bob') }
  const apart = (ms: number) => secret.tokensAt(systemClock.now() + ms).issue('r')
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

  for (const path of ['/+changes/0-', `/+blobs/${'0'.repeat(64)}`]) {
    for (const [options, refusal] of [
      [{}, refuse('replica-token-missing')],
      [{ as: 'root' }, refuse('replica-token-missing')],
      [{ login }, refuse('replica-token-missing')],
      [bearer(login.secret), refuse('replica-token-wrong')],
      [bearer(other.tokens.issue('r')), refuse('replica-token-wrong')],
      [bearer(apart(-30 * MINUTE)), refuse('replica-clock', { minutes: 30, isBehind: true })],
      [bearer(apart(30 * MINUTE)), refuse('replica-clock', { minutes: 30, isBehind: false })],
    ] as const) {
      const reply = await api.get(path, options)
      assert.deepEqual([reply.status, reply.message], [403, refusal.message])
    }
  }
})

test('a server that was replaced feeds nobody, and takes no changes', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startPrimary(secret)
  await using feed = await openFeed(`${api.app.url}+changes/0-`, secret)
  const elsewhere = { epoch: 2, url: 'https://new.example.org/' }
  await api.ledger.raiseFence({ ...elsewhere, at: 0 })

  const changes = await api.get('/+changes/0-', {
    headers: { authorization: `Bearer ${secret.tokens.issue('r')}` },
  })
  const user = await api.put('/bob', { json: { password: 'pw' } })
  await api.restart()
  await feed.ended()
  const again = await api.put('/bob', { json: { password: 'pw' } })

  assert.deepEqual(
    [changes.status, changes.message],
    [409, refuse('feed-fenced', elsewhere).message],
  )
  for (const { status, reason } of [user, again]) {
    assert.deepEqual([status, reason], [503, refuse('fenced', elsewhere).message])
  }
  assert.equal((await api.get('/ada/dev')).status, 200)
})

test('a server without a secret file feeds no replica', async () => {
  await using secret = await makeSharedSecret()
  await using api = await startApi()

  const reply = await api.get('/+changes/0-', {
    headers: { authorization: `Bearer ${secret.tokens.issue('r')}` },
  })

  assert.deepEqual([reply.status, reply.message], [403, 'Replication protocol disabled'])
})
