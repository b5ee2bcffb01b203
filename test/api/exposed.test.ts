/** A server that others than this machine can reach. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SecretFile } from '#config-secret'
import { startApi } from '../support/api.ts'
import { makeTempFolder } from '../support/temp.ts'

test('root cannot lose its password while others can reach the server', async () => {
  await using temp = await makeTempFolder()
  const rootPasswordFile = new SecretFile(await temp.write('password', 'a secret\n'))
  await using api = await startApi({ config: { host: '0.0.0.0', rootPasswordFile } })
  const login = { user: 'root', secret: 'a secret' }
  const before = api.serial

  const emptied = await api.patch('/root', { login, json: { password: '' } })

  assert.equal(emptied.status, 400)
  assert.match(emptied.message ?? '', /'password' must be something/)
  assert.equal(api.serial, before)
  assert.equal((await api.patch('/root', { login, json: { password: 'another' } })).status, 200)
})
