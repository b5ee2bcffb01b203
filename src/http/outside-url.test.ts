import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeServer } from '../../test/support/serve-routes.ts'
import { jsonValue } from './reply.ts'
import { get } from './route.ts'

const where = get('/ada/:index', ({ root, prefix, path }) => jsonValue(200, { root, prefix, path }))

async function ask(headers: Record<string, string>, url = '/ada/dev', outsideUrl?: string) {
  const { server } = makeServer([where], { outsideUrl })
  const answer = await server.inject({ url, headers })
  return { status: answer.statusCode, value: answer.json<Record<string, string>>() }
}

test('without more, scheme and Host say where the server is', async () => {
  const { value } = await ask({ host: 'yard.example.org:3141' })

  assert.deepEqual(value, { root: 'http://yard.example.org:3141', prefix: '', path: '/ada/dev' })
})

test('the option goes before Host', async () => {
  const { value } = await ask({ host: 'inside' }, '/ada/dev', 'https://example.org/')

  assert.equal(value.root, 'https://example.org')
})

test('the header X-Outside-Url goes before the option', async () => {
  const headers = { host: 'inside', 'x-outside-url': 'https://example.org/py' }
  const { value } = await ask(headers, '/ada/dev', 'https://other.example.org')

  assert.deepEqual(value, { root: 'https://example.org/py', prefix: '/py', path: '/ada/dev' })
})

for (const url of ['/py/ada/dev', '/ada/dev']) {
  test(`behind a path, ${url} reaches the route`, async () => {
    const { status, value } = await ask({ 'x-outside-url': 'https://example.org/py/' }, url)

    assert.equal(status, 200)
    assert.equal(value.path, '/ada/dev')
  })
}

test('a path that only begins like the prefix is left alone', async () => {
  const { value } = await ask({ 'x-outside-url': 'https://example.org/a' }, '/ada/dev')

  assert.equal(value.path, '/ada/dev')
})

for (const header of [
  '',
  'nonsense',
  'javascript:alert(1)',
  '//example.org',
  'ftp://example.org',
]) {
  test(`X-Outside-Url: '${header}' is not believed`, async () => {
    const { value } = await ask({ host: 'inside', 'x-outside-url': header })

    assert.equal(value.root, 'http://inside')
  })
}

test('credentials and query of an outside URL do not reach our links', async () => {
  const { value } = await ask({ 'x-outside-url': 'https://u:p@example.org/py?x=1#y' })

  assert.equal(value.root, 'https://example.org/py')
})

for (const host of ['a b', '<script>', 'a/b', 'u@h', '"x"', 'x:99999999', 'h%00']) {
  test(`Host: ${host} is a bad request`, async () => {
    const { server } = makeServer([where])

    const answer = await server.inject({ url: '/ada/dev', headers: { host } })

    assert.equal(answer.statusCode, 400)
    assert.doesNotMatch(answer.body, /<script>/)
  })
}

for (const host of ['[::1]:3141', 'my_host', 'a-b.example.org', '127.0.0.1']) {
  test(`Host: ${host} is fine`, async () => {
    const { value } = await ask({ host })

    assert.equal(value.root, `http://${host}`)
  })
}

test('an option that is no http URL is a mistake at the start', () => {
  assert.throws(() => makeServer([], { outsideUrl: 'example.org' }), /outsideUrl: 'example\.org'/)
})
