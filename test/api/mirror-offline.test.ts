/** Offline mode: mirrors show what is here, at once, and no upstream hears of it (devpi-http 6.7). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api, type Json } from '../support/api.ts'
import { body, byPath, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts'
import { INDEX, listFiles, sendFile, urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const MIRROR = 'ada/mirror'
const here = makeWheel('foo', '1.0')
const elsewhere = makeWheel('foo', '2.0')
const sdist = makeSdist('foo', '1.0')

const link = ({ filename, sha256 }: Distribution) =>
  `<a data-core-metadata="true" href="/f/${filename}#sha256=${sha256}">${filename}</a>`

const names = '<a href="foo/">foo</a><a href="bar/">bar</a>'
const answers = byPath({
  '/simple/': body(names),
  '/simple/foo/': body([here, elsewhere, sdist].map(link).join('')),
  [`/f/${here.filename}`]: body(here.bytes),
})

/** A server that has one of three files of `foo`, and then may ask nobody any more. */
async function startOffline(upstream: FakeUpstream): Promise<Api> {
  const api = await startApi({ config: { requestTimeout: 60_000 } })
  await api.makeIndex(MIRROR, { type: 'mirror', mirror_url: upstream.url('/simple/') })
  await api.makeIndex(INDEX, { bases: [MIRROR] })
  await api.get(`/${MIRROR}/+simple/`)
  assert.equal((await listFiles(api, MIRROR)).length, 3)
  assert.equal((await api.get(urlOf(here, MIRROR), { accept: '*/*' })).status, 200)
  await api.restart({ offlineMode: true })
  return api
}

const filenames = async (api: Api, index: string): Promise<string[]> =>
  (await listFiles(api, index)).map(({ filename }: { filename: string }) => filename)

// devpi-http 12: 147
test('offline, a page has the files that are here, and the list the projects that are known', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startOffline(upstream)
  const before = upstream.requests.length

  for (const index of [MIRROR, INDEX]) {
    assert.deepEqual(await filenames(api, index), [here.filename])
    const list = await api.get(`/${index}/+simple/`, {
      accept: 'application/vnd.pypi.simple.v1+json',
    })
    assert.deepEqual(list.json.projects, [{ name: 'foo' }])
    assert.equal(await listFiles(api, index, 'bar'), 404)
  }
  const refresh = await api.post(`/${INDEX}/+simple/foo/refresh`, { accept: 'text/html' })
  assert.equal(refresh.status, 302)
  assert.deepEqual(await filenames(api, INDEX), [here.filename])
  assert.equal(upstream.requests.length, before)
})

// devpi-http 12: 147
test('offline, a file that is here is served with its metadata, and any other is 502', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startOffline(upstream)
  const before = upstream.requests.length
  const ask = (file: Distribution, suffix = '') =>
    api.get(urlOf(file, MIRROR) + suffix, { accept: '*/*' })

  assert.deepEqual((await ask(here)).bytes, here.bytes)
  assert.deepEqual((await ask(here, '.metadata')).bytes, here.metadataBytes)
  for (const suffix of ['', '.metadata']) {
    const { status, message } = await ask(elsewhere, suffix)
    const url = upstream.url(`/f/${elsewhere.filename}${suffix}`)
    assert.deepEqual([status, message], [502, `error 503 getting ${url}`])
  }
  assert.equal((await ask(makeWheel('bar', '1.0'))).status, 404)
  assert.equal(upstream.requests.length, before)
})

test('offline, a page follows the files that come and go', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startOffline(upstream)
  await api.makeIndex('ada/other')
  assert.deepEqual(await filenames(api, MIRROR), [here.filename])

  await sendFile(api, 'ada/other', elsewhere, { version: '2.0' })
  assert.deepEqual(await filenames(api, MIRROR), [here.filename, elsewhere.filename])
  await api.app.store.blobs.remove(here.sha256)
  assert.deepEqual(await filenames(api, MIRROR), [elsewhere.filename])

  const page = await api.get(`/${MIRROR}/+simple/foo/`, { accept: 'text/html' })
  const again = await api.get(`/${MIRROR}/+simple/foo/`, {
    accept: 'text/html',
    headers: { 'if-none-match': page.headers.etag ?? '' },
  })
  assert.deepEqual([page.status, again.status], [200, 304])
})

test('offline, a project’s data has the releases whose files are here', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startOffline(upstream)
  const later = makeWheel('foo', '3.0')
  await api.patch(`/${INDEX}`, { as: 'ada', json: { mirror_whitelist: ['foo'] } })
  await sendFile(api, INDEX, later, { version: '3.0' })
  const linksOf = ({ '+links': links }: Json): string[] =>
    links.map(({ href }: { href: string }) => href.slice(href.lastIndexOf('/') + 1))

  const { result } = await api.get(`/${INDEX}/foo`)
  const [one, three] = [result['1.0'], result['3.0']]
  assert.deepEqual(Object.keys(result).toSorted(), ['1.0', '3.0'])
  assert.deepEqual([linksOf(one), linksOf(three)], [[here.filename], [later.filename]])
  assert.deepEqual(linksOf((await api.get(`/${MIRROR}/foo/1.0`)).result), [here.filename])
  assert.equal((await api.get(`/${MIRROR}/foo/2.0`)).status, 404)
  assert.equal((await api.get(`/${MIRROR}/bar`)).status, 404)
})

test('offline, a project of our own is shown as ever', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startOffline(upstream)
  const own = makeWheel('own', '1.0')

  await sendFile(api, INDEX, own, { name: 'own' })

  assert.equal((await listFiles(api, INDEX, 'own')).length, 1)
  assert.equal((await api.get(urlOf(own), { accept: '*/*' })).status, 200)
})

test('back online, the page has everything again', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startOffline(upstream)
  assert.deepEqual(await filenames(api, INDEX), [here.filename])

  await api.restart({ offlineMode: false })

  assert.equal((await listFiles(api)).length, 3)
})
