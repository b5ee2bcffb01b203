/** Which serialisation of a page a client gets, and in which coding (index-standards 1.6, 9.7). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { refuse } from '#base/refusal'
import { startApi, type Api, type Reply } from '../support/api.ts'
import { addProject } from '../support/domain.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const J = 'application/vnd.pypi.simple.v1+json'
const H = 'application/vnd.pypi.simple.v1+html'
const T = 'text/html'
const LATEST = 'application/vnd.pypi.simple.latest'
const PIP = `${J}, ${H}; q=0.1, text/html; q=0.01`
const UV = `${J}, ${H};q=0.2, text/html;q=0.01`
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8'
const UV_PUBLISH = 'application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7'

interface Row {
  readonly row: string
  /** Undefined: no header. */
  readonly accept: string | undefined
  readonly format?: string
  /** What is served, or the status of the refusal. */
  readonly served: typeof J | typeof H | typeof T | 406
}

const rows: readonly Row[] = [
  { row: 'A1', accept: undefined, served: T },
  { row: 'A2', accept: '', served: T },
  { row: 'A3', accept: '*/*', served: T },
  { row: 'A4', accept: 'text/*', served: T },
  { row: 'A5', accept: 'application/*', served: H },
  { row: 'A6', accept: J, served: J },
  { row: 'A7', accept: H, served: H },
  { row: 'A8', accept: PIP, served: J },
  { row: 'A9', accept: UV, served: J },
  { row: 'A10', accept: `${J}, */*;q=0.1`, served: J },
  { row: 'A11', accept: `${LATEST}+json`, served: J },
  { row: 'A12', accept: `${LATEST}+html`, served: H },
  { row: 'A13', accept: 'application/vnd.pypi.simple.v2+json', served: 406 },
  { row: 'A14', accept: 'application/json', served: 406 },
  { row: 'A15', accept: `${J}, ${H}, ${T}`, served: J },
  { row: 'A16', accept: `${T}, ${J}`, served: J },
  { row: 'A17', accept: `${J}, */*`, served: J },
  { row: 'A18', accept: `${J};q=0.5, ${H};q=0.5`, served: J },
  { row: 'A19', accept: `${J};q=0, */*`, served: T },
  { row: 'A20', accept: `${J};q=0`, served: 406 },
  { row: 'A21', accept: `${J};q=0.001, ${T};q=0`, served: J },
  { row: 'A22', accept: `${T};q=0.8, application/*;q=0.9`, served: H },
  { row: 'A23', accept: BROWSER, served: T },
  { row: 'A24', accept: 'garbage', served: T },
  { row: 'A25', accept: `${J};q=1.5`, served: T },
  { row: 'A26', accept: J.toUpperCase(), served: J },
  { row: 'A27', accept: `${J};charset=utf-8`, served: 406 },
  { row: 'A28', accept: UV_PUBLISH, served: T },
  { row: 'A29', accept: T, format: encodeURIComponent(J), served: J },
  { row: 'A29 with a raw plus', accept: T, format: J, served: J },
  { row: 'A30', accept: T, format: `${LATEST}%2Bjson`, served: J },
  { row: 'A31', accept: J, format: 'application/json', served: J },
  { row: 'an empty format', accept: J, format: '', served: J },
  { row: 'a format that every object has', accept: T, format: 'constructor', served: T },
  { row: 'a format that every object has', accept: T, format: '__proto__', served: T },
  { row: 'a format for one who takes nothing', accept: 'image/png', format: T, served: T },
]

async function startWithPage(files = 1): Promise<Api> {
  const api = await startApi({ indexes: [INDEX] })
  for (let i = 0; i < files; i++) {
    await sendFile(api, INDEX, makeWheel('foo', '1.0', { buildTag: String(i) }))
  }
  return api
}

for (const path of ['+simple/foo/', '+simple/']) {
  // devpi-http 12: 91
  test(`${path} is served as the client asks`, async (t) => {
    await using api = await startWithPage()

    for (const { row, accept, format, served } of rows) {
      await t.test(row, async () => {
        const query = format === undefined ? '' : `?format=${format}`
        const headers = accept === undefined ? {} : { accept }

        const reply = await api.get(`/${INDEX}/${path}${query}`, { accept: '', headers })

        if (served === 406) {
          const message = refuse('not-acceptable', { offered: `${J}, ${H}, ${T}` }).message
          assert.equal(reply.status, 406)
          assert.equal(reply.headers['content-type'], 'text/plain; charset=UTF-8')
          assert.ok(reply.text.includes(message))
        } else {
          const charset = served === J ? '' : '; charset=utf-8'
          assert.equal(reply.status, 200)
          assert.equal(reply.headers['content-type'], `${served}${charset}`)
          assert.equal(reply.text.startsWith('{'), served === J)
        }
      })
    }
  })
}

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
}

