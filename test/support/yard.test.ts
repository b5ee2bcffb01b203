/** The program as the end-to-end tests start it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePip, twine } from './clients.ts'
import { makeWheel } from './wheel.ts'
import { startYard } from './yard.ts'

test('pip installs what twine uploaded, also after a kill and a restart', async () => {
  await using yard = await startYard({ stages: ['ada/dev'] })
  await using pip = await makePip()

  const upload = await twine.upload(makeWheel('anchor', '1.0'), yard.url('ada/dev/'))
  assert.equal(upload.code, 0, upload.output)

  assert.equal(await yard.kill('SIGKILL'), 137)
  await yard.restart()

  const install = await pip.install('anchor==1.0', yard.url('ada/dev/+simple/'))
  assert.equal(install.code, 0, install.output + yard.log)
  assert.deepEqual(await pip.installed(), ['anchor-1.0'])
})

test('a yard that cannot start fails with what the program said', async () => {
  await assert.rejects(startYard({ args: ['--no-such-option'] }), /no-such-option/)
})

test('a yard that is asked to stop ends by itself', async () => {
  await using yard = await startYard()

  assert.equal(await yard.kill('SIGTERM'), 0, yard.log)
})
