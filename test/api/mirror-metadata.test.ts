/** The core metadata of mirrored wheels: what upstream says it has, or the mirror's option (devpi-http 4.18). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api, type Reply } from '../support/api.ts'
import { body, byPath, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts'
import { INDEX, listFiles, sendFile, urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const MIRROR = 'ada/mirror'
const wheel = makeWheel('foo', '1.0')
const told = makeWheel('foo', '2.0')
const bare = makeWheel('foo', '3.0', { omit: ['METADATA'] })
const sdist = makeSdist('foo', '1.0')

const link = ({ filename, sha256 }: Distribution, attributes = '') =>
  `<a ${attributes} href="/f/${filename}#sha256=${sha256}">${filename}</a>`
const page = [link(wheel), link(told, 'data-core-metadata="true"'), link(bare), link(sdist)]

const answers = {
  '/simple/': body('<a href="foo/">foo</a>'),
  '/simple/foo/': body(page.join('')),
  [`/f/${wheel.filename}`]: body(wheel.bytes),
  [`/f/${wheel.filename}.metadata`]: body(wheel.metadataBytes),
  [`/f/${told.filename}.metadata`]: body(told.metadataBytes, {
    headers: { 'set-cookie': 'a=b', 'x-devpi-serial': '99', 'x-devpi-api-version': '7' },
  }),
  [`/f/${bare.filename}`]: body(bare.bytes),
  [`/f/${sdist.filename}`]: body(sdist.bytes),
}

async function startMirror(upstream: FakeUpstream, options: object = {}): Promise<Api> {
  const api = await startApi({ config: { requestTimeout: 60_000 } })
  const mirror = { type: 'mirror', mirror_url: upstream.url('/simple/') }
  await api.makeIndex(MIRROR, { ...mirror, ...options })
  await api.makeIndex(INDEX, { bases: [MIRROR] })
  return api
}

const metadataOf = (api: Api, file: Distribution, accept = '*/*'): Promise<Reply> =>
  api.get(`${urlOf(file, MIRROR)}.metadata`, { accept })

const advertised = async (api: Api, index: string): Promise<string[]> =>
  (await listFiles(api, index))
    .filter((file: object) => 'core-metadata' in file)
    .map(({ filename }: { filename: string }) => filename)

test('a mirror advertises core metadata of all wheels, and no longer of one that has none', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await startMirror(upstream)

  assert.equal((await metadataOf(api, bare)).status, 404)

  const others = [wheel, told].map(({ filename }) => filename)
  for (const index of [MIRROR, INDEX]) assert.deepEqual(await advertised(api, index), others)
})

// devpi-http 12: 163
test('a mirror that makes none advertises core metadata where upstream does, or of all wheels with its option', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await startMirror(upstream, { mirror_make_metadata: false })

  for (const index of [MIRROR, INDEX]) {
    assert.deepEqual(await advertised(api, index), [told.filename])
  }
  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_provides_core_metadata: true } })
  for (const index of [MIRROR, INDEX]) {
    const wheels = [wheel, told, bare].map(({ filename }) => filename)
    assert.deepEqual(await advertised(api, index), wheels)
  }
})

// devpi-http 12: 160, 163
test('core metadata that nobody announces is 404 until the wheel is here', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await startMirror(upstream, { mirror_make_metadata: false })

  for (const file of [wheel, bare, sdist]) {
    const { status, message } = await metadataOf(api, file, 'text/html')
    assert.deepEqual([status, message], [404, refuse('metadata-not-mirrored').message])
  }
  assert.deepEqual(
    upstream.requests.map(({ path }) => path),
    ['/simple/', '/simple/foo/'],
  )

  for (const file of [wheel, bare, sdist]) {
    await api.get(urlOf(file, MIRROR), { accept: '*/*' })
  }
  assert.deepEqual((await metadataOf(api, wheel)).bytes, wheel.metadataBytes)
  for (const file of [bare, sdist]) {
    const { status, message } = await metadataOf(api, file, 'application/json')
    const path = urlOf(file, MIRROR).slice(1)
    assert.deepEqual([status, message], [404, refuse('metadata-missing', { path }).message])
  }
  assert.deepEqual(await advertised(api, MIRROR), [wheel.filename, told.filename])
})

