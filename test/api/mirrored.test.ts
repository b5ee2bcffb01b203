/** A mirror's pages and files as clients see them, when upstream is well and when it is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import {
  body,
  byPath,
  notFound,
  startFakeUpstream,
  type FakeUpstream,
} from '../support/fake-upstream.ts'
import { INDEX, listFiles, sendFile, urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const J = 'application/vnd.pypi.simple.v1+json'
const MIRROR = 'ada/mirror'
const wheel = makeWheel('foo', '1.0')
const sdist = makeSdist('foo-bar', '1.0')

const link = ({ filename, sha256 }: typeof wheel) =>
  `<a href="/f/${filename}#sha256=${sha256}">${filename}</a>`

const wellBehaved = byPath({
  '/simple/foo/': body(link(wheel), { headers: { 'x-pypi-last-serial': '7' } }),
  '/simple/foo-bar/': body(link(sdist)),
  [`/f/${wheel.filename}`]: body(wheel.bytes),
  [`/f/${sdist.filename}`]: body(sdist.bytes),
})

async function startMirror(upstream: FakeUpstream): Promise<Api> {
  const api = await startApi()
  await api.makeIndex(MIRROR, { type: 'mirror', mirror_url: upstream.url('/simple/') })
  await api.makeIndex(INDEX, { bases: [MIRROR] })
  return api
}

const broken = body('broken', { status: 503 })

// devpi-http 12: 139
test('a mirror’s page has upstream’s files at our addresses, and its serial', async () => {
  await using upstream = await startFakeUpstream(wellBehaved)
  await using api = await startMirror(upstream)

  const { json, headers } = await api.get(`/${MIRROR}/+simple/foo/`, { accept: J })

  assert.equal(json.files[0].url, `../../${urlOf(wheel, '').slice(2)}`)
  assert.equal(headers['x-pypi-last-serial'], '7')
  for (const other of [`/${INDEX}/+simple/foo/`, `/${MIRROR}/+simple/foo-bar/`]) {
    assert.equal((await api.get(other, { accept: J })).headers['x-pypi-last-serial'], undefined)
  }
  const { pathname } = new URL(json.files[0].url, `http://x/${MIRROR}/+simple/foo/`)
  assert.deepEqual((await api.get(pathname, { accept: '*/*' })).bytes, wheel.bytes)
})

test('a stage shows the files of its mirror at the mirror’s address', async () => {
  await using upstream = await startFakeUpstream(wellBehaved)
  await using api = await startMirror(upstream)

  const [file] = await listFiles(api)
  const { pathname } = new URL(file.url, `http://x/${INDEX}/+simple/foo/`)

  assert.equal(pathname, urlOf(wheel, MIRROR))
  const { bytes, headers } = await api.get(pathname, { accept: '*/*' })
  assert.deepEqual(bytes, wheel.bytes)
  assert.equal(headers.etag, `"${wheel.sha256}"`)
  const part = await api.get(pathname, { accept: '*/*', headers: { range: 'bytes=-3' } })
  assert.deepEqual([part.status, part.bytes], [206, wheel.bytes.subarray(-3)])
})

// devpi-http 12: 166
test('a file that a lock file names is found though nobody has asked for its page', async () => {
  await using upstream = await startFakeUpstream(wellBehaved)
  await using api = await startMirror(upstream)

  for (const file of [wheel, sdist]) {
    const reply = await api.get(urlOf(file, MIRROR), { accept: '*/*' })
    assert.deepEqual([reply.status, reply.bytes], [200, file.bytes])
  }
  const pages = upstream.requests.map(({ path }) => path).filter((path) => path.endsWith('/'))
  assert.deepEqual(pages, ['/simple/', '/simple/foo/', '/simple/foo-bar/'])
  const other = await api.get(urlOf({ ...wheel, sha256: '0'.repeat(64) }, MIRROR))
  assert.equal(other.status, 404)
})

// devpi-http 12: 97
test('C20: what upstream does not have is not there', async () => {
  await using upstream = await startFakeUpstream(notFound)
  await using api = await startMirror(upstream)

  for (const index of [MIRROR, INDEX]) {
    assert.equal((await api.get(`/${index}/+simple/foo/`, { accept: J })).status, 404)
  }
  assert.equal((await api.get(urlOf(wheel, MIRROR), { accept: '*/*' })).status, 404)
})

// devpi-http 12: 136, 167
test('C19: an upstream that fails does not make a project disappear', async () => {
  await using upstream = await startFakeUpstream(broken)
  await using api = await startMirror(upstream)

  for (const index of [MIRROR, INDEX]) {
    const reply = await api.get(`/${index}/+simple/foo/`, { accept: J })
    assert.equal(reply.status, 502)
    assert.match(reply.text, /503/)
  }
  const file = await api.get(urlOf(wheel, MIRROR), { accept: 'text/html' })
  assert.equal(file.status, 502)
  assert.match(file.message ?? '', /503/)
  await sendFile(api, INDEX, wheel)
  assert.equal((await listFiles(api)).length, 1)
})

