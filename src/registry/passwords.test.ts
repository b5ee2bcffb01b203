import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHash } from 'node:crypto'
import { legacyHash, readLegacyHash } from './legacy-password.ts'
import { hashPassword, isPasswordHash, PasswordCheck, verifyPassword } from './passwords.ts'

// Made with argon2-cffi, as devpi-server makes them: password 'secret'.
const FOREIGN =
  '$argon2id$v=19$m=1024,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$6b4UKew5+f7HHg6T4lQLh+TbmsNqTpKc5pdqC/I1cjI'

test('a hash is an argon2id PHC string, another one each time, and fits its password only', async () => {
  const [one, two] = await Promise.all([hashPassword('pässword'), hashPassword('pässword')])

  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  assert.notEqual(one, two)
  assert.equal(isPasswordHash(one), true)
  assert.equal(await verifyPassword('pässword', one), true)
  assert.equal(await verifyPassword('password', one), false)
  assert.equal(await verifyPassword('', one), false)
})

test('the empty password is a password', async () => {
  const hash = await hashPassword('')

  assert.equal(await verifyPassword('', hash), true)
  assert.equal(await verifyPassword('x', hash), false)
})

test('a hash that another program made is checked with its own cost', async () => {
  assert.equal(await verifyPassword('secret', FOREIGN), true)
  assert.equal(await verifyPassword('other', FOREIGN), false)
})

test('what is no argon2 hash, or would cost too much, fits nothing', async () => {
  const broken = [
    '',
    'secret',
    FOREIGN.replace('argon2id', 'argon2x'),
    FOREIGN.replace('v=19', 'v=16'),
    FOREIGN.replace('m=1024', 'm=1'),
    FOREIGN.replace('t=2', 't=0'),
    FOREIGN.replace('p=2', 'p=0'),
    FOREIGN.replace('m=1024', 'm=1048576'),
    FOREIGN.replace('m=1024,t=2', 'm=262144,t=5'),
    FOREIGN.replace('p=2', 'p=64'),
    FOREIGN.replace(/\$[^$]+\$[^$]+$/, '$c2FsdA$aGFzaA'),
    `${FOREIGN}\n`,
  ]

  for (const hash of broken) {
    assert.equal(isPasswordHash(hash), false, hash)
    assert.equal(await verifyPassword('secret', hash), false, hash)
  }
})

test('a right password is believed for five minutes, a wrong one never, and no longer than its hash stands', async () => {
  let now = 0
  const check = new PasswordCheck({ now: () => now })
  const hash = await hashPassword('a')
  const other = await hashPassword('b')

  assert.equal(await check.verify('b', hash), false)
  assert.equal(await check.verify('a', hash), true)
  assert.equal(await check.verify('b', hash), false)
  now = 299_999
  assert.equal(await check.verify('a', hash), true)
  assert.equal(await check.verify('a', other), false)
  now = 300_000
  assert.equal(await check.verify('a', hash), true)
})

test('many who send the same password at once cost one derivation', async () => {
  const check = new PasswordCheck()
  const hash = await hashPassword('a')

  // More than may wait: without sharing, some would be refused.
  const all = await Promise.all(Array.from({ length: 1000 }, () => check.verify('a', hash)))

  assert.ok(all.every(Boolean))
})

test('too many different ones at once are asked to come back', async () => {
  const check = new PasswordCheck()
  const hash = FOREIGN.replace('m=1024,t=2', 'm=16,t=1')

  const all = Array.from({ length: 300 }, (_, i) => check.verify(`wrong ${i}`, hash))
  const results = await Promise.allSettled(all)

  const refused = results.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 300 - 258)
  for (const one of refused) {
    assert.equal((one as PromiseRejectedResult).reason.code, 'too-many-requests')
  }
})

test("a hash from before devpi had argon2 is checked with devpi's salt", async () => {
  const salt = 'U2FsdA=='
  const hash = createHash('sha256').update(`${salt}pâss`).digest('hex')
  const stored = legacyHash(salt, hash) ?? ''

  assert.equal(await verifyPassword('pâss', stored), true)
  assert.equal(await verifyPassword('pass', stored), false)
  assert.equal(await verifyPassword('pâss', stored.replace(/.$/, '0x')), false)
  assert.deepEqual(readLegacyHash(stored), { salt, hash })
  assert.equal(isPasswordHash(stored), false, 'nobody hands one in')
  assert.equal(legacyHash(salt, 'abc'), undefined)
})
