/** A Wheelyard that follows a real devpi-server has what that one has, and is a server of its own afterwards. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { keys } from '#registry/keys'
import { PASSWORD } from '../support/devpi-api.ts'
import { startDevpiPrimary, startFollowing } from '../support/devpi-primary.ts'
import { makeDocs } from '../support/docs.ts'
import { ANCHOR, differences, fileOf, fillSite, UPSTREAM_FILES } from '../support/moved-site.ts'
import { startRelay } from '../support/relay.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const startUpstream = () => startStaticIndex(UPSTREAM_FILES)
const login = { user: 'ada', password: PASSWORD }

test('a server that follows devpi begins with an empty folder, and has all that devpi has', async () => {
  await using upstream = await startUpstream()
  await using primary = await startDevpiPrimary()
  await fillSite(primary.client, upstream.url('simple/'))

  await using yard = await startFollowing(primary)
  await yard.caughtUp()

  assert.deepEqual(await differences(primary.server.url(), yard.app.url), [])
  const { ledger } = yard.app.store
  assert.equal((await ledger.verify()).broken, undefined)
  // What devpi does not tell of a file it tells itself.
  const entry = await ledger.read((tx) => tx.get(keys.file('ada/dev', 'anchor', ANCHOR.filename)))
  assert.equal(entry?.size, ANCHOR.bytes.length)
  assert.match(String(entry?.metadata), /^[0-9a-f]{64}$/)
})

test('changes come as they are made, also after a restart', async () => {
  await using upstream = await startUpstream()
  await using primary = await startDevpiPrimary()
  const { client } = primary
  await using first = await startFollowing(primary)
  await fillSite(client, upstream.url('simple/'))
  await first.caughtUp()
  assert.deepEqual(await differences(primary.server.url(), first.app.url), [])
  await first.stop()

  await client.must('PATCH', '/ada/dev', { as: 'ada', json: ['title=New', 'bases+=ada/prod'] })
  await client.upload('ada/prod', makeWheel('late', '1.0'), { name: 'late', version: '1.0' })
  await client.must('DELETE', '/ada/dev/anchor', { as: 'ada' })
  await using second = await startFollowing(primary)
  await client.must('DELETE', '/b.c@d-e_f/x', { as: 'b.c@d-e_f' })
  await client.makeIndex('b.c@d-e_f/x', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await second.caughtUp()

  assert.deepEqual(await differences(primary.server.url(), second.app.url), [])
})

test('a devpi that is away is waited for, and reads go on', async () => {
  await using primary = await startDevpiPrimary()
  const { client } = primary
  await client.makeUser('ada')
  await client.makeIndex('ada/dev')
  await client.upload('ada/dev', ANCHOR, { name: 'anchor', version: '1.0' })
  await using wire = await startRelay(primary.server.url())
  await using yard = await startFollowing(primary, { url: wire.url() })
  await yard.caughtUp()

  await wire.cut()
  await client.upload('ada/dev', makeWheel('late', '1.0'), { name: 'late', version: '1.0' })
  assert.equal((await yard.client.get(urlOf(ANCHOR), '*/*')).status, 200)
  const said = await yard.client.ask('POST', '/+login', { json: login })
  assert.equal(said.status, 200, said.text)

  await wire.join(primary.server.url())
  await yard.caughtUp()
  assert.deepEqual(await differences(primary.server.url(), yard.app.url), [])
})

