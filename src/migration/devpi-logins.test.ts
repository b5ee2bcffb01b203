import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DevpiLogins } from './devpi-logins.ts'
import { deriveKey, signText } from './devpi/secret-keys.ts'

const secret = Buffer.from('Wheelyard-test-secret-0123456789abcdef')
const quick = { memory: 8, passes: 1, parallelism: 1 }
const AT = 1_750_000_000

const loginsAt = (seconds: number): DevpiLogins =>
  new DevpiLogins(secret, { now: () => seconds * 1000 }, quick)

test('a login of devpi is read for ten hours', async () => {
  const key = await deriveKey(secret, 'devpi-server-auth', quick)
  const token = signText(key, '["alice", ["team.a"], true]', AT)
  const alice = { user: 'alice', groups: ['team.a'], mustExist: true }

  assert.deepEqual(await loginsAt(AT).read(token), alice)
  assert.deepEqual(await loginsAt(AT + 36_000).read(token), alice)
  assert.equal(await loginsAt(AT + 36_001).read(token), undefined)
  assert.equal(await loginsAt(AT - 100).read(token), undefined)
})

test('what devpi has not signed for logins is none', async () => {
  const logins = loginsAt(AT)
  const replica = await deriveKey(secret, 'devpi-server-replica', quick)
  const forged = signText(replica, '["root", [], true]', AT)

  assert.equal(await logins.read(forged), undefined)
  assert.ok(logins.looksLikeOne(forged))
  for (const text of ['', 'secret', 'wheelyard-a.b', '["root", [], true]']) {
    assert.equal(logins.looksLikeOne(text), false, text)
  }
})
