import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { TokenSigner } from '#registry/tokens'
import { ReplicaTokens } from './replica-tokens.ts'

const MINUTE = 60_000

function makeTokens(secret = randomBytes(32)) {
  const clock = { time: 1_000_000, now: () => clock.time }
  return { secret, clock, tokens: new ReplicaTokens(secret, clock) }
}

test('a token says which replica asks, for some minutes on both sides of its clock', () => {
  const { tokens, clock } = makeTokens()
  const token = tokens.issue('r1')

  for (const [apart, verdict] of [
    [0, { replica: 'r1' }],
    [10 * MINUTE, { replica: 'r1' }],
    [-10 * MINUTE, { replica: 'r1' }],
    [11 * MINUTE, { wrong: 'clock', apartMs: 11 * MINUTE }],
    [-11 * MINUTE, { wrong: 'clock', apartMs: -11 * MINUTE }],
  ] as const) {
    clock.time = 1_000_000 + apart
    assert.deepEqual(tokens.read(token), verdict)
  }
})

test('a token that was altered, or made with another secret, is refused', () => {
  const { tokens } = makeTokens()
  const token = tokens.issue('r1')
  const claims = Buffer.from('{"replica":"r2","at":1000000}').toString('base64url')
  const [, signature] = token.split('.')

  for (const wrong of [
    '',
    'r1',
    token.slice(0, -1),
    `${token}.`,
    token.replace('wheelyard-replica-', 'wheelyard-'),
    `wheelyard-replica-${claims}.${signature}`,
    makeTokens().tokens.issue('r1'),
  ]) {
    assert.deepEqual(tokens.read(wrong), { wrong: 'signature' }, wrong)
  }
})

test("a login's token is no replica's, and a replica's is no login", () => {
  const { secret, tokens } = makeTokens()
  const logins = new TokenSigner(secret)
  const login = logins.issue({ user: 'root', life: 'l', expiresAt: 2_000_000 })
  const replica = tokens.issue('root')

  assert.deepEqual(tokens.read(login), { wrong: 'signature' })
  assert.deepEqual(tokens.read(login.replace('wheelyard-', 'wheelyard-replica-')), {
    wrong: 'signature',
  })
  assert.equal(logins.read(replica), undefined)
  assert.equal(logins.read(replica.replace('wheelyard-replica-', 'wheelyard-')), undefined)
})

test('each token gives its stream a key of its own, and the secret is in neither', () => {
  const { tokens, secret } = makeTokens()
  const one = tokens.issue('r1')
  const other = tokens.issue('r2')

  assert.notDeepEqual(tokens.streamKey(one), tokens.streamKey(other))
  assert.deepEqual(
    tokens.streamKey(one),
    new ReplicaTokens(secret, { now: () => 0 }).streamKey(one),
  )
  for (const form of ['base64', 'base64url', 'hex', 'latin1'] as const) {
    assert.ok(!one.includes(secret.toString(form)))
  }
})
