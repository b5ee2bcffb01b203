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

const newPassword = async (world: World): Promise<string> => {
  const given = await readNewPassword(world, { user: 'ada', check: () => Promise.resolve() })
  return given.password
}

test('a terminal is asked twice, and shows nothing of what is typed', async () => {
  const { world, shown } = makeWorld('open sesamw\u007fe\ropen sesame\r', true)

  assert.equal(await newPassword(world), 'open sesame')
  assert.equal(shown(), 'New password for ada: \nOnce more: \n')
})

test('two different passwords change nothing', async () => {
  const { world, shown } = makeWorld('one\rtwo\rone\rten\rone\rto\rone\rone\r', true)

  await assert.rejects(newPassword(world), /differ; nothing was changed/)
  assert.equal(shown().match(/The two differ\. New password for ada: /g)?.length, 2)
})

test('whose password it is, is asked where nobody said, and judged before a password is typed', async () => {
  const { world, shown } = makeWorld('ada\rsecret\rsecret\r', true)
  const given = await readNewPassword(world, { user: undefined, check: () => Promise.resolve() })

  assert.deepEqual(given, { user: 'ada', password: 'secret' })
  assert.match(shown(), /^User to set password for \[root\]: ada\s+New password for ada: \n/)
  assert.doesNotMatch(shown(), /secret/)

  const stranger = makeWorld('eve\rsecret\rsecret\r', true)
  const check = (user: string) => Promise.reject(new Error(`no user ${user}`))
  await assert.rejects(readNewPassword(stranger.world, { user: undefined, check }), /no user eve/)
  assert.doesNotMatch(stranger.shown(), /New password/)
})

for (const [key, typed] of Object.entries({ 'Ctrl-C': 'secret\u0003', 'Ctrl-D': '\u0004' })) {
  test(`${key} at the question changes nothing`, async () => {
    const { world } = makeWorld(typed, true)

    await assert.rejects(newPassword(world), /No password was given/)
  })
}

test('from a pipe comes one line, with or without an end', async () => {
  assert.equal(await newPassword(makeWorld('one\n', false).world), 'one')
  assert.equal(await newPassword(makeWorld('one\r\n', false).world), 'one')
  assert.equal(await newPassword(makeWorld(' two ', false).world), ' two ')
})

test('what is far too long for a password is not read to its end', async () => {
  const { world } = makeWorld('x'.repeat(1_000_000), false)

  await assert.rejects(newPassword(world), /more than one line/)
})
