/** Another server that mirrors only what a Wheelyard owns, by its `+own/` and `+stages/`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePip, makeUv, twine } from '../support/clients.ts'
import { assertDone, assertFailed } from '../support/installers.ts'
import { startRelay } from '../support/relay.ts'
import { startStaticIndex } from '../support/static-index.ts'
import type { StageSetup } from '../support/devpi-api.ts'
import { startDevpiServer } from '../support/upstream.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

interface Server extends AsyncDisposable {
  url(path?: string): string
}

const mirrors: Readonly<Record<string, (stages: StageSetup[]) => Promise<Server>>> = {
  'a second Wheelyard': (stages) => startYard({ stages }),
  'a devpi-server': (stages) => startDevpiServer({ stages }),
}

/** What the list of an index names. */
async function listed(server: Server, index: string): Promise<string[]> {
  const response = await fetch(server.url(`${index}/+simple/`), {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  })
  const { projects } = (await response.json()) as { projects: { name: string }[] }
  return projects.map(({ name }) => name).toSorted()
}

for (const [kind, start] of Object.entries(mirrors)) {
  test(`${kind} mirrors an index without its bases, and without its mirrors`, async () => {
    const public_ = makeWheel('public', '1.0')
    await using upstream = await startStaticIndex([public_])
    await using yard = await startYard({
      stages: [
        { name: 'ada/up', type: 'mirror', mirror_url: upstream.url('simple/') },
        { name: 'ada/base', bases: ['ada/up'] },
        { name: 'ada/dev', bases: ['ada/base'] },
      ],
    })
    assertDone(await twine.upload(makeWheel('anchor', '1.0'), yard.url('ada/dev/')))
    assertDone(await twine.upload(makeWheel('mast', '2.0'), yard.url('ada/base/')))
    await using relay = await startRelay(yard.url())
    const mirrorOf = (name: string, folder: string): StageSetup => ({
      name,
      type: 'mirror',
      mirror_url: relay.url(`ada/dev/${folder}/`),
    })
    await using other = await start([
      mirrorOf('bea/own', '+own'),
      mirrorOf('bea/stages', '+stages'),
    ])
    await using pip = await makePip()
    await using uv = await makeUv()

    assert.deepEqual(await listed(other, 'bea/own'), ['anchor'])
    assert.deepEqual(await listed(other, 'bea/stages'), ['anchor', 'mast'])
    assertDone(await pip.install('anchor', other.url('bea/own/+simple/')))
    assertDone(await uv.install(['anchor', 'mast'], other.url('bea/stages/+simple/')))
    assert.deepEqual(await uv.installed(), ['anchor-1.0', 'mast-2.0'])
    assertFailed(await pip.install('mast', other.url('bea/own/+simple/')), /mast/)
    assertFailed(await uv.install('public', other.url('bea/stages/+simple/')), /public/)
    assert.deepEqual(upstream.requests, [])
  })
}
