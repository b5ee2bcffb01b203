/** Requests that no honest client sends, made at random: addresses near to real ones, odd headers, spoilt bodies. */
import fc from 'fast-check'

export interface OddRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly string[]
  readonly body: Uint8Array
}

const methods = fc.constantFrom(
  ...['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'PUSH', 'OPTIONS', 'TRACE', 'FOO', 'get'],
)

const oddPiece = fc.oneof(
  fc.constantFrom('%', '%zz', '%00', '%0d%0aX-Injected:%20yes', '%ff%fe', '%c3%28', '\xff'),
  fc.constantFrom('..', '.', '%2e%2e', '%2e%2e%2f', '%2f', '%5c', '+f', '%2Bsimple', '+', '+x'),
  fc.constantFrom(';', ':', '*', '', '~', '%F0%9F%90%8D', 'nobody', 'root', 'up', '<b>', '"', "'"),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'undefined', 'null', 'NaN', '-1', '1e9'),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
  fc
    .string({ unit: 'binary', maxLength: 8 })
    .map((text) => encodeURIComponent(text.toWellFormed())),
  fc.integer({ min: 200, max: 3000 }).map((length) => 'x'.repeat(length)),
)

const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom('?force', '?no_projects', '?error_on_noop', '?format=%00', '?:action=submit'),
  fc.constantFrom('?', '?%zz', '?x=%0d%0aX-Injected:%20yes', '?\xff', `?${'a&'.repeat(3000)}`),
)

export const oddHeader = fc.oneof(
  fc.constantFrom(
    'Accept: application/json',
    'Accept: text/html',
    'Accept: application/vnd.pypi.simple.v1+json;q=nan, ;;,=',
    'Accept: */*;q=-1',
    `Accept: ${'a/b,'.repeat(2000)}`,
    'Accept-Encoding: br;q=2, gzip;q=x, identity;q=0, *;q=0',
    'User-Agent: pip/\xff',
  ),
  fc.constantFrom(
    'Authorization: Basic',
    'Authorization: Basic YWRh',
    `Authorization: Basic ${Buffer.from('\0:\0').toString('base64')}`,
    'Authorization: Bearer wheelyard-e30.AAAA',
    'X-Devpi-Auth: %%%',
    'X-Devpi-Auth: YWRhOnh4',
    'Cookie: a=b; =; ;',
  ),
  fc.constantFrom(
    'Range: bytes=9-1,-,x',
    'Range: bytes=-0',
    'Range: bytes=99999999999999999999-',
    'If-Range: "x',
    'If-None-Match: *',
    'If-None-Match: W/"", "',
    'If-Modified-Since: never',
  ),
  fc.constantFrom(
    'Content-Type: multipart/form-data',
    'Content-Type: multipart/form-data; boundary=x',
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Type: application/json; charset=utf-32',
    'Content-Type: text/xml',
    'Content-Encoding: gzip',
    'Transfer-Encoding: chunked',
  ),
  fc.constantFrom(
    'X-Forwarded-Proto: gopher',
    'X-Forwarded-Host: a b',
    'X-Outside-Url: javascript:alert(1)',
    'X-Outside-Url: http://h/\xff"><b>/',
    'X-Original-URI: /ada/dev/+simple/',
    'X-Original-URI: %zz://\xff',
    'X-Devpi-Absolute-Urls: 1',
  ),
  fc.constantFrom('Expect: 100-continue', 'Upgrade: websocket', 'TE: trailers'),
  fc
    .string({ unit: 'binary-ascii', maxLength: 30 })
    .map((text) => `X-Odd: ${text.replace(/[\r\n]+/g, ' ')}`),
)

/** Keys that some body of the API has, and some that mean something to JavaScript. */
const key = fc.constantFrom(
  ...['user', 'password', 'pwhash', 'email', 'title', 'custom_data', 'type', 'bases', 'volatile'],
  ...['acl_upload', 'acl_toxresult_upload', 'mirror_whitelist', 'mirror_url', 'strict_uploads'],
  ...['mirror_cache_expiry', 'name', 'version', 'targetindex', 'releases', 'requirements'],
  ...['only_docs', '__proto__', 'constructor', 'toString', ''],
)

const value = fc.oneof(
  fc.constantFrom('ada/dev', 'anchor', '1.0', ':ANONYMOUS:', 'mirror', 'stage', 'yes', 'file:///x'),
  fc.constantFrom('\ud800', '\0', '\r\nX-Injected: yes', '../..', '', 'x'.repeat(5000)),
  fc.constantFrom(-1, 1e21, 0.5, null, true, [], {}, [[]], ['ada/dev'], [null], [{}]),
  fc.jsonValue({ maxDepth: 2 }),
)

const json = fc
  .array(fc.tuple(key, value), { maxLength: 4 })
  .map((members) =>
    members.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join(','),
  )
  .map((members) => Buffer.from(`{${members}}`))

const part = fc
  .tuple(
    fc.constantFrom(
      ...['name="content"; filename="a\rb.zip"', 'name=":action"', 'name="name"', 'name=""'],
      ...['name="version"', `name="${'n'.repeat(3000)}"`, 'filename="x"', "name*=utf-8''%ff", ''],
    ),
    fc.constantFrom('', '\r\nContent-Type: text/plain; charset=nonsense', '\r\n: x', '\r\n\r\n'),
    fc.string({ unit: 'binary', maxLength: 20 }),
  )
  .map(
    ([name, more, text]) => `--x\r\nContent-Disposition: form-data; ${name}${more}\r\n\r\n${text}`,
  )

const form = fc
  .tuple(
    fc.array(part, { maxLength: 3 }),
    fc.constantFrom('\r\n--x--', '\r\n--x--\r\n', '\r\n', ''),
  )
  .map(([parts, end]) => Buffer.from(parts.join('\r\n') + end))

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .constantFrom('[]', 'null', '1', '"x"', '{', '{"a":', '[1,', '\ufeff', '[["x"]]', '[]x', '<a>')
    .map((text) => Buffer.from(text)),
  fc.nat(3000).map((depth) => Buffer.from('['.repeat(depth + 1))),
)

/** Something like a request to a route; `good` are values that its parameters have somewhere. */
export function oddRequest(
  route: { readonly method: string; readonly path: string },
  good: Readonly<Record<string, string>>,
): fc.Arbitrary<OddRequest> {
  const pieces = route.path.split('/').map((piece) => {
    if (!/^[:*]/.test(piece)) return fc.constant(piece)
    const usual = fc.constant(good[piece] ?? 'x')
    return fc.oneof({ weight: 2, arbitrary: usual }, oddPiece)
  })
  return fc.record({
    method: fc.oneof({ weight: 4, arbitrary: fc.constant(route.method) }, methods),
    target: fc.tuple(fc.tuple(...pieces), query).map(([path, end]) => path.join('/') + end),
    headers: fc.array(oddHeader, { maxLength: 4 }),
    body: fc.oneof(json, form, bytes),
  })
}
