import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CsrfTokens } from './csrf-tokens.ts'

const secret = Buffer.alloc(32, 7)

test('a token fits its own session, in each process that has the secret', () => {
  const token = new CsrfTokens(secret).tokenOf('session')

  assert.equal(new CsrfTokens(secret).fits('session', token), true)
})

test('a token fits no other session, and none of another server', () => {
  const tokens = new CsrfTokens(secret)

  assert.equal(tokens.fits('other', tokens.tokenOf('session')), false)
  assert.equal(tokens.fits('session', new CsrfTokens(Buffer.alloc(32)).tokenOf('session')), false)
})

test('what is no token fits nothing', () => {
  const tokens = new CsrfTokens(secret)
  const token = tokens.tokenOf('session')

  for (const text of ['', 'x', token.slice(1), `${token}AAAA`, 'é'.repeat(43), '\0']) {
    assert.equal(tokens.fits('session', text), false, text)
  }
})
