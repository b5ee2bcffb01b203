/** A mirror's projects and releases in devpi's JSON (devpi-http 4.12, 4.13). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { body, byPath, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts'
import { INDEX, sendFile, urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const MIRROR = 'ada/mirror'
const wheel = makeWheel('foo', '1.0')
const sdist = makeSdist('foo', '1.0')
const bare = makeWheel('foo', '2.0')

const page =
  `<a data-requires-python="&gt;=3.9" data-yanked="broken" href="/f/${wheel.filename}#sha256=${wheel.sha256}">x</a>` +
  `<a href="/f/${sdist.filename}#sha256=${sdist.sha256}">x</a><a href="/f/${bare.filename}">x</a>`
const answers = byPath({
  '/simple/': body('<a href="foo/">foo</a><a href="bad/">bad</a>'),
  '/simple/foo/': body(page),
  '/simple/bad/': body('busy', { status: 503 }),
})

async function startMirror(upstream: FakeUpstream): Promise<Api> {
  const api = await startApi({ config: { requestTimeout: 60_000 } })
  await api.makeIndex(MIRROR, { type: 'mirror', mirror_url: upstream.url('/simple/') })
  await api.makeIndex(INDEX, { bases: [MIRROR] })
  return api
}

test('a mirrored release has what upstream tells, and links to its files', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startMirror(upstream)

  for (const index of [MIRROR, INDEX]) {
    const { json } = await api.get(`/${index}/foo`)
    assert.equal(json.type, 'projectconfig')
    assert.deepEqual(Object.keys(json.result).toSorted(), ['1.0', '2.0'])
    const { result } = await api.get(`/${index}/foo/1.0`)
    const { '+links': links, ...told } = result
    assert.deepEqual(told, {
      name: 'foo',
      version: '1.0',
      requires_python: '>=3.9',
      yanked: 'broken',
    })
    const [link] = links.filter(({ href }: { href: string }) => href.endsWith('.whl'))
    assert.equal(links.length, 2)
    assert.equal(new URL(link.href).pathname, urlOf(wheel, MIRROR))
    assert.deepEqual([link.rel, link.hash_spec], ['releasefile', `sha256=${wheel.sha256}`])
    assert.equal('log' in link, false)
  }
  const { result } = await api.get(`/${MIRROR}/foo/2.0`)
  const [link] = result['+links']
  assert.deepEqual([link.hash_spec, link.hashes], ['', {}])
  assert.match(link.href, /\/\+e\/http_127\.0\.0\.1_\d+_f\//)
  assert.equal((await api.get(`/${MIRROR}/foo/9.0`)).status, 404)
})

test('while upstream fails, a project that nobody knows is 502, and any other is shown', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startMirror(upstream)
  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_cache_expiry: 0 } })
  await api.get(`/${MIRROR}/foo`)

  for (const path of ['bad', 'bad/1.0']) {
    const { status, message } = await api.get(`/${MIRROR}/${path}`)
    assert.deepEqual(
      [status, message],
      [502, `503 status on GET '${upstream.url('/simple/bad/')}'`],
    )
  }
  upstream.answerWith(body('busy', { status: 503 }))
  assert.equal((await api.get(`/${MIRROR}/foo/1.0`)).status, 200)
  assert.equal((await api.get(`/${INDEX}/foo`)).status, 200)
})

// devpi-http 12: 109
test('a mirror that is kept out by a project of our own hears nothing of it', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startMirror(upstream)
  await sendFile(api, INDEX, makeWheel('foo', '0.1'), { version: '0.1' })

  assert.deepEqual(Object.keys((await api.get(`/${INDEX}/foo`)).result), ['0.1'])
  assert.equal((await api.get(`/${INDEX}/foo/1.0`)).status, 404)
  assert.equal((await api.get(`/${INDEX}/foo?ignore_bases`)).status, 200)

  assert.deepEqual(upstream.requests, [])
})
