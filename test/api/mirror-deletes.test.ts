/** Taking things from a mirror, which upstream still has (devpi-http 6.8). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api } from '../support/api.ts'
import { body, byPath, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts'
import { listFiles, urlOf } from '../support/upload.ts'
import { makeWheel, type Distribution } from '../support/wheel.ts'

const MIRROR = 'ada/mirror'
const ada = { as: 'ada' }
const one = makeWheel('foo', '1.0')
const two = makeWheel('foo', '2.0')
const three = makeWheel('foo', '3.0')
const bare = makeWheel('bare', '1.0')

const link = ({ filename, sha256 }: Distribution) =>
  `<a href="/f/${filename}#sha256=${sha256}">${filename}</a>`

const answers = (files: readonly Distribution[]) => ({
  '/simple/': body('<a href="foo/">foo</a><a href="bare/">bare</a>'),
  '/simple/foo/': body(files.map(link).join('')),
  '/simple/bare/': body(`<a href="/f/${bare.filename}">${bare.filename}</a>`),
  ...Object.fromEntries(
    [one, two, three, bare].map(({ filename, bytes }) => [`/f/${filename}`, body(bytes)]),
  ),
})

const upstreamOf = (...files: Distribution[]): Promise<FakeUpstream> =>
  startFakeUpstream(byPath(answers(files)))

async function startMirror(upstream: FakeUpstream, options: object = {}): Promise<Api> {
  const api = await startApi({ config: { requestTimeout: 60_000 } })
  const mirror = { type: 'mirror', mirror_url: upstream.url('/simple/'), volatile: true }
  await api.makeIndex(MIRROR, { ...mirror, ...options })
  return api
}

const download = async (api: Api, file: Distribution): Promise<number> =>
  (await api.get(urlOf(file, MIRROR), { accept: '*/*' })).status

/** Resolves once something is learned of a file. */
const nextChangeOf = (api: Api, filename: string): Promise<void> =>
  new Promise((resolve) => {
    const unfollow = api.ledger.follow(({ paths }) => {
      if (!paths.some((path) => path.endsWith(`/${filename}`))) return
      unfollow()
      resolve()
    })
  })

const filenames = async (api: Api): Promise<string[]> =>
  (await listFiles(api, MIRROR)).map(({ filename }: { filename: string }) => filename)

// devpi-http 12: 114
test('a file that was taken from a mirror is gone until upstream’s page changes', async () => {
  await using upstream = await upstreamOf(one, two)
  await using api = await startMirror(upstream)
  for (const file of [one, two]) assert.equal(await download(api, file), 200)
  const path = urlOf(one, MIRROR).slice(1)

  const deleted = await api.del(`/${path}`, ada)
  assert.deepEqual([deleted.status, deleted.message], [200, `package '${path}' deleted`])

  assert.equal(await download(api, one), 410)
  assert.deepEqual(await filenames(api), [two.filename])
  const again = await api.del(`/${path}`, ada)
  assert.deepEqual([again.status, again.message], [410, refuse('path-gone', { path }).message])

  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_cache_expiry: 0 } })
  assert.deepEqual(await filenames(api), [two.filename])
  upstream.answerWith(byPath(answers([one, two, three])))
  assert.equal((await filenames(api)).length, 3)
  assert.equal(await download(api, one), 200)
})

test('a refresh brings back what was taken away', async () => {
  await using upstream = await upstreamOf(one, two)
  await using api = await startMirror(upstream)
  for (const file of [one, two]) await download(api, file)
  await api.del(urlOf(one, MIRROR), ada)

  await api.post(`/${MIRROR}/+simple/foo/refresh`)

  assert.equal(await download(api, one), 200)
})

test('with the last file that is here the project goes, and comes anew when it is asked for', async () => {
  await using upstream = await upstreamOf(one, two)
  await using api = await startMirror(upstream)
  await download(api, one)

  const notHere = await api.del(urlOf(two, MIRROR), ada)
  const path = urlOf(two, MIRROR).slice(1)
  assert.deepEqual(
    [notHere.status, notHere.message],
    [404, refuse('path-missing', { path }).message],
  )
  assert.equal((await api.del(urlOf(one, MIRROR), ada)).status, 200)
  assert.equal(await download(api, one), 410)

  assert.deepEqual(await filenames(api), [one.filename, two.filename])
  assert.equal(upstream.requestsTo('/simple/foo/').length, 2)
  assert.equal(await download(api, one), 200)
})

