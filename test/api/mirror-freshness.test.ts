/** A mirror's pages when upstream fails, lacks a project or goes back in time (devpi-http 6.4). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api, type Json } from '../support/api.ts'
import {
  body,
  byPath,
  stall,
  startFakeUpstream,
  type Answer,
  type FakeUpstream,
} from '../support/fake-upstream.ts'
import { INDEX, listFiles, sendFile, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const J = 'application/vnd.pypi.simple.v1+json'
const MIRROR = 'ada/mirror'
const one = makeWheel('foo', '1.0')
const two = makeWheel('foo', '2.0')

const link = ({ filename, sha256 }: typeof one) =>
  `<a href="/f/${filename}#sha256=${sha256}">${filename}</a>`

const numbered = (serial: string, ...files: (typeof one)[]): Answer =>
  body(files.map(link).join(''), { headers: { 'x-pypi-last-serial': serial } })

const having = (foo: Answer): Answer =>
  byPath({
    '/simple/': body('<a href="foo/">foo</a><a href="gone/">gone</a>'),
    '/simple/foo/': foo,
  })

async function startMirror(upstream: FakeUpstream, options: object = {}): Promise<Api> {
  const api = await startApi({ config: { requestTimeout: 1000 } })
  const mirror = { type: 'mirror', mirror_url: upstream.url('/simple/'), ...options }
  await api.makeIndex(MIRROR, mirror)
  await api.makeIndex(INDEX, { bases: [MIRROR] })
  return api
}

const getPage = (api: Api, index = MIRROR, project = 'foo') =>
  api.get(`/${index}/+simple/${project}/`, { accept: J })

const filenames = async (api: Api, index = MIRROR): Promise<string[]> =>
  (await listFiles(api, index)).map(({ filename }: Json) => filename)

const failures: Record<string, Answer> = {
  fails: body('busy', { status: 503 }),
  'says nothing': stall,
  'sends a page for people': body('<form><input></form>'),
}

for (const [what, failure] of Object.entries(failures)) {
  // devpi-http 12: 135
  test(`where upstream ${what}, what is known is shown, not to be kept by anyone`, async () => {
    await using upstream = await startFakeUpstream(having(numbered('7', one)))
    await using api = await startMirror(upstream, { mirror_cache_expiry: 0 })
    await getPage(api)
    upstream.answerWith(having(failure))
    const { serial } = api

    for (const index of [MIRROR, INDEX]) {
      const { status, headers, json } = await getPage(api, index)
      assert.deepEqual([status, headers['cache-control']], [200, 'no-cache'])
      assert.equal(json.files[0].filename, one.filename)
    }
    assert.equal(api.serial, serial)
  })

  // devpi-http 12: 136
  test(`where upstream ${what} and nothing is known, it is 502, and a stage shows its own`, async () => {
    await using upstream = await startFakeUpstream(having(failure))
    await using api = await startMirror(upstream)

    for (const index of [MIRROR, INDEX]) assert.equal((await getPage(api, index)).status, 502)
    await api.patch(`/${INDEX}`, { as: 'ada', json: { mirror_whitelist: ['foo'] } })
    await sendFile(api, INDEX, two, { version: '2.0' })
    assert.deepEqual(await filenames(api, INDEX), [two.filename])
  })
}

// devpi-http 12: 137
test('a project that upstream lists and lacks is not asked for again at once', async () => {
  await using upstream = await startFakeUpstream(having(numbered('7', one)))
  await using api = await startMirror(upstream)

  for (const index of [MIRROR, INDEX, MIRROR]) {
    assert.equal((await getPage(api, index, 'gone')).status, 404)
  }
  assert.equal(upstream.requestsTo('/simple/gone/').length, 1)
})

// devpi-http 12: 138
test('a page of a lower serial is not believed, unless the mirror shall not look at serials', async () => {
  await using upstream = await startFakeUpstream(having(numbered('7', one, two)))
  await using api = await startMirror(upstream, { mirror_cache_expiry: 0 })
  assert.equal((await filenames(api)).length, 2)

  for (const answer of [numbered('6', one), body(link(one))]) {
    upstream.answerWith(having(answer))
    assert.equal((await filenames(api)).length, 2)
  }
  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_ignore_serial_header: true } })
  assert.deepEqual(await filenames(api), [one.filename])
  assert.equal((await getPage(api)).headers['x-pypi-last-serial'], undefined)
})

// devpi-http 12: 139
test('upstream’s serial is told on the mirror’s own pages, where it is one', async () => {
  await using upstream = await startFakeUpstream(having(numbered('7', one)))
  await using api = await startMirror(upstream, { mirror_cache_expiry: 0 })
  const serialAt = async (index: string) =>
    (await getPage(api, index)).headers['x-pypi-last-serial']

  assert.deepEqual([await serialAt(MIRROR), await serialAt(INDEX)], ['7', undefined])
  await api.makeIndex('ada/zero', { type: 'mirror', mirror_url: upstream.url('/simple/') })
  upstream.answerWith(having(numbered('0', one)))
  assert.equal(await serialAt('ada/zero'), undefined)
})

// devpi-http 12: 93
test('yanks are shown as upstream has them, with reason and without', async () => {
  const yanked = (file: typeof one, attribute: string) =>
    link(file).replace('<a ', `<a ${attribute} `)
  const page = yanked(one, 'data-yanked=""') + yanked(two, 'data-yanked="a &quot;bad&quot; one"')
  await using upstream = await startFakeUpstream(having(body(page)))
  await using api = await startMirror(upstream)

  assert.deepEqual(
    (await listFiles(api)).map(({ yanked }: Json) => yanked),
    [true, 'a "bad" one'],
  )
  const { text } = await api.get(`/${INDEX}/+simple/foo/`, { accept: 'text/html' })
  assert.match(text, / data-yanked="" /)
  assert.match(text, / data-yanked="a &quot;bad&quot; one" /)
})

// devpi-http 12: 144
test('a mirror’s credentials are sent to upstream, and stand in no page', async () => {
  await using upstream = await startFakeUpstream(having(numbered('7', one)))
  await using api = await startMirror(upstream)
  const mirrorUrl = upstream.url('/simple/').replace('//', '//ada:secret@')
  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_url: mirrorUrl } })

  for (const accept of [J, 'text/html']) {
    for (const index of [MIRROR, INDEX]) {
      const { status, text } = await api.get(`/${index}/+simple/foo/`, { accept })
      assert.equal(status, 200)
      assert.doesNotMatch(text, /secret/)
    }
  }
  assert.doesNotMatch((await api.get(urlOf(one, MIRROR))).text, /secret/)
  const basic = `Basic ${Buffer.from('ada:secret').toString('base64')}`
  assert.deepEqual(
    upstream.requests.map(({ headers }) => headers.authorization),
    [basic, basic],
  )
})
