/** What monitoring reads: metrics of the server, and how much its mirrors could tell. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { body, byPath, ranged, startFakeUpstream } from '../support/fake-upstream.ts'
import { urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')
const other = makeWheel('foo', '2.0')
const sdist = makeSdist('foo', '1.0')
const files = [wheel, other, sdist]
const page = files.map(
  ({ filename, sha256 }) => `<a href="/f/${filename}#sha256=${sha256}">${filename}</a>`,
)
const modified = { 'last-modified': 'Tue, 03 Mar 2020 10:00:00 GMT' }
const answers = byPath({
  '/simple/foo/': body(page.join('\n')),
  [`/f/${wheel.filename}`]: ranged(wheel.bytes, modified),
})

const show = async (api: Api): Promise<void> => {
  const accept = 'application/vnd.pypi.simple.v1+json'
  assert.equal((await api.get('/ada/mirror/+simple/foo/', { accept })).status, 200)
}

test('the status tells how much of what was shown of a mirror had metadata, size and upload time', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startApi()
  const mirror = { type: 'mirror', mirror_url: upstream.url('/simple/') }
  await api.makeIndex('ada/mirror', { ...mirror, mirror_make_metadata: false })
  await show(api)
  const coverage = async () => (await api.get('/+status')).result.coverage
  const shown = { index: 'ada/mirror', links: 3, wheels: 2 }
  const [nothing] = await coverage()
  const none = { metadata: 0, metadata_known: 0, size: 0, upload_time: 0 }
  assert.deepEqual(nothing, { ...shown, ...none, fractions: none })

  await api.patch('/ada/mirror', { as: 'ada', json: { mirror_make_metadata: true } })
  await api.get(`${urlOf(wheel, 'ada/mirror')}.metadata`, { accept: '*/*' })
  await show(api)

  const made = { metadata: 2, metadata_known: 1, size: 1, upload_time: 1 }
  const fractions = { metadata: 1, metadata_known: 0.5, size: 0.3333, upload_time: 0.3333 }
  assert.deepEqual(await coverage(), [{ ...shown, ...made, fractions }])
})

test('metrics are in the format of Prometheus, and name the mirrors', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startApi()
  await api.makeIndex('ada/mirror', { type: 'mirror', mirror_url: upstream.url('/simple/') })
  await show(api)

  const { status, headers, text } = await api.get('/+metrics', { accept: '' })

  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  const lines = text.split('\n')
  assert.ok(lines.includes(`wheelyard_ledger_serial ${api.serial}`), text)
  assert.ok(lines.includes('wheelyard_mirror_wheels{index="ada/mirror"} 2'), text)
  assert.ok(lines.includes('wheelyard_mirror_links_with{index="ada/mirror",has="metadata"} 2'))
  for (const line of lines.slice(0, -1)) {
    assert.match(line, /^(# (HELP|TYPE) wheelyard_\w+ .+|wheelyard_\w+(\{.*\})? [\d.e-]+)$/)
  }
})

test('a mirror that is removed is no longer counted', async () => {
  await using upstream = await startFakeUpstream(answers)
  await using api = await startApi()
  await api.makeIndex('ada/mirror', {
    type: 'mirror',
    mirror_url: upstream.url('/simple/'),
    volatile: true,
  })
  await show(api)

  await api.del('/ada/mirror', { as: 'ada' })

  assert.deepEqual((await api.get('/+status')).result.coverage, [])
})
