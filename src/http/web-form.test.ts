/** Forms of pages: whose they are, and what else they could be. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '#base/log'
import { CsrfTokens } from './csrf-tokens.ts'
import { jsonValue } from './reply.ts'
import { post } from './route.ts'
import { createServer } from './server.ts'
import { isWebForm, readFormFields } from './web-form.ts'

const secret = Buffer.alloc(32, 1)
const csrf = new CsrfTokens(secret).tokenOf('ada-1')
const form = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'content-type': 'application/x-www-form-urlencoded',
}
const loggedIn = { ...form, cookie: 'wheelyard=ada-1' }

/** A session is the user's name with a number behind. */
const server = createServer({
  routes: [
    post('/form', async (call) => {
      const before = call.who.user ?? null
      const fields = await readFormFields(call)
      await call.confirmForm(fields.get('csrf') ?? undefined)
      return jsonValue(200, { before, user: call.who.user ?? null, title: fields.get('title') })
    }),
  ],
  identify: (offered) => ({ user: offered?.secret.replace(/-\d+$/, ''), groups: [] }),
  commonHeaders: () => ({}),
  secret,
  log: createLog({ level: 'silent' }),
})

async function send(headers: Record<string, string>, fields: Record<string, string>) {
  const payload = new URLSearchParams(fields).toString()
  const request = { method: 'POST', url: '/form', headers: { host: 'yard', ...headers }, payload }
  const { statusCode, body } = await server.inject(request as never)
  return statusCode === 200 ? (JSON.parse(body) as unknown) : statusCode
}

test('who is logged in counts once the form has shown that it is of this session', async () => {
  const heard = await send(loggedIn, { csrf, title: 'Größe & Maß' })

  assert.deepEqual(heard, { before: null, user: 'ada', title: 'Größe & Maß' })
})

test('a form without the token of the session is refused', async () => {
  const other = new CsrfTokens(secret).tokenOf('bob-1')
  for (const wrong of [{}, { csrf: '' }, { csrf: other }, { csrf: `${csrf}x` }]) {
    assert.equal(await send(loggedIn, { title: 'x', ...wrong }), 403)
  }
})

test('a form of another site is refused, with the right token too, and with no session', async () => {
  const strange = [
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of strange) {
    assert.equal(await send({ ...loggedIn, ...headers }, { csrf }), 403)
    assert.equal(await send({ ...form, ...headers }, {}), 403)
  }
  const own = { origin: 'http://yard', 'sec-fetch-site': 'same-origin' }
  assert.deepEqual(await send({ ...loggedIn, ...own }, { csrf, title: 'x' }), {
    before: null,
    user: 'ada',
    title: 'x',
  })
})

test('where a header says who asks, the cookie counts for nothing', async () => {
  const heard = await send({ ...loggedIn, authorization: 'Bearer bob-1' }, { title: 'x' })

  assert.deepEqual(heard, { before: 'bob', user: 'bob', title: 'x' })
})

test('a form that is none, or too large, is refused', async () => {
  const many = Object.fromEntries(Array.from({ length: 5001 }, (_, at) => [`f${at}`, '']))

  assert.equal(await send({ ...loggedIn, 'content-type': 'text/plain' }, { csrf }), 400)
  assert.equal(await send(loggedIn, { csrf, ...many }), 400)
  assert.equal(await send(loggedIn, { csrf, title: 'x'.repeat(1024 * 1024) }), 413)
})

test('a form is told from what curl and the devpi client send', () => {
  const json = { 'content-type': 'application/json' }

  assert.equal(isWebForm({ headers: form }), true)
  assert.equal(isWebForm({ headers: { ...form, accept: '*/*' } }), false)
  assert.equal(isWebForm({ headers: { ...form, ...json } }), false)
  assert.equal(isWebForm({ headers: { accept: form.accept } }), false)
  assert.equal(isWebForm({ headers: { ...form, accept: 'text/html;q=0' } }), false)
})
