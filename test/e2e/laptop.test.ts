/** A replica on a laptop, with the installers that are used there (docs/how-to/laptop.md). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePip, makeUv } from '../support/clients.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { makeUploader } from '../support/uploader.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const anchors = ['1.0', '2.0', '3.0'].map((version) => makeWheel('anchor', version))
const buoy = makeWheel('buoy', '1.0', { headers: ['Requires-Dist: anchor'] })

interface Status {
  readonly serial: number
  readonly primary: { readonly connected: boolean }
  readonly blobs: { readonly 'changes-to-look-at': number }
}

async function statusOf(yard: Yard): Promise<Status> {
  const answer = await fetch(yard.url('+status'), { headers: { accept: 'application/json' } })
  return ((await answer.json()) as { result: Status }).result
}

test('pip and uv install without a network what a laptop keeps, and the rest with one', async () => {
  await using secret = await makeSharedSecret()
  const args = ['--secret-file', secret.path]
  await using primary = await startYard({ stages: ['ada/dev'], args })
  using uploader = makeUploader()
  for (const wheel of [...anchors, buoy]) {
    const { status, text } = await uploader.upload(primary.url('ada/dev/'), wheel)
    assert.equal(status, 200, text)
  }
  await using network = await startTcpProxy(primary.url())
  const filter = ['--primary-url', network.url(), '--replica-filter', 'newest=2 platform=any']
  await using laptop = await startYard({ args: [...args, ...filter] })
  const { serial } = await statusOf(primary)
  await until(async () => {
    const here = await statusOf(laptop)
    return here.serial === serial && here.blobs['changes-to-look-at'] === 0
  })
  await using pip = await makePip()
  await using uv = await makeUv()

  network.break()
  await until(async () => !(await statusOf(laptop)).primary.connected)
  await laptop.restart()
  const index = laptop.url('ada/dev/+simple/')
  const [alone, aloneToo] = [await pip.install('buoy', index), await uv.install('anchor<3', index)]
  const missing = await pip.install('anchor==1.0', index, '--retries', '0')
  network.mend()
  await until(async () => (await statusOf(laptop)).primary.connected)
  const together = await pip.install('anchor==1.0', index)

  assert.deepEqual([alone.code, aloneToo.code], [0, 0], alone.output + aloneToo.output)
  assert.equal(missing.code, 1)
  assert.match(missing.output, /503/)
  assert.equal(together.code, 0, together.output)
  assert.deepEqual(await pip.installed(), ['anchor-1.0', 'buoy-1.0'])
  assert.deepEqual(await uv.installed(), ['anchor-2.0'])
})
