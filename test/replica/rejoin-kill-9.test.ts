/** A former primary that is killed while it sets aside what it alone has: the next start does the rest. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startCommand } from '../support/command.ts'
import { admin, complete, hashesOf, promote, startGroup, upload } from '../support/group.ts'
import { until } from '../support/until.ts'
import { verifyStore } from '../support/verify-store.ts'

const LATE = 20

test('what is set aside is whole, whenever the process is killed', async () => {
  await using group = await startGroup()
  const { primary: old } = group
  const next = await group.startReplica()
  assert.equal(await upload(old, '1.0'), 200)
  await complete(next, old)
  await next.kill('SIGTERM')
  for (let number = 0; number < LATE; number++) {
    assert.equal(await upload(old, `2.${number}`), 200)
  }
  await old.kill('SIGKILL')
  const before = await hashesOf(old)
  await next.restart()
  await promote(next)
  assert.equal(await upload(next, '3.0'), 200)

  const { folder } = old
  const listAside = (): readonly string[] =>
    existsSync(join(folder, 'set-aside')) ? readdirSync(join(folder, 'set-aside')) : []
  const serve = ['serve', '--dir', folder, '--port', '0', '--secret-file', group.secretFile]
  for (const isReached of [
    () => existsSync(join(folder, 'local', 'serving.sqlite')),
    () => existsSync(join(folder, 'replica.json')),
    () => listAside().length > 0,
    () => listAside().some((name) => !name.endsWith('.part')),
  ]) {
    await using child = startCommand([...serve, '--primary-url', next.url()], { cwd: folder })
    await until(async () => isReached() || child.hasExited)
    assert.equal(await child.kill('SIGKILL'), 137, child.stderr)
  }

  const again = await group.start({ folder, args: ['--primary-url', next.url()] })
  await complete(again, next)
  const [late, ...more] = JSON.parse((await admin(again, 'late-writes', '--json')).stdout) as {
    changes: { serial: number }[]
  }[]
  for (const yard of [again, next]) await yard.kill('SIGTERM')

  const after = await hashesOf(again)
  const common = before.findIndex((hash, serial) => hash !== after[serial])
  assert.deepEqual(more, [])
  assert.deepEqual(
    late?.changes.map(({ serial }) => serial),
    before.slice(common).map((_, number) => common + number),
  )
  assert.deepEqual(after, await hashesOf(next))
  assert.deepEqual(listAside().length, 1)
  await verifyStore(folder)
})
