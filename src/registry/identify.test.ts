import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '#base/log'
import { openLedger } from '#ledger/open-ledger'
import { makeTempFolder } from '../../test/support/temp.ts'
import { Logins } from './identify.ts'
import type { Authenticator, LoginOpinion } from './hooks.ts'
import { keys } from './keys.ts'
import { hashPassword, PasswordCheck } from './passwords.ts'
import { TokenSigner } from './tokens.ts'
import { newUser } from './users.ts'

async function openLogins(
  users: Readonly<Record<string, string>>,
  ...authenticate: readonly Authenticator[]
) {
  const folder = await makeTempFolder()
  const ledger = await openLedger(folder.path)
  const clock = { time: 0, now: () => clock.time }
  const parts = { ledger, clock, lifetimeMs: 1000 }
  const logins = new Logins({
    ...parts,
    passwords: new PasswordCheck(clock),
    tokens: new TokenSigner(Buffer.alloc(32)),
    hooks: { authenticate },
    log: createLog({ level: 'silent' }),
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
  const login = (await rig.logins.logIn('ada', 'pw'))!
  const secret = rig.logins.issueToken(login)

  rig.clock.time = 999
  assert.equal((await rig.logins.identify({ user: 'ada', secret })).user, 'ada')
  rig.clock.time = 1000
  assert.equal((await rig.logins.identify({ user: 'ada', secret })).user, undefined)
})

test('a token of a user who was removed does not pass to the next one of that name', async () => {
  await using rig = await openLogins({ ada: 'pw' })
  const login = (await rig.logins.logIn('ada', 'pw'))!
  const secret = rig.logins.issueToken(login)

  await rig.ledger.write('test', async (tx) => tx.remove(keys.user('ada')))
  assert.equal((await rig.logins.identify({ user: 'ada', secret })).user, undefined)
  // In the same second: only its life tells them apart.
  await rig.ledger.write('test', async (tx) => tx.set(keys.user('ada'), newUser({}, 0)))
  assert.equal((await rig.logins.identify({ user: 'ada', secret })).user, undefined)
})

test('a user without a hash cannot log in with a password, not even an empty one', async () => {
  await using rig = await openLogins({})
  await rig.ledger.write('test', async (tx) => tx.set(keys.user('ada'), newUser({}, 0)))

  assert.equal(await rig.logins.logIn('ada', ''), undefined)
  assert.equal((await rig.logins.identify({ user: 'ada', secret: '' })).user, undefined)
})

test('a user may be called as tokens begin', async () => {
  await using rig = await openLogins({ 'wheelyard-bob': '' })

  const who = await rig.logins.identify({ user: 'wheelyard-bob', secret: '' })

  assert.equal(who.user, 'wheelyard-bob')
})

test('the first authenticator with an opinion counts, also against the password stored here', async () => {
  const asked: string[] = []
  const hook = (name: string, opinion: LoginOpinion | undefined): Authenticator => {
    return (login) => {
      asked.push(`${name} ${login.user} ${login.isKnown}`)
      return Promise.resolve(opinion)
    }
  }
  const silent = hook('silent', undefined)
  const no = hook('no', { isRight: false })
  const yes = hook('yes', { isRight: true, groups: ['team'] })

  await using undecided = await openLogins({ ada: 'pw' }, silent)
  await using refusing = await openLogins({ ada: 'pw' }, silent, no, yes)
  await using vouching = await openLogins({ ada: 'pw' }, yes, no)

  assert.equal((await undecided.logins.logIn('ada', 'pw'))?.user, 'ada')
  assert.equal(await refusing.logins.logIn('ada', 'pw'), undefined)
  assert.deepEqual((await vouching.logins.logIn('eve', 'other'))?.groups, ['team'])
  assert.deepEqual(asked, ['silent ada true', 'silent ada true', 'no ada true', 'yes eve false'])
})

test('an authenticator that fails refuses, and none is asked about root or a name nobody may have', async () => {
  const failing: Authenticator = () => Promise.reject(new Error('away'))
  await using rig = await openLogins({ root: 'pw', ada: 'pw' }, failing)

  assert.equal(await rig.logins.logIn('ada', 'pw'), undefined)
  assert.equal((await rig.logins.logIn('root', 'pw'))?.user, 'root')
  for (const user of ['', 'a/b', 'a b', '..', '\ud800', 'x'.repeat(200)]) {
    assert.equal(await rig.logins.logIn(user, 'pw'), undefined)
  }
})
