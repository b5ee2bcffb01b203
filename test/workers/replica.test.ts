/** A replica of several workers: one of them follows the primary, and all show what came. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSharedSecret } from '../support/feed.ts'
import { admin, complete, startGroup, upload as uploadTo } from '../support/group.ts'
import { startYard, type Yard } from '../support/yard.ts'
import { makeUploader } from '../support/uploader.ts'
import { until } from '../support/until.ts'
import { makeWheel } from '../support/wheel.ts'
import { connectToEach, startWorkers, type OneConnection } from '../support/workers.ts'

async function statusOf(yard: Yard) {
  const response = await fetch(yard.url('+status'), { headers: { accept: 'application/json' } })
  return ((await response.json()) as { result: Record<string, unknown> }).result
}

async function upload(to: Yard, version: string): Promise<void> {
  using uploader = makeUploader()
  const { status, text } = await uploader.upload(to.url('ada/dev/'), makeWheel('anchor', version))
  assert.equal(status, 200, text)
}

const shows = async (connection: OneConnection, yard: Yard, version: string): Promise<boolean> =>
  (await connection.get(yard.url('ada/dev/+simple/anchor/'))).body.includes(`anchor-${version}-`)

test('one worker of a replica follows, another takes its place, and changes are passed on by all', async () => {
  await using secret = await makeSharedSecret()
  const shared = ['--secret-file', secret.path]
  await using primary = await startYard({ stages: ['ada/dev'], args: shared })
  await using replica = await startWorkers({
    args: [...shared, '--primary-url', primary.url()],
  })
  const connections = await connectToEach(replica)

  await upload(replica, '1.0')
  for (const connection of connections) assert.ok(await shows(connection, replica, '1.0'))
  await upload(primary, '2.0')
  for (const connection of connections) await until(() => shows(connection, replica, '2.0'))
  assert.equal(Object.keys((await statusOf(primary))['polling_replicas'] as object).length, 1)
  for (const connection of connections) {
    const { body } = await connection.get(replica.url('+status'), { accept: 'application/json' })
    const { result } = JSON.parse(body) as { result: { primary: object; role: string } }
    assert.deepEqual([result.role, result.primary], ['REPLICA', { connected: true, problem: null }])
  }
  for (const connection of connections) connection[Symbol.dispose]()

  process.kill(replica.workers().get(1)!, 'SIGKILL') // it came first, and leads
  await replica.begun(3)
  await upload(primary, '3.0')
  const [one, other] = await connectToEach(replica)
  await until(async () => (await shows(one!, replica, '3.0')) && shows(other!, replica, '3.0'))
  await upload(replica, '4.0')

  assert.ok(await shows(one!, replica, '4.0'))
  assert.ok(await shows(other!, replica, '4.0'))
  for (const connection of [one!, other!]) connection[Symbol.dispose]()
})

test('when a replica of workers is promoted, all of them begin anew, at the same address', async () => {
  await using group = await startGroup()
  const replica = await group.startReplica(group.primary, { args: ['--workers', '2'] })
  assert.equal(await uploadTo(group.primary, '1.0'), 200)
  await complete(replica, group.primary)
  const address = replica.url()
  await group.primary.kill('SIGKILL')

  const promoted = await admin(replica, 'promote')
  assert.equal(promoted.code, 0, promoted.output)
  await replica.logged(/(?:"a worker takes requests"[^]*?){4}/)
  await until(async () => (await uploadTo(replica, '2.0')) === 200)

  assert.equal(replica.url(), address)
  for (const connection of await connectToEach(replica)) {
    assert.ok(await shows(connection, replica, '2.0'))
    connection[Symbol.dispose]()
  }
})
