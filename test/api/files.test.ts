/** Downloads: files by their hash, whole and in parts. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api } from '../support/api.ts'
import { INDEX, listFiles, sendFile, urlOf, type Fields } from '../support/upload.ts'
import { makeWheel, type Distribution } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')

async function startWith(file: Distribution = wheel, fields: Fields = {}): Promise<Api> {
  const api = await startApi({ indexes: [INDEX] })
  const reply = await sendFile(api, INDEX, file, fields)
  assert.equal(reply.status, 200)
  return api
}

const get = (api: Api, url: string, headers: Record<string, string> = {}) =>
  api.get(url, { accept: '*/*', headers })

// devpi-http 12: 117
test('a file is served with validators, for ever, and not as a page', async () => {
  await using api = await startWith()

  const { status, headers, bytes } = await get(api, urlOf(wheel))

  assert.equal(status, 200)
  assert.deepEqual(bytes, wheel.bytes)
  assert.equal(headers.etag, `"${wheel.sha256}"`)
  assert.equal(headers['content-length'], String(wheel.bytes.length))
  assert.equal(headers['accept-ranges'], 'bytes')
  assert.equal(headers['cache-control'], 'max-age=365000000, immutable, public')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['content-security-policy'], 'sandbox')
  assert.equal(headers['content-disposition'], undefined)
  assert.ok(Date.parse(headers['last-modified'] ?? ''))
})

test('C7: HEAD says all that GET says', async () => {
  await using api = await startWith()
  const full = await get(api, urlOf(wheel))

  const head = await api.ask('HEAD', urlOf(wheel), { accept: '*/*' })

  assert.deepEqual([head.status, head.bytes.length], [200, 0])
  for (const name of ['content-length', 'accept-ranges', 'etag', 'last-modified', 'content-type']) {
    assert.equal(head.headers[name], full.headers[name])
  }
})

const size = wheel.bytes.length
const ranges = [
  ['C8', 'bytes=0-0', 206, `bytes 0-0/${size}`, wheel.bytes.subarray(0, 1)],
  ['C9', `bytes=-${size * 2}`, 206, `bytes 0-${size - 1}/${size}`, wheel.bytes],
  [
    'the end',
    'bytes=-10',
    206,
    `bytes ${size - 10}-${size - 1}/${size}`,
    wheel.bytes.subarray(-10),
  ],
  ['resumed', 'bytes=100-', 206, `bytes 100-${size - 1}/${size}`, wheel.bytes.subarray(100)],
  ['C10', `bytes=${size}-`, 416, `bytes */${size}`, Buffer.alloc(0)],
  ['C11', 'bytes=abc', 200, undefined, wheel.bytes],
  ['several', 'bytes=0-1,4-5', 200, undefined, wheel.bytes],
  ['of nothing', 'bytes=-0', 416, `bytes */${size}`, Buffer.alloc(0)],
] as const

// devpi-http 12: 116
test('a part of a file is served as it is asked for', async (t) => {
  await using api = await startWith()

  for (const [row, range, status, contentRange, expected] of ranges) {
    await t.test(`${row}: ${range}`, async () => {
      const reply = await get(api, urlOf(wheel), { range })
      assert.equal(reply.status, status)
      assert.equal(reply.headers['content-range'], contentRange)
      assert.deepEqual(reply.bytes, Buffer.from(expected))
    })
  }
})

test('C12: a part is served only of the file that the client has a part of', async () => {
  await using api = await startWith()
  const { headers } = await get(api, urlOf(wheel))
  const part = async (ifRange: string) =>
    (await get(api, urlOf(wheel), { range: 'bytes=1-', 'if-range': ifRange })).status

  assert.equal(await part(headers.etag!), 206)
  assert.equal(await part(headers['last-modified']!), 206)
  assert.equal(await part('"another"'), 200)
  assert.equal(await part(`W/${headers.etag}`), 200)
  assert.equal(await part(new Date(0).toUTCString()), 200)
})

test('whoever has the file is told so', async () => {
  await using api = await startWith()
  const { headers } = await get(api, urlOf(wheel))

  for (const conditions of [
    { 'if-none-match': headers.etag! },
    { 'if-none-match': '*' },
    { 'if-modified-since': headers['last-modified']! },
  ]) {
    const reply = await get(api, urlOf(wheel), conditions)
    assert.deepEqual([reply.status, reply.bytes.length], [304, 0])
    assert.equal(reply.headers.etag, headers.etag)
    assert.equal(reply.headers['cache-control'], headers['cache-control'])
  }
  const other = await get(api, urlOf(wheel), { 'if-none-match': '"another"' })
  assert.equal(other.status, 200)
})

test('C13: archives are never compressed, and have the types that devpi gives them', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const types = {
    'foo-1.0-py3-none-any.whl': 'application/octet-stream',
    'foo-1.0.tar.gz': 'application/x-tar',
    'foo-1.0.tgz': 'application/x-tar',
    'foo-1.0.zip': 'application/zip',
    'foo-1.0-py3.egg': 'application/octet-stream',
  }

  for (const [filename, type] of Object.entries(types)) {
    const file = { ...wheel, filename }
    await sendFile(api, INDEX, file)
    const { headers } = await get(api, urlOf(file), { 'accept-encoding': 'gzip, br, zstd' })
    assert.equal(headers['content-type'], type)
    assert.equal(headers['content-encoding'], undefined)
  }
})

