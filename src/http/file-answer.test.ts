import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { makeServer } from '../../test/support/serve-routes.ts'
import type { ByteRange } from './range.ts'
import { fileAnswer } from './reply.ts'
import { get } from './route.ts'

const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251))
const lastModified = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const etag = '"e1"'
const date = 'Fri, 02 Jan 2026 03:04:05 GMT'

function startServer(content: Buffer = bytes, { isInMemory = false } = {}) {
  const opened: (ByteRange | undefined)[] = []
  const route = get('/f', (call) =>
    fileAnswer(call, {
      size: content.length,
      type: 'application/octet-stream',
      etag,
      lastModified,
      headers: { 'Cache-Control': 'immutable', 'X-Content-Type-Options': 'nosniff' },
      open: async (range) => {
        opened.push(range)
        const part = range ? content.subarray(range.start, range.end + 1) : content
        return isInMemory ? part : Readable.from([part])
      },
    }),
  )
  const { server } = makeServer([route])
  const ask = (headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') =>
    server.inject({ method, url: '/f', headers })
  return { ask, opened }
}

test('GET gives all bytes with their length, validators and ranges on offer', async () => {
  const { ask } = startServer()

  const answer = await ask({ 'accept-encoding': 'gzip' })

  assert.equal(answer.statusCode, 200)
  assert.deepEqual(answer.rawPayload, bytes)
  assert.equal(answer.headers['content-length'], '5000')
  assert.equal(answer.headers['accept-ranges'], 'bytes')
  assert.equal(answer.headers.etag, etag)
  assert.equal(answer.headers['last-modified'], date)
  assert.equal(answer.headers['content-encoding'], undefined)
})

test('what is in memory is sent whole and in parts like what is read from a stream', async () => {
  const { ask } = startServer(bytes, { isInMemory: true })

  const whole = await ask({})
  const part = await ask({ range: 'bytes=10-19' })

  assert.deepEqual(whole.rawPayload, bytes)
  assert.equal(part.statusCode, 206)
  assert.deepEqual(part.rawPayload, bytes.subarray(10, 20))
  assert.equal(part.headers['content-range'], 'bytes 10-19/5000')
})

test('C7: HEAD has the same headers and no body, and opens nothing', async () => {
  const { ask, opened } = startServer()

  const answer = await ask({ range: 'bytes=0-0' }, 'HEAD')

  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['content-length'], '5000')
  assert.equal(answer.headers['accept-ranges'], 'bytes')
  assert.equal(answer.body, '')
  assert.deepEqual(opened, [])
})

const parts: readonly [row: string, range: string, start: number, end: number][] = [
  ['C8', 'bytes=0-0', 0, 0],
  ['C9', 'bytes=-10000', 0, 4999],
  ['from the middle', 'bytes=4990-', 4990, 4999],
  ['past the end', 'bytes=4990-9999', 4990, 4999],
  ['the last ten', 'bytes=-10', 4990, 4999],
  ['any case and space', ' Bytes = 1 - 2 ', 1, 2],
]
for (const [row, range, start, end] of parts) {
  test(`${row}: ${range} gives bytes ${start} to ${end}`, async () => {
    const { ask, opened } = startServer()

    const answer = await ask({ range })

    assert.equal(answer.statusCode, 206)
    assert.equal(answer.headers['content-range'], `bytes ${start}-${end}/5000`)
    assert.equal(answer.headers['content-length'], String(end - start + 1))
    assert.deepEqual(answer.rawPayload, bytes.subarray(start, end + 1))
    assert.deepEqual(opened, [{ start, end }])
  })
}

for (const range of ['bytes=5000-', 'bytes=5000-5001', 'bytes=-0', `bytes=${'9'.repeat(30)}-`]) {
  test(`C10: ${range} cannot be satisfied`, async () => {
    const { ask, opened } = startServer()

    const answer = await ask({ range })

    assert.equal(answer.statusCode, 416)
    assert.equal(answer.headers['content-range'], 'bytes */5000')
    assert.equal(answer.headers['content-length'], '0')
    assert.deepEqual(opened, [])
  })
}

for (const range of [
  'bytes=abc',
  'bytes=-',
  'bytes=5-4',
  'bytes=0-1,5-6',
  'lines=0-1',
  '0-1',
  'bytes=1.5-2',
]) {
  test(`C11: ${range} is ignored`, async () => {
    const { ask } = startServer()

    const answer = await ask({ range })

    assert.equal(answer.statusCode, 200)
    assert.equal(answer.rawPayload.length, 5000)
  })
}

const conditions: readonly [ifRange: string, status: number][] = [
  [etag, 206],
  [date, 206],
  ['"other"', 200],
  [`W/${etag}`, 200],
  ['Fri, 02 Jan 2026 03:04:06 GMT', 200],
  ['Fri, 02 Jan 2026 03:04:04 GMT', 200],
  ['nonsense', 200],
]
for (const [ifRange, status] of conditions) {
  test(`C12: a range with If-Range: ${ifRange} gives ${status}`, async () => {
    const { ask } = startServer()

    const answer = await ask({ range: 'bytes=0-9', 'if-range': ifRange })

    assert.equal(answer.statusCode, status)
  })
}

for (const header of [etag, `W/${etag}`, `"a", ${etag}`, `"a,b",W/"e1"`, '*', ' * ']) {
  test(`If-None-Match: ${header} gives 304 with the validators and no body`, async () => {
    const { ask, opened } = startServer()

    const answer = await ask({
      'if-none-match': header,
      'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT',
    })

    assert.equal(answer.statusCode, 304)
    assert.equal(answer.headers.etag, etag)
    assert.equal(answer.headers['cache-control'], 'immutable')
    assert.equal(answer.headers['content-length'], undefined)
    assert.equal(answer.headers['x-content-type-options'], undefined)
    assert.equal(answer.body, '')
    assert.deepEqual(opened, [])
  })
}

for (const header of ['"e2"', 'e1', '', '"e1', '"xe1"']) {
  test(`If-None-Match: ${header} gives the file, whatever the date says`, async () => {
    const { ask } = startServer()

    const answer = await ask({ 'if-none-match': header, 'if-modified-since': date })

    assert.equal(answer.statusCode, 200)
  })
}

const dates: readonly [since: string, status: number][] = [
  [date, 304],
  ['Fri, 02 Jan 2026 03:04:06 GMT', 304],
  ['Fri, 02 Jan 2026 03:04:04 GMT', 200],
  ['yesterday', 200],
]
for (const [since, status] of dates) {
  test(`If-Modified-Since: ${since} gives ${status}`, async () => {
    const { ask } = startServer()

    const answer = await ask({ 'if-modified-since': since })

    assert.equal(answer.statusCode, status)
  })
}

test('of an empty file, a range of its end is the whole file', async () => {
  const { ask } = startServer(Buffer.alloc(0))

  const suffix = await ask({ range: 'bytes=-5' })
  const first = await ask({ range: 'bytes=0-' })

  assert.deepEqual([suffix.statusCode, first.statusCode], [200, 416])
})