test('what is changed through it devpi does, and it is here when the answer comes', async () => {
  await using primary = await startDevpiPrimary()
  await primary.client.makeUser('ada')
  await primary.client.makeIndex('ada/dev')
  await using yard = await startFollowing(primary)
  await yard.caughtUp()
  assert.deepEqual(await yard.client.whoIs('ada', primary.client), ['ok', 'ada', []])

  // Through Wheelyard, with a login that it got from devpi.
  await yard.client.makeUser('bob')
  await yard.client.makeIndex('bob/dev')
  await yard.client.upload('bob/dev', ANCHOR, { name: 'anchor', version: '1.0' })
  const file = await yard.client.get(urlOf(ANCHOR, 'bob/dev'), '*/*')
  const page = await yard.client.get('/bob/dev/+simple/anchor/', 'text/html')
  await yard.client.must('DELETE', '/bob/dev/anchor/1.0', { as: 'bob' })
  const gone = await yard.client.get('/bob/dev/anchor/1.0')
  const refused = await yard.client.ask('DELETE', '/ada/dev', { as: 'bob' })
  await yard.caughtUp()

  assert.deepEqual([file.status, page.status, gone.status], [200, 200, 404])
  assert.equal(refused.status, 403, refused.text)
  assert.deepEqual(await primary.client.whoIs('bob', yard.client), ['ok', 'bob', []])
  assert.deepEqual(await differences(primary.server.url(), yard.app.url), [])
})

test('what devpi does not have is refused, and everything while it is away', async () => {
  await using primary = await startDevpiPrimary()
  await primary.client.makeUser('ada')
  await primary.client.makeIndex('ada/dev')
  await using wire = await startRelay(primary.server.url())
  await using yard = await startFollowing(primary, { url: wire.url() })
  await yard.caughtUp()

  const own = await yard.client.ask('POST', '/ada/dev/+edit', { as: 'ada', json: {} })
  await wire.cut()
  const away = await yard.client.ask('PUT', '/bob', { json: { password: 'secret' } })

  assert.deepEqual([own.status, away.status], [503, 503])
  const { message } = refuse('follows-devpi', { url: wire.url() })
  assert.ok(own.text.includes(message), own.text)
  assert.match(away.text, /is away/)
})

test('it asks devpi about mirrors, which looks upstream and keeps what it finds', async () => {
  await using upstream = await startUpstream()
  await using primary = await startDevpiPrimary()
  await primary.client.makeIndex('root/mirror', {
    type: 'mirror',
    mirror_url: upstream.url('simple/'),
  })
  await using yard = await startFollowing(primary)
  await yard.caughtUp()

  const path = await fileOf(yard.client, 'root/mirror', 'tar', '1.0')
  const file = await yard.client.get(path, '*/*')
  const missing = await yard.client.get('/root/mirror/+simple/nothing/', 'text/html')
  await yard.caughtUp()

  assert.deepEqual([file.status, missing.status], [200, 404])
  assert.deepEqual(await differences(primary.server.url(), yard.app.url), [])
  assert.equal(upstream.requestsTo('/simple/tar/').length, 1)
})

test('after devpi has been stopped it is a server of its own, with the same users, addresses and files', async () => {
  await using upstream = await startUpstream()
  await using primary = await startDevpiPrimary()
  await fillSite(primary.client, upstream.url('simple/'))
  await using yard = await startFollowing(primary)
  await yard.caughtUp()
  const serial = await primary.serial()
  const mirrored = await fileOf(primary.client, 'root/mirror', 'tar', '1.0')
  await primary.client.whoIs('ada', primary.client)
  await yard.stop()
  await primary.server.stop()

  await using own = await startFollowing(primary, { hasTakenOver: true })

  assert.deepEqual(await own.client.whoIs('ada', primary.client), ['ok', 'ada', []])
  const page = await own.client.get('/ada/dev/+simple/anchor/')
  assert.ok(Number(page.headers.get('x-devpi-serial')) >= serial)
  for (const path of [urlOf(ANCHOR, 'ada/dev'), urlOf(ANCHOR, 'ada/prod'), mirrored]) {
    assert.equal((await own.client.get(path, '*/*')).status, 200, path)
  }
  const docs = await own.client.get('/ada/dev/anchor/1.0/+doc/index.html', 'text/html')
  assert.equal(docs.text, 'two')
  await own.client.upload('ada/dev', makeWheel('later', '1.0'), { name: 'later', version: '1.0' })
  await own.client.uploadDocs('ada/dev', makeDocs().bytes, { name: 'later', version: '1.0' })
  await own.stop()
  await assert.rejects(startFollowing(primary), /has been written to since it followed/)
})
