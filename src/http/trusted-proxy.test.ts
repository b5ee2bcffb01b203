import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { proxyHeaders, type TrustedProxy } from '#base/proxy-headers'
import { makeServer, readAll, serveRoutes } from '../../test/support/serve-routes.ts'
import { makeTempFolder } from '../../test/support/temp.ts'
import { text } from './reply.ts'
import { get } from './route.ts'

const where = get('/', ({ root }) => text(200, root))
const both: TrustedProxy = {
  address: '*',
  count: 1,
  headers: ['x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-for'],
}
const standard: TrustedProxy = { address: '*', count: 1, headers: ['forwarded'] }

async function ask(trustedProxy: TrustedProxy | undefined, headers: Record<string, string>) {
  const { server } = makeServer([where], { trustedProxy })
  const answer = await server.inject({ url: '/', headers: { host: 'inside', ...headers } })
  return answer.statusCode === 200 ? answer.payload : `${answer.statusCode} ${answer.payload}`
}

const cases: readonly (readonly [
  string,
  TrustedProxy | undefined,
  Record<string, string>,
  string,
])[] = [
  [
    'without a trusted proxy nothing is believed',
    undefined,
    { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example', forwarded: 'host=b.example' },
    'http://inside',
  ],
  ['the scheme alone', both, { 'x-forwarded-proto': 'HTTPS' }, 'https://inside'],
  [
    'scheme and host',
    both,
    { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example' },
    'https://a.example',
  ],
  [
    'a port that is not the usual one',
    both,
    { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example', 'x-forwarded-port': '444' },
    'https://a.example:444',
  ],
  [
    'the usual port is left out',
    both,
    { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example', 'x-forwarded-port': '443' },
    'https://a.example',
  ],
  [
    'the port of the host goes before the other',
    both,
    { 'x-forwarded-host': '[::1]:81', 'x-forwarded-port': '82' },
    'http://[::1]:81',
  ],
  ['the last proxy counts', both, { 'x-forwarded-host': 'evil, b.example' }, 'http://b.example'],
  [
    'of two proxies the one next to the client counts',
    { ...both, count: 2 },
    { 'x-forwarded-host': 'evil, b.example, c.example' },
    'http://b.example',
  ],
  [
    'a header that is not trusted is not believed',
    { ...both, headers: ['x-forwarded-proto'] },
    { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil' },
    'https://inside',
  ],
  [
    'the standard header',
    standard,
    { forwarded: 'for=1.2.3.4;proto=https;host="a.example:444"', 'x-forwarded-host': 'evil' },
    'https://a.example:444',
  ],
  [
    'the last entry of it',
    standard,
    { forwarded: 'host=evil, Host=b.example' },
    'http://b.example',
  ],
  [
    'the first of two trusted entries that tells',
    { ...standard, count: 2 },
    { forwarded: 'proto=https, host=b.example;proto=http' },
    'https://b.example',
  ],
  [
    'X-Outside-Url',
    both,
    { 'x-outside-url': 'https://o/x', 'x-forwarded-host': 'a' },
    'https://o/x',
  ],
]

for (const [title, proxy, headers, root] of cases) {
  test(`behind a proxy: ${title}`, async () => assert.equal(await ask(proxy, headers), root))
}

for (const [name, proxy, headers] of [
  ['X-Forwarded-Proto', both, { 'x-forwarded-proto': 'https, http' }],
  ['X-Forwarded-Proto', both, { 'x-forwarded-proto': 'gopher' }],
  ['X-Forwarded-Host', both, { 'x-forwarded-host': '"a' }],
  ['X-Forwarded-Port', both, { 'x-forwarded-port': '80, 81' }],
  ['Forwarded', standard, { forwarded: 'host' }],
  ['Forwarded', standard, { forwarded: 'proto=gopher' }],
] as const) {
  test(`a malformed ${name} is a bad request: ${JSON.stringify(headers)}`, async () => {
    assert.match(
      await ask(proxy, headers),
      new RegExp(`^400 [^]*Header &#34;${name}&#34; malformed`),
    )
    assert.equal(await ask({ ...proxy, address: '192.0.2.1' }, headers), 'http://inside')
  })
}

test('a forwarded host that is none is a bad request', async () => {
  assert.match(await ask(both, { 'x-forwarded-host': '<script>' }), /^400 /)
})

test('only the proxy with the trusted address is believed', async () => {
  const told = { 'x-forwarded-host': 'a.example' }
  for (const [address, root] of [
    ['127.0.0.1', 'http://a.example'],
    ['127.0.0.2', undefined],
  ] as const) {
    await using yard = await serveRoutes([where], { trustedProxy: { ...both, address } })
    const answer = await fetch(yard.url, { headers: told })
    assert.equal(await answer.text(), root ?? yard.url)
  }
})

test('what comes over a Unix socket comes from localhost', async () => {
  await using folder = await makeTempFolder('proxy')
  const trustedProxy = { ...both, address: 'localhost' }
  const { server } = makeServer([where], { trustedProxy })
  const path = folder.join('yard.sock')
  await server.listen({ path, mode: 0o600 })

  const socket = connect(path)
  const answer = readAll(socket)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n')

  assert.match(await answer, /https:\/\/x$/)
  await server.close()
})

test('whatever a trusted proxy sends is read or refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...proxyHeaders),
      fc.string({ unit: 'grapheme-ascii' }),
      fc.constantFrom(both, standard),
      async (header, value, proxy) => {
        assert.match(await ask(proxy, { [header]: value }), /^(http|400)/)
      },
    ),
    { numRuns: 300 },
  )
})
