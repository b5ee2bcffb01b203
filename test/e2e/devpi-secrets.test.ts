/** What the devpi client's user gets to see of secrets, and what the log does: here Wheelyard tells less than devpi. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeDevpi } from '../support/devpi-client.ts'
import { startYard } from '../support/yard.ts'

test("a mirror's credentials are shown to its owner only", async () => {
  await using yard = await startYard({ stages: ['ada/dev'] })
  await using devpi = await makeDevpi()
  await using other = await makeDevpi()
  await devpi.open(yard.url('ada/dev'))
  const url = 'mirror_url=http://reader:hidden@127.0.0.1:9/simple/'

  assert.match(await devpi.ok('index', '-c', 'up', 'type=mirror', url), /reader:hidden@/)
  assert.match(await devpi.ok('index', 'ada/up', 'mirror_cache_expiry=60'), /reader:hidden@/)
  await other.ok('use', yard.url())
  assert.match(await other.ok('index', '--no-projects', 'ada/up'), /mirror_url=http:\/\/\*\*\*@127/)
  assert.doesNotMatch(yard.log, /hidden/)
})

test('neither passwords nor tokens nor hashes get into the log', async () => {
  await using yard = await startYard()
  await using devpi = await makeDevpi()
  await devpi.ok('use', yard.url())
  await devpi.ok('user', '-c', 'pam', 'password=tell nobody')
  await devpi.ok('login', 'pam', '--password=tell nobody')
  await devpi.ok('use')
  const wrong = Buffer.from('pam:tell everybody').toString('base64')
  await fetch(yard.url('+api'), { headers: { authorization: `Basic ${wrong}` } })
  await fetch(yard.url('pam?password=tell+nobody'))
  await yard.kill('SIGTERM')

  assert.match(yard.log, /"path":"\/\+login"/)
  assert.doesNotMatch(yard.log, /tell|argon2|wheelyard-ey/)
  assert.ok(!yard.log.includes(wrong))
})
