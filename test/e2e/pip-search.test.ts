/** `pip search`, which pip still has, with an index as its `--index`, as `devpi use --set-cfg` sets it up. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePip, twine } from '../support/clients.ts'
import { assertDone } from '../support/installers.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

test('pip search finds what is on an index', async () => {
  await using yard = await startYard({ stages: ['ada/dev'] })
  await using pip = await makePip()
  assertDone(await twine.upload(makeWheel('anchor', '1.0'), yard.url('ada/dev/')))

  for (const address of ['ada/dev', 'ada/dev/']) {
    const search = await pip.pip('search', '--index', yard.url(address), 'anch')
    assertDone(search)
    assert.match(search.output, /^anchor \(1\.0\) +- \[ada\/dev\]/m)
  }
  const nothing = await pip.pip('search', '--index', yard.url('ada/dev'), 'mast')
  assert.equal(nothing.code, 23)
})
