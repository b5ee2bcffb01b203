import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { readNewPassword } from './secret-input.ts'
import type { World } from './world.ts'

function makeWorld(typed: string, isTTY: boolean) {
  let shown = ''
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const output = { write: (text: string) => (shown += text) }
  const world: World = {
    program: [],
    argv: [],
    env: {},
    cwd: '/',
    stdin,
    stdout: output,
    stderr: output,
  }
  stdin.end(typed)
  return { world, shown: () => shown }
}

test('a terminal is asked twice, and shows nothing of what is typed', async () => {
  const { world, shown } = makeWorld('open sesamw\u007fe\ropen sesame\r', true)

  assert.equal(await readNewPassword(world, 'ada'), 'open sesame')
  assert.equal(shown(), 'New password for ada: \nOnce more: \n')
})

test('two different passwords change nothing', async () => {
  const { world } = makeWorld('one\rtwo\r', true)

  await assert.rejects(readNewPassword(world, 'ada'), /differ; nothing was changed/)
})

for (const [key, typed] of Object.entries({ 'Ctrl-C': 'secret\u0003', 'Ctrl-D': '\u0004' })) {
  test(`${key} at the question changes nothing`, async () => {
    const { world } = makeWorld(typed, true)

    await assert.rejects(readNewPassword(world, 'ada'), /No password was given/)
  })
}

test('from a pipe comes one line, with or without an end', async () => {
  assert.equal(await readNewPassword(makeWorld('one\n', false).world, 'ada'), 'one')
  assert.equal(await readNewPassword(makeWorld('one\r\n', false).world, 'ada'), 'one')
  assert.equal(await readNewPassword(makeWorld(' two ', false).world, 'ada'), ' two ')
})

test('what is far too long for a password is not read to its end', async () => {
  const { world } = makeWorld('x'.repeat(1_000_000), false)

  await assert.rejects(readNewPassword(world, 'ada'), /more than one line/)
})
