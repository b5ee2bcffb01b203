/** A replica that begins empty: what is missing until it has been filled is not said to be nowhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi } from '../support/api.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { startRelay } from '../support/relay.ts'
import { reached } from '../support/until.ts'
import { sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const ANCHOR = '/ada/dev/+simple/anchor/'
const json = { headers: { accept: 'application/vnd.pypi.simple.v1+json, application/json' } }

test('until all of its primary is here, what is missing is still to come', async () => {
  await using secret = await makeSharedSecret()
  const config = { secretFile: secret.path }
  await using primary = await startApi({ transport: 'socket', indexes: ['ada/dev'], config })
  const wheel = makeWheel('anchor', '1.0')
  await sendFile(primary, 'ada/dev', wheel, { name: 'anchor', version: '1.0' })
  await using wire = await startRelay(primary.app.url)
  await wire.cut()
  await using replica = await startApi({
    transport: 'socket',
    config: { ...config, primaryUrl: wire.url() },
  })

  const [page, index, user] = await Promise.all(
    [ANCHOR, '/ada/dev', '/ada'].map((path) => replica.get(path, json)),
  )
  await wire.join(primary.app.url)
  await primary.ledger.catchUp()
  await reached(replica.ledger, primary.serial)
  const found = await replica.get(ANCHOR, json)
  const missing = await replica.get('/ada/dev/+simple/buoy/', json)

  for (const { status, headers, text } of [page!, index!, user!]) {
    assert.deepEqual([status, headers['retry-after']], [503, '5'])
    const { message } = refuse('still-filling', { here: -1, there: -1 })
    assert.ok(text.includes(message), text)
  }
  assert.deepEqual([found.status, missing.status], [200, 404])
})
