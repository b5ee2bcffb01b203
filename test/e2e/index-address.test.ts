/** Installers that are given an index's address without `+simple`, as devpi lets them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePip, makeUv, twine } from '../support/clients.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

// devpi-http 12: 85, 99
test('pip and uv install from the address of the index itself', async () => {
  await using yard = await startYard({ stages: ['ada/dev'] })
  await using pip = await makePip()
  await using uv = await makeUv()
  const upload = await twine.upload(makeWheel('anchor', '1.0'), yard.url('ada/dev/'))
  assert.equal(upload.code, 0, upload.output)

  for (const client of [pip, uv]) {
    const install = await client.install('anchor==1.0', yard.url('ada/dev'))
    assert.equal(install.code, 0, install.output)
    assert.deepEqual(await client.installed(), ['anchor-1.0'])
  }
})
