/** An index that not everybody may read, as installers have it: with a user and a password in its address. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePip, makeUv, twine } from '../support/clients.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

test('pip and uv install with a login that may read, and not without', async () => {
  await using yard = await startYard({
    stages: [{ name: 'ada/dev', acl_read: ['ada'] }, 'bob/dev'],
  })
  await using pip = await makePip()
  await using uv = await makeUv()
  const upload = await twine.upload(makeWheel('anchor', '1.0'), yard.url('ada/dev/'))
  assert.equal(upload.code, 0, upload.output)
  const addressFor = (user: string): string => {
    const url = new URL(yard.url('ada/dev/+simple/'))
    return Object.assign(url, { username: user, password: user === '' ? '' : 'pw' }).href
  }

  for (const client of [pip, uv]) {
    for (const user of ['', 'bob']) {
      const refused = await client.install('anchor==1.0', addressFor(user))
      assert.notEqual(refused.code, 0, refused.output)
    }
    const install = await client.install('anchor==1.0', addressFor('ada'))
    assert.equal(install.code, 0, install.output)
    assert.deepEqual(await client.installed(), ['anchor-1.0'])
  }
})