test('C15: a plus and an exclamation mark may be encoded or not', async () => {
  const file = makeWheel('foo', '2!1.0+local.1')
  await using api = await startWith(file, { version: '2!1.0+local.1' })
  const folder = `${file.sha256.slice(0, 3)}/${file.sha256.slice(3, 16)}`

  for (const f of ['+f', '%2Bf', '%2bf']) {
    for (const name of [
      '2!1.0+local.1',
      '2%211.0%2Blocal.1',
      '2%211.0+local.1',
      '2!1.0%2blocal.1',
    ]) {
      const url = `/${INDEX}/${f}/${folder}/foo-${name}-py3-none-any.whl`
      const reply = await get(api, url)
      assert.deepEqual(reply.bytes, file.bytes, url)
    }
  }
})

test('a long name in letters of any script is served too', async () => {
  const filename = `foo-1.0-${'é'.repeat(220)}.zip`
  await using api = await startWith({ ...wheel, filename })

  const [listed] = await listFiles(api)
  const { pathname } = new URL(listed.url, `http://x/${INDEX}/+simple/foo/`)

  assert.deepEqual((await get(api, pathname)).bytes, wheel.bytes)
})

test('a file is found at its own address only', async () => {
  await using api = await startWith()
  await api.makeIndex('ada/child', { bases: [INDEX] })
  const { message } = refuse('file-missing')
  const wrong = [
    urlOf({ ...wheel, sha256: `0${wheel.sha256.slice(1)}` }),
    urlOf({ ...wheel, filename: 'foo-1.1-py3-none-any.whl' }),
    urlOf({ ...wheel, filename: 'foo.html' }),
    urlOf(wheel, 'ada/child'),
    urlOf(wheel).replace('+f', '+e'),
    `/${INDEX}/+e/http_example.org/${wheel.filename}`,
  ]

  for (const url of wrong) {
    const reply = await api.get(url, { accept: 'application/json' })
    assert.equal(reply.status, 404, url)
    if (!url.includes('/+e/') || url.includes('http_')) assert.equal(reply.message, message)
  }
  const none = await api.get(urlOf(wheel, 'ada/none'))
  assert.deepEqual(
    [none.status, none.message],
    [404, refuse('index-missing', { index: 'ada/none' }).message],
  )
})

// devpi-http 12: 114, 115
test('an address that had a file is gone for good: replaced, or with its whole index', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  const other = makeWheel('foo', '1.0', { content: 'other' })
  await sendFile(api, INDEX, wheel)
  await sendFile(api, INDEX, other)
  const gone = refuse('file-gone').message
  const ask = async (file: Distribution, suffix = '') => {
    const reply = await api.get(urlOf(file) + suffix, { accept: 'application/json' })
    return reply.status === 200 ? 200 : [reply.status, reply.message]
  }

  const replaced = [await ask(wheel), await ask(wheel, '.metadata'), await ask(other)]
  await api.del(`/${INDEX}`, { as: 'ada' })
  const removed = await ask(other)
  await api.makeIndex(INDEX)
  const anew = await ask(other)
  await sendFile(api, INDEX, other)

  assert.deepEqual(replaced, [[410, gone], [410, gone], 200])
  assert.deepEqual([removed, anew, await ask(other)], [[410, gone], [410, gone], 200])
})

// devpi-http 12: 113
test('who asks for JSON is told about the file instead', async () => {
  await using api = await startWith(makeWheel('foo', '1.00'), { version: '1.00' })
  const file = makeWheel('foo', '1.00')

  const { json, headers } = await api.get(urlOf(file))

  assert.equal(json.type, 'releasefilemeta')
  const { last_modified: at, ...result } = json.result
  assert.ok(Date.parse(at))
  assert.deepEqual(result, {
    hash_spec: `sha256=${file.sha256}`,
    hashes: { sha256: file.sha256 },
    project: 'foo',
    version: '1.00',
  })
  assert.equal(headers['cache-control'], 'no-store')
})

test('addresses that nobody makes lead nowhere', async () => {
  await using api = await startWith()
  const names = ['', '.metadata', '%20.zip', 'a%5Cb.zip', '-.zip', '-1.0.zip', '%F0%9F%92%A9.zip']

  for (const folder of ['+f/a/b', '+f/abc/', '+f//', '+e/x', '+e/']) {
    for (const name of names) {
      const { status } = await get(api, `/${INDEX}/${folder}/${name}`)
      assert.equal(status, 404, `${folder}/${name}`)
    }
  }
})

test('other methods find nothing there', async () => {
  await using api = await startWith()

  for (const method of ['PUT', 'PATCH'] as const) {
    assert.equal((await api.ask(method, urlOf(wheel), { as: 'ada' })).status, 404)
  }
})

test('files are there after a restart', async () => {
  await using api = await startWith()

  await api.restart()

  assert.deepEqual((await get(api, urlOf(wheel))).bytes, wheel.bytes)
})

async function hashOf(response: Response): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of response.body!) hash.update(chunk)
  return hash.digest('hex')
}

test('what waits for a slow client stays as it is while others are served', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const files: Distribution[] = []
  for (const version of ['1.0', '2.0']) {
    // More than connections hold on their way.
    const extraFiles = { 'data.bin': randomBytes(24_000_000) }
    files.push(makeWheel('foo', version, { extraFiles }))
    assert.equal((await sendFile(api, INDEX, files.at(-1)!, { version })).status, 200)
  }
  const [one, other] = files.map((file) => new URL(urlOf(file), api.app.url).href)

  const slow = await Promise.all([one, one, other].map((url) => fetch(url!)))
  const quick = await Promise.all([one, other, other].map(async (url) => hashOf(await fetch(url!))))

  const [a, b] = files.map(({ sha256 }) => sha256)
  assert.deepEqual(quick, [a, b, b])
  assert.deepEqual(await Promise.all(slow.map(hashOf)), [a, a, b])
})