// devpi-http 12: 142
test('a file that upstream lists but lacks is not there, nor is its metadata', async () => {
  await using upstream = await startFakeUpstream(
    byPath({ '/simple/foo/': body(link(wheel).replace('<a ', '<a data-core-metadata="true" ')) }),
  )
  await using api = await startMirror(upstream)

  for (const suffix of ['', '.metadata']) {
    const reply = await api.get(urlOf(wheel, MIRROR) + suffix, { accept: 'text/html' })
    const message = `error 404 getting ${upstream.url(`/f/${wheel.filename}`)}`
    assert.deepEqual([reply.status, reply.json], [404, { message }])
  }
})

// devpi-http 12: 143
test('a mirror may send clients to upstream for the files that are not here', async () => {
  await using upstream = await startFakeUpstream(wellBehaved)
  await using api = await startMirror(upstream)
  const mirrorUrl = upstream.url('/simple/').replace('//', '//ada:secret@')
  const change = (mirror_use_external_urls: boolean) =>
    api.patch(`/${MIRROR}`, {
      as: 'ada',
      json: { mirror_url: mirrorUrl, mirror_use_external_urls },
    })
  const path = urlOf(wheel, MIRROR)
  const ask = (method: 'GET' | 'HEAD') => api.ask(method, path, { accept: '*/*' })
  assert.equal((await change(true)).status, 200)

  for (const method of ['GET', 'HEAD'] as const) {
    const { status, headers } = await ask(method)
    assert.deepEqual([status, headers.location], [302, upstream.url(`/f/${wheel.filename}`)])
  }
  assert.equal(upstream.requestsTo(`/f/${wheel.filename}`).length, 0)
  assert.equal((await api.get(path)).result.url, upstream.url(`/f/${wheel.filename}`))

  await change(false)
  assert.deepEqual((await ask('GET')).bytes, wheel.bytes)
  await change(true)
  assert.deepEqual((await ask('GET')).bytes, wheel.bytes)
  assert.equal((await ask('HEAD')).status, 200)
})

// devpi-http 12: 164
test('core metadata comes from here also where files come from upstream', async () => {
  const advertised = link(wheel).replace('<a ', '<a data-core-metadata="true" ')
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/foo/': body(advertised),
      [`/f/${wheel.filename}.metadata`]: body(wheel.metadataBytes),
    }),
  )
  await using api = await startMirror(upstream)
  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_use_external_urls: true } })

  const { status, bytes } = await api.get(`${urlOf(wheel, MIRROR)}.metadata`)

  assert.equal(status, 200)
  assert.deepEqual(bytes, wheel.metadataBytes)
})

// devpi-http 12: 107, 109
test('C22: a project of our own is not mixed with upstream’s, which is not even asked', async () => {
  await using upstream = await startFakeUpstream(wellBehaved)
  await using api = await startMirror(upstream)
  const own = makeWheel('foo', '0.1')
  await sendFile(api, INDEX, own, { version: '0.1' })

  const files = await listFiles(api)

  assert.deepEqual(
    files.map(({ filename }: { filename: string }) => filename),
    [own.filename],
  )
  assert.deepEqual(upstream.requests, [])
})

// devpi-http 12: 145
test('a refresh asks upstream at once, and leads to the page whatever upstream says', async () => {
  await using upstream = await startFakeUpstream(wellBehaved)
  await using api = await startMirror(upstream)
  const next = makeWheel('foo', '2.0')
  const refresh = async (project = 'foo') => {
    const reply = await api.post(`/${INDEX}/+simple/${project}/refresh`, { accept: 'text/html' })
    return [reply.status, reply.location]
  }
  await listFiles(api)
  upstream.answerWith(byPath({ '/simple/foo/': body(link(wheel) + link(next)) }))

  const before = await listFiles(api)
  const answer = await refresh()
  const after = await listFiles(api)
  upstream.answerWith(broken)
  const failed = await refresh('Foo')
  const unknown = await refresh('nobody')

  assert.deepEqual([before.length, after.length], [1, 2])
  assert.deepEqual(answer, [302, '/ada/dev/+simple/foo/'])
  assert.deepEqual(failed, [302, '/ada/dev/+simple/foo/'])
  assert.deepEqual(unknown, [302, '/ada/dev/+simple/nobody/'])
  assert.equal((await listFiles(api)).length, 2)
  assert.equal((await api.post('/ada/none/+simple/foo/refresh')).status, 404)
  assert.equal((await api.get(`/${INDEX}/+simple/foo/refresh`)).status, 404)
})
