import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLedger } from '#ledger/open-ledger'
import { makeTempFolder } from '../../test/support/temp.ts'
import { Logins } from './identify.ts'
import { keys } from './keys.ts'
import { hashPassword, PasswordCheck } from './passwords.ts'
import { TokenSigner } from './tokens.ts'
import { newUser } from './users.ts'

async function openLogins(users: Readonly<Record<string, string>>) {
  const folder = await makeTempFolder()
  const ledger = await openLedger(folder.path)
  const clock = { time: 0, now: () => clock.time }
  const parts = { ledger, clock, lifetimeMs: 1000 }
  const logins = new Logins({
    ...parts,
    passwords: new PasswordCheck(clock),
    tokens: new TokenSigner(Buffer.alloc(32)),
  })
  for (const [user, password] of Object.entries(users)) {
    const pwhash = await hashPassword(password)
    await ledger.write('test', async (tx) => tx.set(keys.user(user), newUser({ pwhash }, 0)))
  }
  return {
    logins,
    ledger,
    clock,
    async [Symbol.asyncDispose]() {
      await ledger.close()
      await folder.remove()
    },
  }
}

// devpi-http 12: 30
test('a token is good until its time is over, and then stands for nobody', async () => {
  await using rig = await openLogins({ ada: 'pw' })
  const entry = (await rig.logins.checkPassword('ada', 'pw'))!
  const secret = rig.logins.issueToken('ada', entry)

  rig.clock.time = 999
  assert.equal((await rig.logins.identify({ user: 'ada', secret })).user, 'ada')
  rig.clock.time = 1000
  assert.equal((await rig.logins.identify({ user: 'ada', secret })).user, undefined)
})

test('a token of a user who was removed does not pass to the next one of that name', async () => {
  await using rig = await openLogins({ ada: 'pw' })
  const entry = (await rig.logins.checkPassword('ada', 'pw'))!
  const secret = rig.logins.issueToken('ada', entry)

  await rig.ledger.write('test', async (tx) => tx.remove(keys.user('ada')))
  assert.equal((await rig.logins.identify({ user: 'ada', secret })).user, undefined)
  // In the same second: only its life tells them apart.
  await rig.ledger.write('test', async (tx) => tx.set(keys.user('ada'), newUser({}, 0)))
  assert.equal((await rig.logins.identify({ user: 'ada', secret })).user, undefined)
})

test('a user without a hash cannot log in with a password, not even an empty one', async () => {
  await using rig = await openLogins({})
  await rig.ledger.write('test', async (tx) => tx.set(keys.user('ada'), newUser({}, 0)))

  assert.equal(await rig.logins.checkPassword('ada', ''), undefined)
  assert.equal((await rig.logins.identify({ user: 'ada', secret: '' })).user, undefined)
})

test('a user may be called as tokens begin', async () => {
  await using rig = await openLogins({ 'wheelyard-bob': '' })

  const who = await rig.logins.identify({ user: 'wheelyard-bob', secret: '' })

  assert.equal(who.user, 'wheelyard-bob')
})
