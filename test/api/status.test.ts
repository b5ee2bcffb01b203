/** What the server says of itself (devpi-http 4.3), and health for load balancers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../support/api.ts'

test('the status has what devpi clients look for, and no paths of the machine', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })

  const { status, json, text } = await api.get('/+status')

  assert.deepEqual([status, json.type], [200, 'status'])
  const { result } = json
  assert.equal(result.versioninfo['devpi-server'], '6.20.3')
  assert.equal(result.serial, api.serial)
  assert.equal(result['event-serial'], api.serial)
  assert.equal(result['event-serial-timestamp'], result['last-commit-timestamp'])
  assert.ok(result['event-serial-in-sync-at'] >= result['last-commit-timestamp'])
  assert.equal(result.host, '127.0.0.1')
  assert.equal(result.port, Number(new URL(api.app.url).port))
  assert.equal(result['outside-url'], null)
  assert.match(result.uuid, /^[0-9a-f]{32}$/)
  assert.deepEqual([result.role, result.polling_replicas], ['MASTER', {}])
  assert.ok(!text.includes(api.folder.path))
})

test('a load balancer hears that the server lives, and that it can read', async () => {
  await using api = await startApi()

  for (const path of ['/+health/live', '/+health/ready']) {
    const { status, text } = await api.get(path, { accept: '' })
    assert.deepEqual([status, text], [200, 'ok\n'])
  }
})

// devpi-http 12: 4
test('each write raises the serial by one, and what changes nothing leaves it', async () => {
  await using api = await startApi()
  await api.makeUser('ada')
  const serial = async (reply: Promise<{ headers: Record<string, string | undefined> }>) =>
    Number((await reply).headers['x-devpi-serial'])
  const before = await serial(api.get('/'))

  assert.equal(await serial(api.put('/ada/dev', { as: 'ada', json: {} })), before + 1)
  assert.equal(await serial(api.patch('/ada/dev', { as: 'ada', json: { title: 'x' } })), before + 2)
  assert.equal(await serial(api.patch('/ada/dev', { as: 'ada', json: { title: 'x' } })), before + 2)
  assert.equal(await serial(api.patch('/ada/dev', { as: 'ada', json: { foo: 1 } })), before + 2)
})
