/** After a promotion the other replicas follow the new primary: told by it, by the old one, or by their settings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findReplicaMark } from '#replication/replica-mark'
import {
  admin,
  complete,
  hashesOf,
  promote,
  startGroup,
  statusOf,
  upload,
  versionsOn,
} from '../support/group.ts'
import { until } from '../support/until.ts'
import type { Yard } from '../support/yard.ts'

const follows = async (replica: Yard, primary: Yard): Promise<void> =>
  until(async () => {
    const status = await statusOf(replica).catch(() => undefined)
    return status?.['primary-url'] === primary.url() && status.primary.connected
  })

test('replicas that are known to each other are told by the one that is promoted', async () => {
  await using group = await startGroup()
  const { primary } = group
  const next = await group.startReplica(primary, { isKnown: true })
  const other = await group.startReplica(primary, { isKnown: true })
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(next, primary)
  await complete(other, primary)
  await until(async () => (await findReplicaMark(next.folder))?.members?.length === 1)
  await primary.kill('SIGKILL')

  await promote(next)
  await follows(other, next)

  assert.equal(await upload(other, '2.0'), 200)
  assert.deepEqual(await versionsOn(next), ['1.0', '2.0'])
  await other.restart()
  assert.match(other.log, /set --primary-url/)
  await follows(other, next)
})

test('a replica that asks a primary that was replaced is told whom to follow', async () => {
  await using group = await startGroup()
  const { primary } = group
  const next = await group.startReplica(primary, { isKnown: true })
  const other = await group.startReplica()
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(next, primary)
  await complete(other, primary)
  await primary.kill('SIGKILL')
  await promote(next)

  await primary.restart()
  await follows(other, next)

  assert.equal(await upload(other, '2.0'), 200)
  assert.equal((await statusOf(primary)).replaced.url.replace(/\/*$/, '/'), next.url())
  assert.deepEqual((await statusOf(other))['set-aside'], [])
})

test('a replica that has more than the new primary says so, and sets that aside at its next start', async () => {
  await using group = await startGroup()
  const { primary } = group
  const next = await group.startReplica()
  const ahead = await group.startReplica()
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(next, primary)
  await next.kill('SIGTERM')
  assert.equal(await upload(primary, '2.0'), 200)
  await complete(ahead, primary)
  for (const yard of [primary, ahead]) await yard.kill('SIGKILL')
  await next.restart()
  await promote(next)
  assert.equal(await upload(next, '3.0'), 200)
  assert.equal(await upload(next, '4.0'), 200)

  const args = ['--primary-url', next.url()]
  const again = await group.start({ folder: ahead.folder, args })
  await until(async () =>
    /here are 1 change/.test((await statusOf(again)).primary.problem?.message),
  )
  const { primary: told, serial } = await statusOf(again)
  assert.equal(told.problem.kind, 'refuses')
  assert.match(
    told.problem.message,
    new RegExp(`here are 1 change, from ${serial} on, that the primary of epoch 2`),
  )
  assert.deepEqual(await versionsOn(again), ['1.0', '2.0'])
  await again.restart()
  await complete(again, next)

  assert.deepEqual(await versionsOn(again), ['1.0', '3.0', '4.0'])
  assert.match((await admin(again, 'late-writes')).stdout, /anchor-2\.0/)
  for (const yard of [again, next]) await yard.kill('SIGTERM')
  assert.deepEqual(await hashesOf(again), await hashesOf(next))
})

test('two replicas that were both promoted are told apart, and neither gives up what it has', async () => {
  await using group = await startGroup()
  const { primary } = group
  const one = await group.startReplica()
  const other = await group.startReplica()
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(one, primary)
  await complete(other, primary)
  await primary.kill('SIGKILL')
  await promote(one)
  await promote(other)
  assert.equal(await upload(one, '2.0'), 200)
  assert.equal(await upload(other, '3.0'), 200)
  await other.kill('SIGTERM')

  const joining = group.start({ folder: other.folder, args: ['--primary-url', one.url()] })
  await assert.rejects(joining, /is in the same epoch, 2: it was not promoted after this one/)

  await other.restart()
  assert.deepEqual(await versionsOn(other), ['1.0', '3.0'])
  // whoever is to stay is promoted once more
  const again = await admin(one, 'promote', '--force')
  assert.match(again.stdout, /epoch 3 begins/)
  await until(async () => (await upload(one, '4.0')) === 200)
  await other.kill('SIGTERM')
  const joined = await group.start({ folder: other.folder, args: ['--primary-url', one.url()] })
  await complete(joined, one)
  assert.deepEqual(await versionsOn(joined), ['1.0', '2.0', '4.0'])
  assert.match((await admin(joined, 'late-writes')).stdout, /anchor-3\.0/)
})
