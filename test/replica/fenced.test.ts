/** A primary that comes back after another server was promoted: it takes no changes, and loses nothing of its own. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  admin,
  complete,
  hashesOf,
  promote,
  startGroup,
  statusOf,
  upload,
  versionsOn,
  type Group,
} from '../support/group.ts'
import { sha256 } from '../support/listed-files.ts'
import { until } from '../support/until.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import type { Yard } from '../support/yard.ts'

/** The primary has written 2.0, which the replica that took its place does not have, and is down. */
async function loseOne(group: Group): Promise<{ old: Yard; next: Yard }> {
  const { primary: old } = group
  const next = await group.startReplica()
  assert.equal(await upload(old, '1.0'), 200)
  await complete(next, old)
  await next.kill('SIGTERM')
  assert.equal(await upload(old, '2.0'), 200)
  await old.kill('SIGKILL')
  await next.restart()
  await promote(next)
  return { old, next }
}

test('a former primary that comes back hears that it was replaced, refuses changes, and lists what came too late', async () => {
  await using group = await startGroup()
  const { old, next } = await loseOne(group)
  assert.equal(await upload(next, '3.0'), 200)

  await old.restart()
  await until(async () => (await statusOf(old).catch(() => undefined))?.replaced)
  await until(async () => (await upload(old, '4.0')) === 503)

  const { replaced, uuid } = await statusOf(old)
  const { uuid: by } = await statusOf(next)
  assert.notEqual(by, uuid)
  assert.deepEqual(
    { ...replaced, since: 0 },
    {
      ...{ epoch: 2, by, url: null, since: 0 },
      late: { from: replaced.late.from, changes: 1 },
    },
  )
  const answer = await fetch(old.url('bob'), {
    method: 'PUT',
    body: '{"password":"pw"}',
    headers: { accept: 'application/json' },
  })
  assert.equal(answer.status, 503)
  assert.match(
    await answer.text(),
    /This server was replaced: another one was promoted, to epoch 2/,
  )
  assert.deepEqual(await versionsOn(old), ['1.0', '2.0'])
  const listed = await admin(old, 'late-writes')
  assert.match(
    listed.stdout,
    /epoch 2.*still in the ledger here:\nserial .*\n\d+ +\S+Z +ada +file\/ada\/dev\/anchor/,
  )

  await old.restart()
  assert.equal(await upload(old, '4.0'), 503)
  const password = await admin(old, 'passwd', 'root', '--password-file', old.folder + '/node.json')
  assert.match(password.output, /This server was replaced/)
})

test('started as a replica it sets aside what came too late, and has what the new primary has', async () => {
  await using group = await startGroup()
  const { old, next } = await loseOne(group)
  assert.equal(await upload(next, '3.0'), 200)

  const again = await group.start({ folder: old.folder, args: ['--primary-url', next.url()] })
  await complete(again, next)

  assert.match(again.log, /set aside what the new primary does not have/)
  assert.deepEqual(await versionsOn(again), ['1.0', '3.0'])
  const { role, 'set-aside': aside } = await statusOf(again)
  assert.equal(role, 'REPLICA')
  assert.deepEqual(
    { ...aside[0], at: 0 },
    {
      ...{ from: aside[0].from, to: aside[0].from, epoch: 1, files: 1, missing: 0, at: 0 },
    },
  )
  const { stdout } = await admin(again, 'late-writes', '--json')
  const [late] = JSON.parse(stdout)
  const path = late.changes[0].paths.find((one: string) => one.startsWith('file/'))
  const wheel = makeWheel('anchor', '2.0')
  assert.equal(sha256(await readFile(join(late.folder, path))), wheel.sha256)
  assert.equal(await upload(again, '4.0'), 200)
  await complete(again, next)

  for (const yard of [again, next]) await yard.kill('SIGTERM')
  assert.deepEqual(await hashesOf(again), await hashesOf(next))
  await verifyStore(again.folder)
})

test('a former primary without anything of its own becomes a replica, and can be promoted again', async () => {
  await using group = await startGroup()
  const { primary: old } = group
  const next = await group.startReplica()
  assert.equal(await upload(old, '1.0'), 200)
  await complete(next, old)
  await old.kill('SIGTERM')
  await promote(next)

  const back = await group.start({ folder: old.folder, args: ['--primary-url', next.url()] })
  assert.equal(await upload(back, '2.0'), 200)
  await complete(back, next)
  await next.kill('SIGTERM')
  await promote(back)
  assert.equal(await upload(back, '3.0'), 200)
  // its settings still say that it is a replica of the server that it replaced once
  const last = await group.start({ folder: next.folder, args: ['--primary-url', back.url()] })
  await complete(last, back)

  assert.deepEqual((await statusOf(last))['set-aside'], [])
  assert.deepEqual(await versionsOn(last), ['1.0', '2.0', '3.0'])
  assert.equal((await statusOf(back)).replaced, null)
})

test('data of its own is given up for no server that does not go on with it', async () => {
  await using group = await startGroup()
  await using stranger = await startGroup()
  const { primary } = group
  const replica = await group.startReplica()
  assert.equal(await upload(primary, '1.0'), 200)
  await complete(replica, primary)
  await primary.kill('SIGTERM')
  const start = (url: string) =>
    group.start({ folder: primary.folder, args: ['--primary-url', url] })

  await assert.rejects(start(replica.url()), /is in the same epoch, 1: it was not promoted/)
  await assert.rejects(start('http://127.0.0.1:9/'), /cannot be asked whether it goes on with it/)
  await assert.rejects(start(stranger.primary.url()), /not made with the secret of this server/)
  const other = await group.start()
  await assert.rejects(start(other.url()), /is in the same epoch, 1/)
  await primary.restart()
  await assert.rejects(start(replica.url()), /and a server runs on it/)
  assert.equal(await upload(primary, '2.0'), 200)
})