const ask = (api: Api, headers: Record<string, string>, accept = J): Promise<Reply> =>
  api.get(`/${INDEX}/+simple/foo/`, { accept, headers })

test('a page comes in the coding that the client likes, the first time and the next', async () => {
  await using api = await startWithPage(20)
  const plain = await ask(api, {})

  for (const [coding, decode] of Object.entries(decoders)) {
    for (const time of ['first', 'next']) {
      const reply = await ask(api, { 'accept-encoding': coding })
      assert.equal(reply.headers['content-encoding'], coding, time)
      assert.equal(reply.headers['content-length'], String(reply.bytes.length))
      assert.ok(reply.bytes.length < plain.bytes.length / 2)
      assert.deepEqual(decode(reply.bytes), plain.bytes)
    }
  }
})

test('the codings of pip and uv, and those that nobody has', async () => {
  await using api = await startWithPage(20)
  const codingFor = async (header: string) =>
    (await ask(api, { 'accept-encoding': header })).headers['content-encoding']

  assert.equal(await codingFor('gzip, deflate'), 'gzip')
  assert.equal(await codingFor('gzip, deflate, zstd'), 'zstd')
  assert.equal(await codingFor('identity'), undefined)
  assert.equal(await codingFor('deflate'), undefined)
  assert.equal(await codingFor('gzip;q=0'), undefined)
  assert.equal(await codingFor('br;q=0.5, gzip'), 'gzip')
})

test('a page of a few words is not compressed', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await addProject(api.ledger, INDEX, 'foo')

  const reply = await api.get(`/${INDEX}/+simple/foo/`, {
    accept: J,
    headers: { 'accept-encoding': 'gzip' },
  })

  assert.equal(reply.headers['content-encoding'], undefined)
})

// devpi-http 12: 87
test('every serialisation and coding has a validator of its own', async () => {
  await using api = await startWithPage(20)
  const tags: string[] = []

  for (const accept of [J, H, T]) {
    for (const coding of ['identity', ...Object.keys(decoders)]) {
      const { headers } = await ask(api, { 'accept-encoding': coding }, accept)
      assert.equal(headers.vary, 'Accept, Accept-Encoding, User-Agent')
      assert.equal(headers['cache-control'], 'no-cache')
      assert.match(headers.etag ?? '', /^"[\w-]+"$/)
      tags.push(headers.etag!)
    }
  }

  assert.equal(new Set(tags).size, 12)
})

test('C4: whoever has the page is told so', async () => {
  await using api = await startWithPage(20)
  const first = await ask(api, { 'accept-encoding': 'gzip' })
  const etag = first.headers.etag!

  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const reply = await ask(api, { 'accept-encoding': 'gzip', 'if-none-match': header })
    assert.deepEqual([reply.status, reply.bytes.length], [304, 0])
    assert.equal(reply.headers.etag, etag)
    assert.equal(reply.headers.vary, first.headers.vary)
    assert.equal(reply.headers['cache-control'], 'no-cache')
    assert.ok(reply.headers.date)
  }
})

test('C5: the validator of another serialisation or coding does not count', async () => {
  await using api = await startWithPage(20)
  const { etag = '' } = (await ask(api, { 'accept-encoding': 'gzip' })).headers

  const html = await ask(api, { 'accept-encoding': 'gzip', 'if-none-match': etag }, T)
  const zstd = await ask(api, { 'accept-encoding': 'zstd', 'if-none-match': etag })

  assert.deepEqual([html.status, zstd.status], [200, 200])
})

test('HEAD answers as GET does, without the body', async () => {
  await using api = await startWithPage(20)

  for (const coding of ['identity', 'gzip']) {
    const options = { accept: J, headers: { 'accept-encoding': coding } }
    const got = await api.get(`/${INDEX}/+simple/foo/`, options)
    const head = await api.ask('HEAD', `/${INDEX}/+simple/foo/`, options)
    const { date: _date, 'x-request-id': _id, ...expected } = got.headers
    const { date: _date2, 'x-request-id': _id2, ...headers } = head.headers
    assert.deepEqual(headers, expected)
    assert.equal(head.bytes.length, 0)
  }
})

test('without its last slash an address depends on who asks, and says so', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await addProject(api.ledger, 'ada/dev', 'anchor')

  for (const path of ['/ada/dev/+simple/anchor', '/ada/dev/+simple']) {
    const person = await api.get(path, { accept: 'text/html' })
    const pip = await api.get(path, { accept: '*/*', headers: { 'user-agent': 'pip/26.3' } })
    assert.deepEqual([person.status, pip.status], [302, 200])
    for (const reply of [person, pip]) assert.match(reply.headers.vary ?? '', /User-Agent/)
  }
})
