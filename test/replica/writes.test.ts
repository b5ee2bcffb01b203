/** Changes that are sent to a replica: done by the primary, and answered once they are here too (devpi-replication 7). */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { startPair } from '../support/replica.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const SIMPLE = 'application/vnd.pypi.simple.v1+json'
const anchor = makeWheel('anchor', '1.0')
const fields = { name: 'anchor', version: '1.0' }

test('what is changed through a replica is there on both as soon as it is answered', async () => {
  await using pair = await startPair({ indexes: [] })
  const { primary, replica } = pair
  const listed = async (api: typeof replica): Promise<number> =>
    (await api.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })).json.files?.length ?? 0

  await replica.makeIndex('ada/dev', { volatile: true })
  await replica.makeIndex('ada/more')
  const upload = await sendFile(replica, INDEX, anchor, fields)
  const [here, there] = [await listed(replica), await listed(primary)]
  await sendDocs(replica, makeDocs({ 'index.html': 'Anchors' }), fields)
  const docs = await replica.get('/ada/dev/anchor/1.0/+doc/index.html')
  const pushed = await replica.post('/ada/dev', {
    as: 'ada',
    json: { name: 'anchor', version: '1.0', targetindex: 'ada/more' },
  })
  const removed = await replica.del('/ada/dev/anchor', { as: 'ada' })
  const nobody = await replica.del('/ada/dev', {})

  assert.equal(upload.status, 200, upload.text)
  assert.deepEqual([here, there], [1, 1])
  assert.equal(docs.text, 'Anchors')
  assert.equal(pushed.status, 200, pushed.text)
  assert.equal(removed.status, 200, removed.text)
  assert.equal(removed.headers['x-devpi-proxy'], 'replica')
  assert.ok(Number(upload.headers['x-devpi-serial']) <= replica.serial)
  assert.equal((await replica.get('/ada/dev/anchor')).status, 404)
  assert.equal(nobody.status, (await primary.del('/ada/dev', {})).status)
})

test('status, reason, body and places come as the primary says them, with the address of the replica', async () => {
  await using pair = await startPair()
  const { primary, replica } = pair
  await pair.caughtUp()
  const bad = makeWheel('anchor', '2.0')

  for (const [method, path, options] of [
    ['PUT', '/ada', { json: {} }],
    ['PATCH', '/ada/dev', { json: { bases: ['no/such'] } }],
    ['DELETE', '/ada/dev/nothing', {}],
    ['POST', '/ada/dev/+simple/nothing/refresh', {}],
    ['POST', '/ada/dev', { body: '<methodCall/>', headers: { 'content-type': 'text/xml' } }],
  ] as const) {
    const ask = (api: typeof replica) => api.ask(method, path, { as: 'root', ...options })
    const [there, here] = [await ask(primary), await ask(replica)]
    assert.deepEqual(
      [here.status, here.reason, here.text.replaceAll(replica.app.url, primary.app.url)],
      [there.status, there.reason, there.text],
      `${method} ${path}`,
    )
  }
  const refused = await sendFile(replica, INDEX, bad, fields)
  assert.equal(refused.status, 400)
  assert.match(refused.reason, /2\.0/)
})

test('two who change the same through two servers each see their own, and no change is lost', async () => {
  await using pair = await startPair()
  const { primary, replica } = pair
  const upload = (api: typeof replica, version: string) =>
    sendFile(api, INDEX, makeWheel('anchor', version), { name: 'anchor', version })
  await pair.caughtUp()
  await Promise.all(
    [1, 2, 3, 4].flatMap((n) => [
      upload(primary, `1.${n}`),
      (async () => {
        const { status, text } = await upload(replica, `2.${n}`)
        assert.equal(status, 200, text)
        const { json } = await replica.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })
        assert.ok(json.versions.includes(`2.${n}`))
      })(),
    ]),
  )
  await pair.caughtUp()

  const versions = async (api: typeof replica): Promise<string[]> =>
    (await api.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })).json.versions
  assert.equal((await versions(primary)).length, 8)
  assert.deepEqual(await versions(replica), await versions(primary))
})

test('a large upload is passed on as it comes, and comes back whole', async () => {
  await using pair = await startPair()
  const { replica } = pair
  const large = makeWheel('large', '1.0', { extraFiles: { 'ballast.bin': randomBytes(6_000_000) } })

  const { status, text } = await sendFile(replica, INDEX, large, { name: 'large', version: '1.0' })
  const page = await replica.get('/ada/dev/+simple/large/', { accept: SIMPLE })
  const { pathname } = new URL(page.json.files[0].url, `${replica.app.url}ada/dev/+simple/large/`)
  const file = await replica.get(pathname, { accept: '' })

  assert.equal(status, 200, text)
  assert.ok(file.bytes.equals(large.bytes))
})

test('a refusal comes through also while much is still to be sent', async () => {
  await using pair = await startPair({ indexes: ['ada/dev'] })
  const { replica } = pair
  const large = makeWheel('large', '1.0', { extraFiles: { 'ballast.bin': randomBytes(6_000_000) } })

  const { bytes: body } = large
  const refused = await replica.post('/ada/dev/', {
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body,
  })

  assert.equal(refused.status, 401, refused.text)
})

test('with the primary away a change is refused and says since when; logging in and reading go on', async () => {
  await using pair = await startPair()
  const { primary, replica, wire } = pair
  await sendFile(primary, INDEX, anchor, fields)
  await pair.complete()

  await wire.cut()
  const refused = await replica.put('/ada/more', { as: 'ada', json: {} })
  const login = await replica.post('/+login', { json: { user: 'ada', password: 'pw' } })
  const page = await replica.get('/ada/dev/+simple/anchor/', { accept: SIMPLE })
  const { primary: told } = (await replica.get('/+status')).result

  assert.equal(refused.status, 503)
  assert.equal(refused.headers['retry-after'], '5')
  assert.deepEqual([told.connected, told.problem.kind], [false, 'away'])
  const since = new Date(told.problem.since * 1000).toISOString()
  assert.equal(refused.message, refuse('primary-away', { since }).message)
  assert.deepEqual([login.status, page.json.files.length], [200, 1])

  await wire.join(primary.app.url)
  const done = await replica.put('/ada/more', { as: 'ada', json: {} })
  assert.equal(done.status, 200, done.text)
})

test('a primary that breaks off before it has answered leaves open whether it was done', async () => {
  await using pair = await startPair()
  const { primary, replica, wire } = pair
  await pair.caughtUp()

  await wire.join('http://127.0.0.1:1/') // who takes connections, and has nobody behind
  const refused = await replica.put('/ada/more', { as: 'ada', json: {} })
  await wire.join(primary.app.url)

  assert.deepEqual([refused.status, refused.message], [502, refuse('relay-broken').message])
})

test('what is done on the primary and does not come back in time is told with its serial', async () => {
  await using other = await makeSharedSecret()
  await using pair = await startPair({ replica: { proxyTimeout: 1, secretFile: other.path } })
  const { primary, replica } = pair

  const late = await replica.put('/bob', { json: { password: 'pw' } })
  const { primary: told } = (await replica.get('/+status')).result
  const page = await replica.get('/+status', { accept: 'text/html' })

  assert.match(page.text, /The primary is not followed: the primary answers 403/)
  assert.equal(late.status, 504)
  assert.equal(late.message, refuse('relayed-late', { serial: primary.serial, here: -1 }).message)
  assert.equal((await primary.get('/bob')).status, 200)
  assert.equal(told.problem.kind, 'refuses')
  assert.match(told.problem.message, /403.*secret/)
})