test('a release taken from a mirror stays listed; what only the file told is asked for anew', async () => {
  await using upstream = await upstreamOf(one)
  await using api = await startMirror(upstream)
  await download(api, one)
  const bareUrl = async (): Promise<string> => {
    const [{ url }] = await listFiles(api, MIRROR, 'bare')
    return new URL(url, `http://x/${MIRROR}/+simple/bare/`).pathname
  }
  const path = await bareUrl()
  const learned = nextChangeOf(api, bare.filename)
  await api.get(path, { accept: '*/*' })
  await learned
  const removeRelease = (place: string) => api.del(`/${MIRROR}/${place}`, ada)

  const deleted = await removeRelease('bare/1.0')
  assert.deepEqual([deleted.status, deleted.message], [200, "project 'bare' version '1.0' deleted"])
  const other = makeWheel('bare', '1.0', { content: 'longer than it was before' })
  upstream.answerWith(byPath({ ...answers([one]), [`/f/${bare.filename}`]: body(other.bytes) }))
  assert.equal(await bareUrl(), path)
  assert.deepEqual((await api.get(path, { accept: '*/*' })).bytes, other.bytes)

  const { serial } = api
  assert.equal((await removeRelease('foo/1.0')).status, 200)
  assert.equal((await removeRelease('foo/9.0')).status, 200)
  const missing = await removeRelease('none/1.0')
  const message = refuse('project-not-on-index', { project: 'none', index: MIRROR }).message
  assert.deepEqual([missing.status, missing.message], [404, message])
  assert.equal(api.serial, serial)
  assert.equal(await download(api, one), 200)
})

test('a project taken from a mirror comes anew when it is asked for', async () => {
  await using upstream = await upstreamOf(one)
  await using api = await startMirror(upstream)
  const remove = () => api.del(`/${MIRROR}/foo`, ada)
  const never = await remove()
  assert.deepEqual([never.status, never.message], [404, refuse('project-not-found').message])
  await download(api, one)

  assert.equal((await remove()).status, 200)
  assert.equal((await remove()).status, 404)
  assert.equal(await download(api, one), 410)

  const [listed] = await listFiles(api, MIRROR)
  assert.deepEqual([listed.filename, listed.size], [one.filename, undefined])
  const learned = nextChangeOf(api, one.filename)
  assert.equal(await download(api, one), 200)
  await learned
  const [told] = await listFiles(api, MIRROR)
  assert.equal(told.size, one.bytes.length)
  assert.ok(told['core-metadata'])
})

// devpi-http 12: 115, 118
test('a mirror that is not volatile keeps what it has unless it is forced; its index goes with all files', async () => {
  await using upstream = await upstreamOf(one, two)
  await using api = await startMirror(upstream, { volatile: false })
  for (const file of [one, two]) await download(api, file)
  const { serial } = api

  for (const place of [urlOf(one, ''), '/foo/1.0', '/foo']) {
    const path = place.startsWith('//') ? urlOf(one, MIRROR) : `/${MIRROR}${place}`
    assert.equal((await api.del(path, ada)).status, 403, path)
    assert.equal((await api.del(`${path}?force`)).status, 403, path)
  }
  assert.equal(api.serial, serial)
  assert.equal((await api.del(`${urlOf(one, MIRROR)}?force`, ada)).status, 200)
  assert.equal((await api.del(`/${MIRROR}`, ada)).status, 403)
  await api.patch(`/${MIRROR}`, { as: 'ada', json: { volatile: true } })
  assert.equal((await api.del(`/${MIRROR}`, ada)).status, 201)

  assert.equal(await download(api, two), 410)
  await api.makeIndex(MIRROR, { type: 'mirror', mirror_url: upstream.url('/simple/') })
  assert.equal(await download(api, two), 410)
  assert.equal((await filenames(api)).length, 2)
  assert.equal(await download(api, two), 200)
})
