/** Logging in and out on pages (devpi-web 15.4). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Authenticator } from '#registry/hooks'
import { startApi } from '../support/api.ts'
import { getPage, linksIn, startWeb, textOf } from '../support/web.ts'
import { fieldsOf, logIn, Visitor } from '../support/visitor.ts'

test('who logs in is sent on, and known from then on, until they log out', async () => {
  await using api = await startWeb()
  const ada = new Visitor(api)

  const sent = await ada.fill('/+login?goto_url=/ada/dev', { username: 'ada', password: 'pw' })
  assert.deepEqual([sent.status, sent.location], [303, '/ada/dev'])
  assert.match(
    sent.headers['set-cookie'] ?? '',
    /^wheelyard=wheelyard-[\w.-]+; Path=\/; Max-Age=36000; HttpOnly; SameSite=Lax$/,
  )
  const page = await ada.open('/ada/dev')
  assert.match(textOf(page.text), /Status ada Log out/)
  assert.match(page.headers['cache-control'] ?? '', /private/)

  const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const out = await ada.send('/+logout', { csrf })
  assert.deepEqual([out.status, out.location, ada.cookie], [303, '/', ''])
  assert.match(textOf((await ada.open('/ada/dev')).text), /Status Log in/)
})

test('a wrong password is told on the page, with what was typed but the password', async () => {
  await using api = await startWeb()
  const ada = new Visitor(api)

  for (const username of ['ada', 'nobody', '<script>', '']) {
    const reply = await ada.fill('/+login?goto_url=/ada', { username, password: 'hush' })
    assert.equal(reply.status, 401)
    assert.match(textOf(reply.text), /Wrong user or password\./)
    assert.doesNotMatch(reply.text, /hush|<script>"/)
    const { goto_url, ...others } = fieldsOf(reply.text)
    assert.deepEqual([goto_url, others], ['/ada', { username, password: '' }])
    assert.equal(reply.headers['set-cookie'], undefined)
  }
})

test('an address that a proxy puts behind goto_url as it is leads there too', async () => {
  await using api = await startWeb()
  const wanted = 'http://yard.example/ada/dev/+simple/?x=1'

  const sent = await new Visitor(api).fill(`/+login?goto_url=${wanted}`, {
    username: 'ada',
    password: 'pw',
  })

  assert.equal(sent.location, '/ada/dev/+simple/?x=1')
})

test('nobody is sent to another server', async () => {
  await using api = await startWeb()

  for (const wanted of ['//evil.example', '/\\evil.example', 'https://evil.example/', '/\t/evil']) {
    const ada = new Visitor(api)
    const login = `/+login?goto_url=${encodeURIComponent(wanted)}`
    assert.equal((await ada.fill(login, { username: 'ada', password: 'pw' })).location, '/')
    const fields = { username: 'ada', password: 'pw', goto_url: wanted }
    assert.equal((await ada.send('/+login', fields)).location, '/')
  }
})

test('a page of another site logs nobody in', async () => {
  await using api = await startWeb()
  const fields = { username: 'ada', password: 'pw' }

  for (const headers of [{ origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
    const reply = await new Visitor(api).send('/+login', fields, { headers })
    assert.equal(reply.status, 403)
    assert.equal(reply.headers['set-cookie'], undefined)
  }
})

test('nobody is logged out by a page that is not theirs', async () => {
  await using api = await startWeb({ indexes: ['team/prod', 'ada/dev', 'bob/dev'] })
  const [ada, bob] = [await logIn(api, 'ada'), await logIn(api, 'bob')]
  const { csrf = '' } = fieldsOf((await bob.open('/+logout')).text)

  for (const fields of [{}, { csrf: 'x' }, { csrf }]) {
    assert.equal((await ada.send('/+logout', fields as Record<string, string>)).status, 403)
  }
  assert.notEqual(ada.cookie, '')
})

test('who must log in for a page comes back to it', async () => {
  await using api = await startWeb()
  const ada = new Visitor(api)

  const asked = await ada.open('/ada/+new-index?type=mirror')
  assert.deepEqual(
    [asked.status, asked.location],
    [303, '/+login?goto_url=%2Fada%2F%2Bnew-index%3Ftype%3Dmirror'],
  )
  const sent = await ada.fill(asked.location ?? '', { username: 'ada', password: 'pw' })
  assert.equal(sent.location, '/ada/+new-index?type=mirror')
})

test('behind a proxy with TLS and a path the cookie is for that path', async () => {
  await using api = await startWeb({ transport: 'inject' }) // a proxy of its own
  const headers = { 'x-outside-url': 'https://yard.example/sub' }
  const fields = { username: 'ada', password: 'pw', goto_url: 'https://yard.example/sub/ada/dev' }
  const whole = { 'x-outside-url': 'https://yard.example' }

  const reply = await new Visitor(api).send('/+login', fields, { headers })
  const other = await new Visitor(api).send('/+login', fields, { headers: whole })

  assert.equal(reply.headers['location'], 'https://yard.example/sub/ada/dev')
  assert.match(reply.headers['set-cookie'] ?? '', /^wheelyard=.*; Path=\/sub; .*; Secure$/)
  assert.match(other.headers['set-cookie'] ?? '', /^__Host-wheelyard=.*; Path=\/; .*; Secure$/)
})

test('the link to the login leads back to the page, without its query', async () => {
  await using api = await startWeb()

  for (const path of ['/ada/dev?secret=x', '/ada/dev']) {
    const links = linksIn((await getPage(api, path)).text)
    assert.ok(links.includes('/+login?goto_url=%2Fada%2Fdev'), links.join(' '))
  }
  for (const path of ['/', '/+login', '/+new-user']) {
    assert.ok(linksIn((await getPage(api, path)).text).includes('/+login'), path)
  }
})

test('a page that is kept for everybody holds nothing of one reader', async () => {
  await using api = await startWeb()
  const headers = { cookie: 'wheelyard=outdated' }

  await getPage(api, '/ada/dev', { headers })
  const { text } = await getPage(api, '/ada/dev')

  assert.doesNotMatch(text, /csrf|logout/)
})

test('programs log in as ever, and find no pages', async () => {
  await using api = await startWeb()

  const json = await api.post('/+login', { json: { user: 'ada', password: 'pw' } })
  const curl = await api.post('/+login', {
    accept: '*/*',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: JSON.stringify({ user: 'ada', password: 'pw' }),
  })

  assert.deepEqual([json.status, curl.status], [200, 200])
  for (const path of ['/+login', '/+logout', '/+new-user', '/ada/+edit']) {
    assert.equal((await api.get(path)).status, 404, path)
  }
})

test('a login that no browser would keep is told, not lost', async () => {
  const groups = Array.from({ length: 400 }, (_, at) => `group-${at}`)
  const authenticate: Authenticator[] = [() => Promise.resolve({ isRight: true, groups })]
  await using api = await startApi({ hooks: { authenticate } })

  const reply = await new Visitor(api).fill('/+login', { username: 'eve', password: 'x' })

  assert.equal(reply.status, 400)
  assert.match(textOf(reply.text), /names too many groups/)
})
