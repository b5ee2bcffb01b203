/** Pushing a release from a mirror: what upstream has becomes the target's own (devpi-http 4.17). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import type { Api, Reply } from '../support/api.ts'
import { body, breakAfter, byPath, type Answer } from '../support/fake-upstream.ts'
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts'
import { pathOf, sdist, startIndexes, TARGET, wheel } from '../support/push.ts'
import { listFiles, md5Of, stateOf } from '../support/upload.ts'

const MIRROR = 'ada/mirror'

const anchor = ({ filename }: typeof wheel, hash: string, attributes = ''): string =>
  `<a href="/f/${filename}${hash}" ${attributes}>${filename}</a>`

const page = body(
  anchor(
    wheel,
    `#md5=${md5Of(wheel.bytes)}`,
    'data-requires-python="&gt;=3.8" data-yanked="broken"',
  ) + anchor(sdist, `#sha256=${sdist.sha256}`),
)

const answers: Readonly<Record<string, Answer>> = {
  '/simple/foo/': page,
  [`/f/${wheel.filename}`]: body(wheel.bytes),
  [`/f/${sdist.filename}`]: body(sdist.bytes),
}

async function start(upstream: FakeUpstream, target = {}): Promise<Api> {
  const api = await startIndexes(target)
  const options = { type: 'mirror', mirror_url: upstream.url('/simple/'), volatile: true }
  await api.makeIndex(MIRROR, options)
  return api
}

const push = (api: Api, changes = {}): Promise<Reply> => {
  const json = { name: 'foo', version: '1.0', targetindex: TARGET, ...changes }
  return api.ask('PUSH', `/${MIRROR}`, { as: 'ada', json })
}

// devpi-http 12: 131
test('files are downloaded, hashed anew, and kept under their SHA-256', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await start(upstream)

  const { status, result } = await push(api)

  assert.equal(status, 200)
  assert.deepEqual(result, [
    [200, 'register', 'foo', '1.0', '->', TARGET],
    [200, 'store_releasefile', pathOf(wheel)],
    [200, 'store_releasefile', pathOf(sdist)],
  ])
  for (const file of [wheel, sdist]) {
    const { bytes } = await api.get(`/${pathOf(file)}`, { accept: '*/*' })
    assert.deepEqual(bytes, file.bytes)
  }
  const metadata = await api.get(`/${pathOf(wheel)}.metadata`, { accept: '*/*' })
  assert.deepEqual(metadata.bytes, wheel.metadataBytes)
})

test('of the metadata what upstream tells is there: name, version, Python, yanked', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await start(upstream)
  await push(api)

  const { result } = await api.get(`/${TARGET}/foo/1.0`)
  const [first] = await listFiles(api, TARGET)

  const { '+links': links, ...metadata } = result
  assert.deepEqual(metadata, {
    name: 'foo',
    version: '1.0',
    requires_python: '>=3.8',
    yanked: 'broken',
  })
  assert.equal(links[0].hash_spec, `sha256=${wheel.sha256}`)
  assert.deepEqual(links[0].hashes, { md5: md5Of(wheel.bytes), sha256: wheel.sha256 })
  assert.deepEqual(
    links[0].log.map(({ what, src, dst }: Record<string, string>) => [what, src, dst]),
    [['push', MIRROR, TARGET]],
  )
  assert.deepEqual(
    [first['requires-python'], first.yanked, first['core-metadata'].sha256.length],
    ['>=3.8', 'broken', 64],
  )
})

test('a pushed file is as old as it was at the mirror', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await start(upstream)
  const { result } = await api.get(`/${MIRROR}/foo/1.0`)
  const { pathname } = new URL(result['+links'][0].href)
  const before = await api.get(pathname, { accept: '*/*' })

  await push(api)

  const after = await api.get(`/${pathOf(wheel)}`, { accept: '*/*' })
  assert.equal(after.headers['last-modified'], before.headers['last-modified'])
})

test('what upstream does not have is refused as unknown, and nothing is left of it', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await start(upstream)

  for (const [name, version] of [
    ['nope', '1.0'],
    ['foo', '2.0'],
  ] as const) {
    const { status, message } = await push(api, { name, version })
    const expected = refuse('push-no-release', { name, version, index: MIRROR }).message
    assert.deepEqual([status, message], [400, expected])
  }
  assert.deepEqual((await api.get(`/${TARGET}`)).result.projects, [])
})

for (const [how, answer, expected] of [
  ['fails', body('broken', { status: 503 }), /^error 503 getting http/],
  ['has lost the file', body('gone', { status: 404 }), /^error 404 getting http/],
  ['sends other bytes', body(Buffer.alloc(sdist.bytes.length)), /sha256|hash|digest/i],
  ['breaks off', breakAfter(sdist.bytes, 10), /closed the connection early/],
] as const) {
  test(`an upstream that ${how} is 502, and nothing of the release is left`, async () => {
    const broken = byPath({ ...answers, [`/f/${sdist.filename}`]: answer })
    await using upstream = await startFakeUpstream(broken)
    await using api = await start(upstream)

    const { status, message = '' } = await push(api)

    assert.equal(status, 502)
    assert.match(message, expected)
    assert.deepEqual((await api.get(`/${TARGET}`)).result.projects, [])
    assert.equal((await api.get(`/${TARGET}/foo/1.0`)).status, 404)
  })
}

test('an upstream whose page fails is 502 in JSON', async () => {
  await using upstream = await startFakeUpstream(body('broken', { status: 503 }))
  await using api = await start(upstream)
  const json = { name: 'foo', version: '1.0', targetindex: TARGET }

  const reply = await api.ask('PUSH', `/${MIRROR}`, { as: 'ada', accept: '*/*', json })

  assert.equal(reply.status, 502)
  assert.match(reply.message ?? '', /^503 status on GET 'http/)
})

test('nothing is fetched for who may not push', async () => {
  await using upstream = await startFakeUpstream(byPath(answers))
  await using api = await start(upstream, { acl_upload: ['bob'] })

  assert.equal((await push(api)).status, 401)

  assert.deepEqual(
    upstream.requests.filter(({ path }) => path.startsWith('/f/')),
    [],
  )
  assert.deepEqual(((await stateOf(api)) as { blobs: string[] }).blobs, [])
})
