/** Which projects a mirror asks its upstream for, and what its list has to do with it (devpi-http 6.3, 6.6). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import {
  body,
  byPath,
  notFound,
  stall,
  startFakeUpstream,
  type Answer,
  type FakeUpstream,
} from '../support/fake-upstream.ts'
import { INDEX, listFiles, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const J = 'application/vnd.pypi.simple.v1+json'
const MIRROR = 'ada/mirror'
const wheel = makeWheel('foo', '1.0')
const page = body(`<a href="/f/${wheel.filename}#sha256=${wheel.sha256}">${wheel.filename}</a>`)
const list = body('<a href="foo/">foo</a><a href="Bar/">Bar</a>', { etag: '"1"' })

const having = (names: Answer): Answer => byPath({ '/simple/': names, '/simple/foo/': page })
const pathsOf = ({ requests }: FakeUpstream): string[] => requests.map(({ path }) => path)

/** A fifth of the time is for the list: on a busy machine it must not be late. */
async function startMirror(
  upstream: FakeUpstream,
  options: object = {},
  requestTimeout = 60_000,
): Promise<Api> {
  const api = await startApi({ config: { requestTimeout } })
  const mirror = { type: 'mirror', mirror_url: upstream.url('/simple/'), ...options }
  await api.makeIndex(MIRROR, mirror)
  await api.makeIndex(INDEX, { bases: [MIRROR] })
  return api
}

async function listNames(api: Api, index = MIRROR): Promise<string[]> {
  const { status, json } = await api.get(`/${index}/+simple/`, { accept: J })
  assert.equal(status, 200)
  return json.projects.map(({ name }: { name: string }) => name)
}

// devpi-http 12: 133
test('the list is fetched once per expiry, with its ETag, and stays whole when nothing is new', async () => {
  await using upstream = await startFakeUpstream(having(list))
  await using api = await startMirror(upstream)

  assert.deepEqual(await listNames(api), ['bar', 'foo'])
  assert.deepEqual(await listNames(api, INDEX), ['bar', 'foo'])
  assert.deepEqual(pathsOf(upstream), ['/simple/'])

  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_cache_expiry: 0 } })
  assert.deepEqual(await listNames(api), ['bar', 'foo'])
  assert.equal((await listFiles(api)).length, 1)
  assert.equal(upstream.requests[1]?.headers['if-none-match'], '"1"')
})

// devpi-http 12: 134
test('a project that upstream does not list is 404, and upstream does not hear its name', async () => {
  await using upstream = await startFakeUpstream(having(list))
  await using api = await startMirror(upstream)

  for (const index of [INDEX, MIRROR]) assert.equal(await listFiles(api, index, 'secret'), 404)
  const file = `/${MIRROR}/+f/123/4567890123456/secret-1.0.tar.gz`
  assert.equal((await api.get(file, { accept: '*/*' })).status, 404)
  assert.equal((await api.get(`/${MIRROR}/secret`)).status, 404)

  assert.deepEqual(pathsOf(upstream), ['/simple/'])
})

// devpi-http 12: 172
test('a list in JSON is understood whatever type upstream gives it', async () => {
  const names = JSON.stringify({ meta: { 'api-version': '1.0' }, projects: [{ name: 'Foo' }] })
  await using upstream = await startFakeUpstream(having(body(names, { type: 'text/html' })))
  await using api = await startMirror(upstream)

  assert.deepEqual(await listNames(api), ['foo'])
  assert.equal((await listFiles(api)).length, 1)
})

// devpi-http 12: 173
test('a list that never comes makes no project disappear', async () => {
  await using upstream = await startFakeUpstream(having(stall))
  await using api = await startMirror(upstream, {}, 2000)

  assert.equal((await listFiles(api)).length, 1)
  assert.equal(await listFiles(api, INDEX, 'bar'), 404)
})

test('an upstream without a list is asked for its projects alone', async () => {
  await using upstream = await startFakeUpstream(having(notFound))
  await using api = await startMirror(upstream)

  assert.equal((await listFiles(api)).length, 1)
  assert.deepEqual(await listNames(api), ['foo'])
})

// devpi-http 12: 146
test('with mirror_no_project_list no list is fetched: the list has what is known, projects are asked for', async () => {
  await using upstream = await startFakeUpstream(having(list))
  await using api = await startMirror(upstream, { mirror_no_project_list: true })

  assert.deepEqual(await listNames(api), [])
  assert.equal((await listFiles(api)).length, 1)
  assert.equal(await listFiles(api, INDEX, 'secret'), 404)
  assert.deepEqual(await listNames(api, INDEX), ['foo'])

  assert.deepEqual(pathsOf(upstream), ['/simple/foo/', '/simple/secret/'])
})

test('without a list, a stage that has the project where no whitelist names it so far keeps the mirror out', async () => {
  await using upstream = await startFakeUpstream(having(list))
  await using api = await startMirror(upstream, { mirror_no_project_list: true })
  await api.makeIndex('ada/base', { bases: [MIRROR] })
  await api.patch(`/${INDEX}`, {
    as: 'ada',
    json: { bases: ['ada/base'], mirror_whitelist: ['foo'] },
  })
  const own = makeWheel('foo', '0.1')
  await sendFile(api, 'ada/base', own, { version: '0.1' })
  const filenames = async () =>
    (await listFiles(api)).map(({ filename }: { filename: string }) => filename)

  assert.deepEqual(await filenames(), [own.filename])
  assert.deepEqual(pathsOf(upstream), [])
  await api.patch(`/ada/base`, { as: 'ada', json: { mirror_whitelist: ['*'] } })
  assert.deepEqual(await filenames(), [own.filename])

  assert.equal((await listFiles(api, MIRROR)).length, 1)
  assert.deepEqual(await filenames(), [own.filename, wheel.filename])
})
