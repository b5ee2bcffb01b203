/** Each refusal about users, logins and indexes, once: its status, its sentence and the form of its body. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, type Refusal } from '#base/refusal'
import { refusalRows } from '#http/refusal-reply'
import { startApi, type AskOptions, type Method } from '../support/api.ts'

type Case = readonly [refusal: Refusal, method: Method, path: string, options: AskOptions]

const root = { as: 'root' }
const bob = { as: 'bob' }
const empty = { json: {} }
const big = 9 * 1024 * 1024

const cases: readonly Case[] = [
  [refuse('not-found', { what: '/ada/dev/a/b/c' }), 'GET', '/ada/dev/a/b/c', {}],
  [refuse('body-not-json'), 'PUT', '/new', { body: '{' }],
  [refuse('body-not-object'), 'PUT', '/new', { json: [] }],
  [refuse('body-too-large', { limit: 8 * 1024 * 1024 }), 'PUT', '/new', { body: 'x'.repeat(big) }],
  [
    refuse('bad-request', { reason: 'Bad request: user must be a text' }),
    'POST',
    '/+login',
    { json: { user: 1, password: '' } },
  ],

  [refuse('login-incomplete'), 'POST', '/+login', empty],
  [
    refuse('login-failed', { user: "o'brien" }),
    'POST',
    '/+login',
    { json: { user: "o'brien", password: '' } },
  ],
  [refuse('user-missing', { user: 'nobody' }), 'GET', '/nobody', {}],
  [refuse('user-exists'), 'PUT', '/ada', empty],
  [refuse('user-name-invalid', { user: 'a:b' }), 'PUT', '/a:b', empty],
  [refuse('user-password-missing'), 'PUT', '/new', empty],
  [
    refuse('user-keys-unknown', { keys: 'b, a' }),
    'PUT',
    '/new',
    { json: { password: '', b: 1, a: 2 } },
  ],
  [
    refuse('user-value-invalid', { key: 'email', expected: 'a text' }),
    'PUT',
    '/new',
    { json: { password: '', email: 1 } },
  ],
  [
    refuse('user-not-modifiable', { user: 'ada' }),
    'PATCH',
    '/ada',
    { ...bob, json: { title: 'x' } },
  ],
  [
    refuse('password-not-changeable', { user: 'ada' }),
    'PATCH',
    '/ada',
    { ...bob, json: { password: 'x' } },
  ],
  [refuse('user-has-nonvolatile-index', { user: 'ada', index: 'dev' }), 'DELETE', '/ada', root],
  [refuse('forbidden', { action: 'delete user root' }), 'DELETE', '/root', root],

  [refuse('index-missing', { index: 'ada/nope' }), 'GET', '/ada/nope', {}],
  [refuse('index-exists', { index: 'ada/dev' }), 'PUT', '/ada/dev', empty],
  [refuse('index-name-invalid', { index: 'a:b' }), 'PUT', '/bob/a:b', { ...bob, json: {} }],
  [refuse('index-not-creatable', { index: 'ada/new' }), 'PUT', '/ada/new', { ...bob, json: {} }],
  [refuse('index-nonvolatile', { index: 'ada/dev' }), 'DELETE', '/ada/dev', root],
  [
    refuse('index-option-invalid', { reason: "unknown index type 'x'" }),
    'PUT',
    '/bob/x',
    { ...bob, json: { type: 'x' } },
  ],
  [refuse('not-acceptable', { offered: '' }), 'GET', '/ada/dev/+simple/', { accept: 'image/png' }],
]

test('a refusal has the status of its code, and its sentence where its kind has it', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await api.makeUser('bob')
  const before = api.serial

  for (const [refusal, method, path, options] of cases) {
    const reply = await api.ask(method, path, options)
    const { status, kind } = refusalRows[refusal.code]
    assert.equal(reply.status, status, `${refusal.code}: ${reply.text}`)
    if (kind === 'text') continue
    assert.equal(reply.headers['content-type'], 'application/json')
    assert.equal(reply.message, refusal.message)
    const keys = kind === 'framework' ? ['message', 'code', 'title'] : ['message']
    assert.deepEqual(Object.keys(reply.json), keys)
  }
  assert.equal(api.serial, before)
})

test('people get a page, with nothing in it that a browser would run', async () => {
  await using api = await startApi()
  const path = `/${encodeURIComponent('<script>')}`

  const negotiated = await api.get(path, { accept: 'text/html,application/xhtml+xml' })
  const plain = await api.del('/root', { ...root, accept: '' })
  const always = await api.put(path, { accept: 'text/html', json: { password: 'x' } })

  assert.equal(negotiated.status, 404)
  assert.equal(negotiated.headers['content-type'], 'text/html; charset=UTF-8')
  assert.doesNotMatch(negotiated.text, /<script>/)
  assert.equal(plain.headers['content-type'], 'text/plain; charset=UTF-8')
  assert.equal(always.headers['content-type'], 'application/json')
})
