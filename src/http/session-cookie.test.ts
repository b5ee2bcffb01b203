import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endedSessionCookie, readSession, sessionCookie } from './session-cookie.ts'

const plain = { root: 'http://yard.example.org', prefix: '' }
const secure = { root: 'https://yard.example.org', prefix: '' }
const below = { root: 'https://example.org/packages', prefix: '/packages' }

test('a cookie is for this server alone, out of reach of scripts and other sites', () => {
  assert.equal(
    sessionCookie('abc', 90_500, plain),
    'wheelyard=abc; Path=/; Max-Age=90; HttpOnly; SameSite=Lax',
  )
  assert.equal(
    sessionCookie('abc', 90_500, secure),
    '__Host-wheelyard=abc; Path=/; Max-Age=90; HttpOnly; SameSite=Lax; Secure',
  )
  assert.equal(
    sessionCookie('abc', 90_500, below),
    'wheelyard=abc; Path=/packages; Max-Age=90; HttpOnly; SameSite=Lax; Secure',
  )
})

test('the end of a session is a cookie that is over', () => {
  assert.match(endedSessionCookie(secure), /^__Host-wheelyard=; Path=\/; Max-Age=0;/)
})

for (const place of [plain, secure, below]) {
  test(`what was set for ${place.root} is read there, among other cookies`, () => {
    const [pair = ''] = sessionCookie('wheelyard-a_b.c', 1000, place).split(';')

    assert.equal(readSession(pair, place), 'wheelyard-a_b.c')
    assert.equal(readSession(`theme=dark; ${pair}; x=y`, place), 'wheelyard-a_b.c')
    assert.equal(readSession(`xx${pair}`, place), undefined)
  })
}

test('over TLS a cookie that a neighbour host could have set counts for nothing', () => {
  assert.equal(readSession('wheelyard=abc', secure), undefined)
  assert.equal(readSession('__Host-wheelyard=abc', plain), undefined)
})

test('of two cookies the first counts, which is the one of the longer path', () => {
  assert.equal(readSession('wheelyard=mine; wheelyard=other', plain), 'mine')
})

test('a broken cookie is none', () => {
  const broken = ['', ';', '=', 'wheelyard', 'wheelyard=', 'wheelyard=a b', 'wheelyard="a"']
  for (const cookies of [...broken, `wheelyard=${'a'.repeat(5000)}`, 'wheelyard=\xff']) {
    assert.equal(readSession(cookies, plain), undefined, cookies.slice(0, 30))
  }
})
