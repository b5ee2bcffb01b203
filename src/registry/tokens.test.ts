import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenSigner } from './tokens.ts'

const claims = { user: 'éva', life: 'one', expiresAt: 1000 }
const signer = new TokenSigner(Buffer.alloc(32, 1))

test('a token says again what was signed', () => {
  const token = signer.issue(claims)

  assert.match(token, /^wheelyard-[\w-]+\.[\w-]{43}$/)
  assert.deepEqual(signer.read(token), claims)
})

test('a token that was changed, or signed by another server, says nothing', () => {
  const token = signer.issue(claims)
  const [payload = '', signature = ''] = token.slice('wheelyard-'.length).split('.')
  const forged = Buffer.from(JSON.stringify({ ...claims, user: 'root' })).toString('base64url')
  const other = new TokenSigner(Buffer.alloc(32, 2)).issue(claims)
  const bad = [
    '',
    'wheelyard-',
    'wheelyard-.',
    payload,
    `wheelyard-${payload}`,
    `wheelyard-${payload}.`,
    `wheelyard-${forged}.${signature}`,
    `wheelyard-${payload}.${signature}.x`,
    `wheelyard-${payload}.${signature.slice(1)}`,
    `devpi-${payload}.${signature}`,
    other,
  ]

  for (const one of bad) assert.equal(signer.read(one), undefined, one)
})
