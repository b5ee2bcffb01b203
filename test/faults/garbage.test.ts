/** Whatever comes in over the wire: an answer that is no failure of ours, and nothing is changed. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Parts } from '#api/parts'
import { apiRoutes } from '#api/routes'
import { ada } from '../support/client.ts'
import { exchange } from '../support/raw-socket.ts'
import { basicAuth, makeUploader } from '../support/uploader.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

/** The same requests each time. */
const SEED = 3
const end = 'Host: x\r\nConnection: close\r\n'

/** No route looks at its parts before a request comes. */
const routes = apiRoutes({ server: {} } as unknown as Parts).flatMap(({ methods, path }) =>
  methods.map((method) => ({ method, path })),
)

const oddPiece = fc.oneof(
  fc.constantFrom('ada', 'dev', 'anchor', 'root', 'anchor-1.0-py3-none-any.whl', 'nobody'),
  fc.constantFrom(
    '%',
    '%zz',
    '%00',
    '%0d%0aX-Injected:%20yes',
    '%ff%fe',
    '%c3%28',
    '\xff',
    '%F0%9F%90%8D',
  ),
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2e%2e%2f',
    '%2f',
    '%5c',
    '+f',
    '%2Bsimple',
    '+',
    ';',
    ':',
    '*',
    '',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'undefined', 'null', 'NaN'),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
  fc
    .string({ unit: 'binary', maxLength: 8 })
    .map((text) => encodeURIComponent(text.toWellFormed())),
  fc.integer({ min: 200, max: 3000 }).map((length) => 'x'.repeat(length)),
)

const oddHeader = fc.oneof(
  fc.constantFrom(
    'Accept: application/vnd.pypi.simple.v1+json;q=nan, ;;,=',
    'Accept: */*;q=-1',
    `Accept: ${'a/b,'.repeat(2000)}`,
    'Accept-Encoding: br;q=2, gzip;q=x, identity;q=0, *;q=0',
    'Authorization: Basic',
    'Authorization: Basic !!!!',
    'Authorization: Basic YWRh',
    `Authorization: Basic ${Buffer.from('\0:\0').toString('base64')}`,
    'Authorization: Bearer x.y.z',
    'X-Devpi-Auth: %%%',
    'X-Devpi-Auth: YWRhOnh4',
    'Cookie: a=b; =; ;',
    'Range: bytes=9-1,-,x',
    'Range: bytes=-0',
    'Range: bytes=99999999999999999999-',
    'If-Range: "x',
    'If-None-Match: W/"", "',
    'If-Modified-Since: never',
    'Content-Type: multipart/form-data',
    'Content-Type: multipart/form-data; boundary=x',
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Type: application/json; charset=utf-32',
    'Content-Encoding: gzip',
    'X-Forwarded-Proto: gopher',
    'X-Forwarded-Host: a b',
    'X-Outside-Url: javascript:alert(1)',
    'Expect: 100-continue',
    'Upgrade: websocket',
    'TE: trailers',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }).map((text) => `X-Odd: ${oneLine(text)}`),
)

/** Never a JSON object: as its owner one may well make an index of `{}`. */
const oddBody = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }),
  fc
    .constantFrom(
      '[]',
      'null',
      '1',
      '"x"',
      '{',
      '{"a":',
      '[1,',
      '\ufeff',
      '[["x"]]',
      '--x\r\n',
      '[]x',
    )
    .map((text) => Buffer.from(text)),
  fc.nat(3000).map((depth) => Buffer.from('['.repeat(depth + 1))),
)

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ')

describe('garbage', () => {
  let yard: Yard
  before(async () => {
    yard = await startYard({ stages: ['ada/dev'] })
    using uploader = makeUploader()
    const upload = await uploader.upload(yard.url('ada/dev/'), makeWheel('anchor', '1.0'))
    assert.equal(upload.status, 200, upload.text)
  })
  after(() => yard[Symbol.asyncDispose]())

  for (const { method, path } of routes) {
    test(`to ${method} ${path} is answered without a failure and changes nothing`, async () => {
      const request = fc.record({
        path: fill(path),
        headers: fc.array(oddHeader, { maxLength: 4 }),
        body: oddBody,
        isSigned: method === 'DELETE' ? fc.constant(false) : fc.boolean(),
      })

      await assertChangesNothing(yard, request, 40, (one) => write(method, one))
    })
  }

  test('makes the log tell of no failure', () => {
    assert.deepEqual(
      yard.log.split('\n').filter((line) => line.includes('"level":"error"')),
      [],
    )
  })
})

/** The path with odd pieces in the place of its parameters. */
function fill(path: string): fc.Arbitrary<string> {
  const parts = path.split('/')
  return fc
    .tuple(...parts.map((part) => (/^[:*]/.test(part) ? oddPiece : fc.constant(part))))
    .map((pieces) => pieces.join('/'))
}

interface OddRequest {
  readonly path: string
  readonly headers: readonly string[]
  readonly body: Uint8Array
  readonly isSigned: boolean
}

function write(method: string, { path, headers, body, isSigned }: OddRequest): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...headers,
    ...(isSigned ? [`Authorization: ${basicAuth(ada)}`] : []),
    `Content-Length: ${body.length}`,
    `${end}\r\n`,
  ]
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body])
}

async function assertChangesNothing<T>(
  yard: Yard,
  requests: fc.Arbitrary<T>,
  numRuns: number,
  write: (request: T) => Uint8Array,
): Promise<void> {
  const before = await serialOf(yard)
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const answer = await exchange(yard.url(), write(request))
      assert.match(answer, /^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 [234]\d\d /)
      assert.doesNotMatch(answer, /^x-injected/im)
    }),
    { numRuns, seed: SEED },
  )
  assert.equal(await serialOf(yard), before)
}

async function serialOf(yard: Yard): Promise<string | null> {
  const response = await fetch(yard.url('+api'))
  await response.arrayBuffer()
  return response.headers.get('x-devpi-serial')
}
