/** A real tree of ninety distributions through a mirror: cold, warm, and with nothing upstream. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { makePip, makeUv, type Pip, type Uv } from '../support/clients.ts'
import { assertDone } from '../support/installers.ts'
import { realWheels, TREE_ROOT, type RealWheel } from '../support/real-tree.ts'
import { startRelay } from '../support/relay.ts'
import { startPypiserver } from '../support/upstream.ts'
import { startYard } from '../support/yard.ts'

interface Origin extends AsyncDisposable {
  readonly url: string
  readonly simple: string
}

/** Old and plain: HTML alone, without core metadata, so that our mirror must make it. */
async function pypiserver(wheels: readonly RealWheel[]): Promise<Origin> {
  const server = await startPypiserver(wheels)
  return {
    url: server.url(),
    simple: 'simple/',
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

/** Everything that the standards have, uploaded in one go. */
async function secondWheelyard(wheels: readonly RealWheel[]): Promise<Origin> {
  const yard = await startYard({ stages: ['ada/all'] })
  await using uv = await makeUv()
  assertDone(
    await uv.publish(
      wheels.map((wheel) => wheel.path),
      yard.url('ada/all/'),
    ),
  )
  return {
    url: yard.url(),
    simple: 'ada/all/+simple/',
    [Symbol.asyncDispose]: () => yard[Symbol.asyncDispose](),
  }
}

const pairs = [
  { name: 'pip', makeTool: makePip, of: 'pypiserver', startOrigin: pypiserver },
  { name: 'uv', makeTool: makeUv, of: 'a second Wheelyard', startOrigin: secondWheelyard },
] as const

for (const { name, makeTool, of, startOrigin } of pairs) {
  test(`${name} installs ${TREE_ROOT} through a mirror of ${of}`, async (t) => {
    const wheels = await realWheels()
    await using origin = await startOrigin(wheels)
    await using relay = await startRelay(origin.url)
    const mirror = { name: 'ada/mirror', type: 'mirror', mirror_url: relay.url(origin.simple) }
    const stage = { name: 'ada/dev', bases: ['ada/mirror'] }
    await using yard = await startYard({ stages: [{ ...mirror, mirror_cache_expiry: 0 }, stage] })
    const from = yard.url('ada/dev/+simple/')
    const loaded = (): string[] =>
      relay.requests
        .filter(({ path, headers }) => path.endsWith('.whl') && headers.range === undefined)
        .map(({ path }) => path)

    const cold = await installIn(t, 'cold', { makeTool, from })
    assert.ok(cold.length >= 30, cold.join('\n'))
    assert.deepEqual(loaded().toSorted(), [...new Set(loaded())].toSorted(), 'loaded twice')

    relay.forget()
    const warm = await installIn(t, 'warm', { makeTool, from })
    assert.deepEqual(warm, cold)
    assert.deepEqual(loaded(), [])

    await origin[Symbol.asyncDispose]()
    await relay.cut()
    const alone = await installIn(t, 'with the upstream stopped', { makeTool, from })
    assert.deepEqual(alone, cold)
  })
}

interface Install {
  readonly makeTool: () => Promise<Pip | Uv>
  readonly from: string
}

/** Into an empty environment, with an empty cache. A test of its own, so that its time is shown. */
async function installIn(
  t: TestContext,
  title: string,
  { makeTool, from }: Install,
): Promise<string[]> {
  await using tool = await makeTool()
  const options = 'pip' in tool ? ['--no-compile'] : []
  await t.test(title, async () => assertDone(await tool.install(TREE_ROOT, from, ...options)))
  return await tool.installed()
}
