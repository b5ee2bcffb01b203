/** What a proxy asks before it answers itself (devpi-http 4.5), and what a replica hears (devpi-http 8). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { refusalRows } from '#http/refusal-reply'
import { startApi, type Api, type AskOptions } from '../support/api.ts'

const original = (url: string) => ({ 'x-original-uri': url })
const check = async (api: Api, url: string, options: AskOptions = {}) => {
  const headers = { ...original(url), ...options.headers }
  return (await api.get('/+authcheck', { ...options, headers })).status
}

// devpi-http 12: 150
test('+authcheck allows what has an address here, whether it is there or not', async () => {
  await using api = await startApi()
  const addresses = [
    '/',
    '/+api',
    '/+login',
    '/+logout',
    '/nobody/+new-index',
    '/nobody/none/+edit',
    '/+static-0123456789ab/style.css',
    '/+status',
    '/nobody',
    '/nobody/none/',
    '/nobody/none/+api',
    '/nobody/none/+simple/pkg/',
    '/nobody/none/+simple/pkg/refresh',
    '/nobody/none/pkg/1.0+local',
    '/nobody/none/+f/123/4567890abcdef/pkg-1.0+local.zip',
    '/nobody/none/%2Bsimple/',
    '/+authcheck',
  ]

  for (const address of addresses) {
    assert.equal(await check(api, address), 200, address)
    assert.equal(await check(api, `https://packages.example${address}?x=1`), 200, address)
  }
  const { text } = await api.get('/+authcheck', { accept: '' })
  assert.equal(text, 'OK\n') // asked about itself
})

// devpi-http 12: 150
test('+authcheck forbids what has no address here', async () => {
  await using api = await startApi()
  const addresses = [
    '/+nothing',
    '/a+b/c',
    '/+status/',
    '/a/b/c/d/e',
    '/a//',
    '/%ff',
    '/+changelog',
  ]

  for (const address of addresses) assert.equal(await check(api, address), 403, address)
  const reply = await api.get('/+authcheck', { headers: original('/+nothing') })
  assert.deepEqual(reply.json, {
    message: 'You are not allowed to see /+nothing.',
    code: '403 Forbidden',
    title: 'Forbidden',
  })
})

test('+authcheck takes any method, and Accept counts as it would for the request itself', async () => {
  await using api = await startApi()

  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PUSH'] as const) {
    const { status } = await api.ask(method, '/+authcheck', { headers: original('/ada/dev') })
    assert.equal(status, 200, method)
  }
  assert.equal(await check(api, '/+api', { accept: 'text/html' }), 403)
  assert.equal(await check(api, '/+login', { accept: 'text/html' }), 200)
  assert.equal(await check(api, '/ada/dev', { accept: 'text/html' }), 200)
})

test('+authcheck knows the path that the outside URL adds', async () => {
  await using api = await startApi()
  const headers = { 'x-outside-url': 'https://packages.example/devpi' }

  assert.equal(await check(api, '/devpi/+status', { headers }), 200)
  assert.equal(await check(api, '/+status', { headers }), 200)
  assert.equal(await check(api, '/devpi/+nothing', { headers }), 403)
})

test('+authcheck answers 200 or 403 to whatever it is asked about', async () => {
  await using api = await startApi()

  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme-ascii' }), async (url) => {
      assert.match(`${await check(api, url)}`, /^(200|403)$/)
    }),
    { numRuns: 200 },
  )
})

// devpi-http 12: 149
test('nobody reads the changelog of a server that does not replicate', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const { status } = refusalRows['replication-disabled']
  const ids = [{}, { 'X-DEVPI-EXPECTED-PRIMARY-ID': '' }, { 'X-DEVPI-EXPECTED-PRIMARY-ID': 'x' }]

  for (const path of ['/+changelog/0', '/+changelog/0-', '/+changelog/1000']) {
    for (const headers of ids) {
      for (const as of [undefined, 'ada', 'root']) {
        const options = as === undefined ? { headers } : { headers, as }
        const reply = await api.get(path, options)
        assert.deepEqual([reply.status, reply.reason, status], [403, 'Forbidden', 403])
        assert.equal(reply.json.code, '403 Forbidden')
        assert.equal(reply.message, 'Replication protocol disabled')
      }
    }
  }
  for (const path of ['/+changelog/abc', '/+changelog/1x', '/+changelog/', '/+changelog']) {
    assert.equal((await api.get(path)).status, 404)
  }
})

test('with --authcheck-login +authcheck lets nobody pass who is not logged in, but to log in', async () => {
  await using api = await startApi({ indexes: ['ada/dev'], config: { authcheckLogin: true } })
  const { result } = await api.post('/+login', { json: { user: 'ada', password: 'pw' } })
  const cookie = { cookie: `wheelyard=${result.password}` }
  const devpi = { 'user-agent': 'devpi-client/7.2' }

  for (const path of [
    '/',
    '/ada/dev',
    '/ada/dev/+simple/',
    '/ada/dev/+f/123/4567890abcdef/x.whl',
  ]) {
    assert.equal(await check(api, path), 401, path)
    assert.equal(await check(api, path, { headers: devpi }), 403, path)
    assert.equal(await check(api, path, { as: 'ada' }), 200, path)
    assert.equal(await check(api, path, { headers: cookie }), 200, path)
    assert.equal(await check(api, path, { headers: { cookie: 'wheelyard=old' } }), 401, path)
  }
  for (const path of ['/+login', '/+login?goto_url=/', '/+logout', '/+api', '/ada/dev/+api']) {
    assert.equal(await check(api, path), 200, path)
  }
  assert.equal(await check(api, '/+static-0123456789ab/style.css'), 200)
  assert.equal(await check(api, '/ada/+login'), 403)
  assert.equal(await check(api, '/+nothing', { as: 'ada' }), 403)
  const reply = await api.get('/+authcheck', { headers: original('/ada/dev') })
  const { status } = refusalRows['login-needed']
  assert.deepEqual([reply.status, reply.message], [status, 'Log in to see this.'])
  assert.match(reply.headers['www-authenticate'] ?? '', /^Basic/)
})
