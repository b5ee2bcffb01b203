/** A mirror's files: the first download, HEAD, files without hashes, and what upstream sends instead (devpi-http 6.5). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api, type Method, type Reply } from '../support/api.ts'
import {
  body,
  byPath,
  notFound,
  startFakeUpstream,
  type Answer,
  type FakeUpstream,
} from '../support/fake-upstream.ts'
import { listFiles, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const MIRROR = 'ada/mirror'
const IMMUTABLE = 'max-age=365000000, immutable, public'
const wheel = makeWheel('foo', '1.0')
const bare = makeWheel('bare', '1.0')
const FILE = `/f/${wheel.filename}`

const withFile = (file: Answer, bareFile: Answer = body(bare.bytes)): Answer =>
  byPath({
    '/simple/': body('<a href="foo/">foo</a><a href="bare/">bare</a>'),
    '/simple/foo/': body(`<a href="${FILE}#sha256=${wheel.sha256}">${wheel.filename}</a>`),
    '/simple/bare/': body(`<a href="/f/${bare.filename}">${bare.filename}</a>`),
    [FILE]: file,
    [`/f/${bare.filename}`]: bareFile,
  })

async function startMirror(upstream: FakeUpstream): Promise<Api> {
  const api = await startApi({ config: { requestTimeout: 60_000 } })
  await api.makeIndex(MIRROR, { type: 'mirror', mirror_url: upstream.url('/simple/') })
  return api
}

const ask = (api: Api, method: Method = 'GET', path = urlOf(wheel, MIRROR)): Promise<Reply> =>
  api.ask(method, path, { accept: '*/*' })

const pathOfBare = async (api: Api): Promise<string> => {
  const [{ url }] = await listFiles(api, MIRROR, 'bare')
  return new URL(url, `http://x/${MIRROR}/+simple/bare/`).pathname
}

/** Asks until the file is in the store: the client has its last byte before the store does. */
async function askUntilHere(api: Api): Promise<Reply> {
  for (;;) {
    const reply = await ask(api)
    if (reply.headers['x-accel-buffering'] === undefined) return reply
  }
}

// devpi-http 12: 117, 140
test('the first download streams from upstream, the next comes from here', async () => {
  await using upstream = await startFakeUpstream(withFile(body(wheel.bytes)))
  await using api = await startMirror(upstream)

  const first = await ask(api)
  const next = await askUntilHere(api)

  assert.deepEqual([first.status, first.headers['x-accel-buffering']], [200, 'no'])
  for (const { bytes, headers } of [first, next]) {
    assert.deepEqual(bytes, wheel.bytes)
    assert.equal(headers['cache-control'], IMMUTABLE)
    assert.equal(headers['content-length'], String(wheel.bytes.length))
    assert.ok(Date.parse(headers['last-modified'] ?? ''))
  }
  assert.equal(upstream.requestsTo(FILE).length, 1)
})

test('HEAD of a file that is not here fetches it, for who asks next: upstream is asked once', async () => {
  await using upstream = await startFakeUpstream(withFile(body(wheel.bytes)))
  await using api = await startMirror(upstream)

  const { status, headers, bytes } = await ask(api, 'HEAD')
  assert.deepEqual([status, bytes.length], [200, 0])
  assert.equal(headers['content-length'], String(wheel.bytes.length))
  assert.deepEqual((await ask(api)).bytes, wheel.bytes)
  await askUntilHere(api)
  assert.equal((await ask(api, 'HEAD')).headers['x-accel-buffering'], undefined)
  assert.equal(upstream.requestsTo(FILE).length, 1)

  upstream.answerWith(withFile(notFound, notFound))
  const missing = await ask(api, 'HEAD', await pathOfBare(api))
  assert.equal(missing.status, 404)
})

// devpi-http 12: 141
test('what upstream sends is not kept if it is something else, and asked for again', async () => {
  const other = Buffer.alloc(wheel.bytes.length)
  await using upstream = await startFakeUpstream(withFile(body(other)))
  await using api = await startMirror(upstream)

  await assert.rejects(ask(api))
  upstream.answerWith(withFile(body(wheel.bytes)))

  assert.deepEqual((await ask(api)).bytes, wheel.bytes)
  assert.equal(upstream.requestsTo(FILE).length, 2)
})

// devpi-http 12: 142
test('a file that upstream fails to send is 502, and 404 where it says so', async () => {
  await using upstream = await startFakeUpstream(withFile(notFound))
  await using api = await startMirror(upstream)

  for (const [status, expected] of [
    [404, 404],
    [410, 502],
    [500, 502],
    [503, 502],
    [403, 502],
  ] as const) {
    upstream.answerWith(withFile(body('no', { status })))
    const reply = await ask(api)
    const message = `error ${status} getting ${upstream.url(FILE)}`
    assert.deepEqual([reply.status, reply.json], [expected, { message }])
    assert.equal(reply.headers['content-type'], 'application/json')
  }
})

test('a file without a hash has upstream’s address for a folder, and is known once its page is', async () => {
  await using upstream = await startFakeUpstream(withFile(notFound))
  await using api = await startMirror(upstream)
  const host = new URL(upstream.url()).host.replace(':', '_')
  const path = `/${MIRROR}/+e/http_${host}_f/${bare.filename}`

  assert.equal((await ask(api, 'GET', path)).status, 404)
  assert.deepEqual(upstream.requests, [])
  assert.equal(await pathOfBare(api), path)

  const first = await ask(api, 'GET', path)
  assert.deepEqual([first.status, first.bytes], [200, bare.bytes])
  const other = path.replace('_f/', '_g/')
  assert.equal((await ask(api, 'GET', other)).status, 404)
})

// devpi-http 12: 166
test('a name that is no file of a project is 404, and upstream hears nothing', async () => {
  await using upstream = await startFakeUpstream(withFile(notFound))
  await using api = await startMirror(upstream)

  for (const name of ['foo.html', 'foo', '-.zip', '.whl']) {
    const reply = await ask(api, 'GET', `/${MIRROR}/+f/abc/0123456789abc/${name}`)
    assert.equal(reply.status, 404, name)
  }
  assert.deepEqual(upstream.requests, [])
})

// devpi-http 12: 113
test('what is known of a mirrored file is told without fetching it', async () => {
  await using upstream = await startFakeUpstream(withFile(notFound))
  await using api = await startMirror(upstream)

  const { json } = await api.get(urlOf(wheel, MIRROR))
  assert.equal(json.type, 'releasefilemeta')
  const { last_modified: _, ...result } = json.result
  assert.deepEqual(result, {
    hash_spec: `sha256=${wheel.sha256}`,
    hashes: { sha256: wheel.sha256 },
    project: 'foo',
    url: upstream.url(FILE),
    version: '1.0',
  })
  assert.equal(upstream.requestsTo(FILE).length, 0)
})
