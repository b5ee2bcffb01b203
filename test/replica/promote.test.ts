/** A replica takes the place of its primary, by a command. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { openStore } from '#app-store'
import { promoteFolder } from '#app-promotion'
import { makeConfig } from '#config'
import { findReplicaMark, writePromotedMark, writeReplicaMark } from '#replication/replica-mark'
import {
  admin,
  complete,
  hashesOf,
  startGroup,
  statusOf,
  upload,
  versionsOn,
} from '../support/group.ts'
import { until } from '../support/until.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import type { Yard } from '../support/yard.ts'

test('a replica that runs takes changes as soon as it is promoted, also after its next start', async () => {
  await using group = await startGroup()
  const { primary } = group
  const replica = await group.startReplica()
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(replica, primary)
  const address = replica.url()
  await primary.kill('SIGKILL')
  assert.equal(await upload(replica, '2.0'), 503)

  const promoted = await admin(replica, 'promote')
  assert.equal(promoted.code, 0, promoted.output)
  assert.match(promoted.stdout, /epoch 2 begins with serial \d+\.\n$/)
  assert.match(promoted.output, /The server that runs on it takes changes in a moment/)
  // it is away for a moment while it starts again
  await until(async () => (await upload(replica, '2.0')) === 200)

  const { role, polling_replicas: replicas } = await statusOf(replica)
  assert.deepEqual([role, replicas, replica.url()], ['MASTER', {}, address])
  assert.deepEqual(await versionsOn(replica), ['1.0', '2.0'])
  const again = await admin(replica, 'promote')
  assert.match(again.output, /was promoted before, to epoch 2/)

  await replica.restart()
  assert.match(replica.log, /--primary-url is passed over/)
  assert.equal(await upload(replica, '3.0'), 200)
  await replica.kill('SIGTERM')
  await verifyStore(replica.folder)
})

test('a replica that is stopped is promoted, and started as a primary that others can follow', async () => {
  await using group = await startGroup()
  const { primary } = group
  const replica = await group.startReplica()
  const other = await group.startReplica()
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(replica, primary)
  await complete(other, primary)
  for (const yard of [primary, replica, other]) await yard.kill('SIGTERM')

  const promoted = await admin(replica, 'promote', '--json')
  assert.equal(promoted.code, 0, promoted.output)
  const { epoch, serial, isServed } = JSON.parse(promoted.stdout) as Record<string, unknown>
  const next = await group.start({ folder: replica.folder })
  assert.equal(await upload(next, '2.0'), 200)
  const follower = await group.start({
    folder: other.folder,
    args: ['--primary-url', next.url()],
  })
  await complete(follower, next)

  const last = (await statusOf(next)).serial
  assert.deepEqual({ epoch, isServed }, { epoch: 2, isServed: false })
  assert.ok(Number(serial) < last)
  assert.deepEqual(await versionsOn(follower), ['1.0', '2.0'])
  for (const yard of [next, follower]) await yard.kill('SIGTERM')
  assert.deepEqual(await hashesOf(follower), await hashesOf(next))
})

test('what should not be promoted is not, and says why', async () => {
  await using group = await startGroup()
  const { primary } = group
  const replica = await group.startReplica()
  const empty = await group.start({ args: ['--primary-url', 'http://127.0.0.1:9/'] })
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(replica, primary)
  const refused = async (yard: Yard, why: RegExp): Promise<void> => {
    const { code, output, stdout } = await admin(yard, 'promote')
    assert.deepEqual([code, stdout], [1, ''], output)
    assert.match(output, why)
  }

  await refused(primary, /holds no replica: there is nothing to promote/)
  await refused(empty, /is empty: nothing has come from http:\/\/127\.0\.0\.1:9/)
  await refused(replica, /The primary \S+ answers: nothing was done/)
  await replica.kill('SIGTERM')
  assert.equal(await upload(primary, '2.0'), 200)
  await refused(replica, /answers, and is at serial \d+, and this at \d+: nothing was done/)

  await primary.kill('SIGTERM')
  const store = await openStore({ dir: replica.folder })
  await rm((await store.blobs.localPath(makeWheel('anchor', '1.0').sha256)) ?? '')
  await store.close()
  await refused(replica, /Files are not here \(1\).*file\/ada\/dev\/anchor\/anchor-1\.0/)
  const forced = await admin(replica, 'promote', '--force')
  assert.equal(forced.code, 0, forced.output)
})

test('a promotion that was broken off is done, or was none', async () => {
  await using group = await startGroup()
  const { primary } = group
  const replica = await group.startReplica()
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(replica, primary)
  for (const yard of [primary, replica]) await yard.kill('SIGTERM')
  const { folder } = replica
  const mark = (await findReplicaMark(folder))!

  // meant, and not begun
  await writePromotedMark(folder, { epoch: 2, formerUrls: [mark.primaryUrl] })
  const still = await group.start({ folder, args: ['--primary-url', mark.primaryUrl] })
  assert.equal((await statusOf(still)).role, 'REPLICA')
  await still.kill('SIGTERM')

  // begun, and the marks not put right
  await promoteFolder(makeConfig({ dir: folder }, folder), mark)
  await writeReplicaMark(folder, mark)
  const next = await group.start({ folder })
  assert.equal((await statusOf(next)).role, 'MASTER')
  assert.equal(await upload(next, '2.0'), 200)
})
