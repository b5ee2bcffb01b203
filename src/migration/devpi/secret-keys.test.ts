import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deriveKey, readSigned, signText } from './secret-keys.ts'

/** devpi-replication, section 2.3: made by devpi itself. */
const secret = Buffer.from('Wheelyard-test-secret-0123456789abcdef')
const quick = { memory: 8, passes: 1, parallelism: 1 }
const REPLICA = '"0123456789abcdef0123456789abcdef"'
const AT = 1_750_000_000

test('the keys are those that devpi derives', async () => {
  const replica = await deriveKey(secret, 'devpi-server-replica', quick)
  const login = await deriveKey(secret, 'devpi-server-auth', quick)

  assert.equal(replica.toString('hex'), 'e1327c8b2ba8b16455383c2dda47abcc')
  assert.equal(login.toString('hex'), '3895798f4c730aed8bec6f745b758dbc')
})

test('tokens are those that devpi makes', () => {
  const strong = Buffer.from('d4c33bb8833557e3803983e76e639d05', 'hex')
  const weak = Buffer.from('e1327c8b2ba8b16455383c2dda47abcc', 'hex')
  const login = Buffer.from('bc58ea0479f7a0001ece17531dcaba4b', 'hex')

  assert.equal(signText(strong, REPLICA, AT), `${REPLICA}.aE7hgA.C6-k_la_ZI9ZBuJIb_cgueE7M-Y`)
  assert.equal(signText(weak, REPLICA, AT), `${REPLICA}.aE7hgA.DU2iOwC-uSNBADCE_8HoPBBpMBk`)
  assert.equal(
    signText(login, '["alice", [], true]', AT),
    '["alice", [], true].aE7hgA.9t2X54sYUHHAHBIOt16Ed5TEKyM',
  )
})

test('only what was signed with the key is read', () => {
  const key = Buffer.alloc(16, 7)
  const token = signText(key, '["a.b", [], true]', AT)

  assert.deepEqual(readSigned(key, token), { payload: '["a.b", [], true]', at: AT })
  assert.equal(readSigned(Buffer.alloc(16, 8), token), undefined)
  assert.equal(readSigned(key, token.replace('a.b', 'a.c')), undefined)
  for (const text of ['', '.', '..', 'a', 'a.b', 'a.b.c'])
    assert.equal(readSigned(key, text), undefined)
})
