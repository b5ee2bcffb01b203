/** How long logins last: over restarts, and with a secret file for as long as that secret is used (devpi-http 2.2). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSigningSecret } from '#base/signing-secret'
import { startApi, type Api } from '../support/api.ts'
import { makeTempFolder } from '../support/temp.ts'

const statusOf = async (api: Api, login: { user: string; secret: string }) =>
  (await api.get('/+api', { login })).result.authstatus[0]

// devpi-http 12: 29 (with devpi only with --secretfile; here the data folder keeps a secret)
test('a login survives a restart, without a secret file too', async () => {
  await using api = await startApi()
  const login = { user: 'ada', secret: await api.makeUser('ada') }

  await api.restart()

  assert.equal(await statusOf(api, login), 'ok')
})

// devpi-http 12: 29
test('with a secret file logins last as long as the secret, on every server of the same data', async () => {
  await using folder = await makeTempFolder('secret')
  const [one, other] = [folder.join('one'), folder.join('other')]
  await makeSigningSecret(one)
  await makeSigningSecret(other)
  await using api = await startApi({ config: { secretFile: one } })
  const login = { user: 'ada', secret: await api.makeUser('ada') }
  const { path: dir } = api.folder
  await using beside = await startApi({ config: { dir, secretFile: one } })
  await using changed = await startApi({ config: { dir, secretFile: other } })

  await api.restart()

  assert.equal(await statusOf(api, login), 'ok')
  assert.equal(await statusOf(beside, login), 'ok')
  assert.equal(await statusOf(changed, login), 'noauth')
})

// devpi-http 12: 30
test('a login whose time is over stands for nobody, and is no error', async () => {
  await using api = await startApi({ config: { loginExpiry: 0 } })
  const login = { user: 'ada', secret: await api.makeUser('ada') }

  const reply = await api.get('/+api', { login })

  assert.equal(reply.status, 200)
  assert.deepEqual(reply.result.authstatus, ['noauth', '', []])
})