test('a wheel that came here with an upload is looked into for the mirror, too', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await startMirror(upstream)
  await api.makeIndex('ada/other')
  await sendFile(api, 'ada/other', wheel)

  assert.deepEqual((await metadataOf(api, wheel)).bytes, wheel.metadataBytes)
  assert.equal(upstream.requests.length, 2)
})

// devpi-http 12: 164
test('announced core metadata comes from upstream without its wheel, also where files come from there', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await startMirror(upstream, {
    mirror_provides_core_metadata: true,
    mirror_use_external_urls: true,
  })

  for (const file of [wheel, told]) {
    const { status, bytes } = await metadataOf(api, file, 'application/json')
    assert.deepEqual([status, bytes], [200, file.metadataBytes])
  }
  const whole = upstream.requests.filter(({ path }) => path.endsWith('.whl'))
  assert.deepEqual(whole, [])
})

// devpi-http 12: 164
test('where upstream has no such core metadata after all, the wheel tells, or it is 404 or 502 as the wheel is', async () => {
  const { [`/f/${wheel.filename}.metadata`]: _, ...others } = answers
  await using upstream = await startFakeUpstream(byPath(others))
  await using api = await startMirror(upstream, { mirror_provides_core_metadata: true })

  assert.deepEqual((await metadataOf(api, wheel)).bytes, wheel.metadataBytes)

  const failing = body('busy', { status: 503 })
  upstream.answerWith(byPath({ ...others, [`/f/${bare.filename}`]: failing }))
  const failed = await metadataOf(api, bare)
  const message = `error 503 getting ${upstream.url(`/f/${bare.filename}`)}`
  assert.deepEqual([failed.status, failed.message], [502, message])
  upstream.answerWith(byPath({}))
  const missing = await metadataOf(api, bare)
  assert.deepEqual([missing.status, missing.message], [404, message.replace('503', '404')])
})

// devpi-http 12: 165
test('nothing of the client reaches upstream, and no header of upstream reaches the client', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await startMirror(upstream)
  const headers = { cookie: 'session=secret', authorization: 'Basic c2VjcmV0OnNlY3JldA==' }

  for (const path of [`${urlOf(told, MIRROR)}.metadata`, urlOf(wheel, MIRROR)]) {
    const reply = await api.get(path, { as: 'ada', accept: '*/*', headers })
    assert.equal(reply.status, 200)
    assert.equal(reply.headers['set-cookie'], undefined)
    assert.equal(reply.headers['x-devpi-api-version'], '2')
    assert.notEqual(reply.headers['x-devpi-serial'], '99')
  }
  assert.equal(upstream.requests.length, 4)
  for (const { headers: sent } of upstream.requests) {
    for (const name of ['authorization', 'x-devpi-auth', 'cookie']) {
      assert.equal(sent[name], undefined)
    }
  }
})

test('a file that upstream tells no hash of has its SHA-256 on the page once it is here, at the same address', async () => {
  const bareLink = `<a href="/f/${wheel.filename}">${wheel.filename}</a>`
  await using upstream = await startFakeUpstream(
    byPath({ ...answers, '/simple/foo/': body(bareLink) }),
  )
  await using api = await startMirror(upstream)
  const [before] = await listFiles(api, MIRROR)
  assert.deepEqual(before.hashes, {})

  const learned = Promise.withResolvers<void>()
  const unfollow = api.ledger.follow(() => learned.resolve())
  const { pathname } = new URL(before.url, `http://yard/${MIRROR}/+simple/foo/`)
  assert.deepEqual((await api.get(pathname, { accept: '*/*' })).bytes, wheel.bytes)
  await learned.promise
  unfollow()

  const [after] = await listFiles(api, MIRROR)
  assert.deepEqual([after.hashes, after.url], [{ sha256: wheel.sha256 }, before.url])
})
