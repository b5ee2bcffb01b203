/** Pushes from an index whose policies hide files: what is hidden is not there to be pushed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, Reply } from '../support/api.ts'
import { startFakePypi } from '../support/fake-pypi.ts'
import {
  BEGINNING,
  DAY_MS,
  POLICED_MIRROR as MIRROR,
  POLICED_STAGE as STAGE,
  startPolicedWorld,
  type PolicedWorld,
} from '../support/policies.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const TARGET = 'ada/prod'

const old = makeWheel('anchor', '1.0')
const late = makeSdist('anchor', '1.0')
const young = makeWheel('anchor', '1.1')
const at = (days: number): Record<string, unknown> => ({
  'upload-time': new Date(BEGINNING - days * DAY_MS).toISOString(),
})

async function start(): Promise<PolicedWorld> {
  const world = await startPolicedWorld({
    anchor: [
      { built: old, facts: at(30) },
      { built: late, facts: at(1) },
      { built: young, facts: at(2) },
    ],
  })
  await world.api.makeIndex(TARGET)
  return world
}

const push = ({ api }: PolicedWorld, source: string, body: Json): Promise<Reply> =>
  api.ask('PUSH', `/${source}`, { as: 'ada', json: { targetindex: TARGET, ...body } })

const leftOut = /^hidden by the policy cooldown of ada\/\w+: it is younger than 7d, until 2026-06-/

test('of a release some of whose files are hidden the others are pushed, and the answer says so', async () => {
  await using world = await start()
  await world.set({ cooldown: '7d' }, MIRROR)

  const { status, result } = await push(world, MIRROR, { name: 'anchor', version: '1.0' })

  assert.equal(status, 200)
  assert.deepEqual(
    result.map((action: Json) => action.slice(0, 2)),
    [
      [200, 'register'],
      [200, 'store_releasefile'],
      [200, 'left_out'],
    ],
  )
  assert.equal(result[2][2], late.filename)
  assert.match(result[2][3], leftOut)
  assert.deepEqual(await world.shown('anchor', TARGET), [old.filename])
})

test('a release whose files are all hidden is refused with the policy, and nothing is changed', async () => {
  await using world = await start()
  await world.set({ cooldown: '7d' }, MIRROR)

  const reply = await push(world, MIRROR, { name: 'anchor', version: '1.1' })

  assert.equal(reply.status, 403)
  assert.match(reply.message ?? '', /hidden by the policy cooldown of ada\/mirror/)
  assert.deepEqual(await world.shown('anchor', TARGET), [])

  await world.set({ cooldown: '1d' }, MIRROR)
  assert.equal((await push(world, MIRROR, { name: 'anchor', version: '1.1' })).status, 200)
})

test('a push of requirements chooses among what the policies of the asked index leave', async () => {
  await using world = await start()
  await world.set({ cooldown: '7d' }, STAGE)

  const { status, result } = await push(world, STAGE, { requirements: 'anchor\n' })
  assert.equal(status, 200)
  assert.deepEqual(result[0], [200, 'register', 'anchor', '1.0', '->', TARGET])
  assert.deepEqual(await world.shown('anchor', TARGET), [old.filename])

  const named = await push(world, STAGE, { releases: [{ name: 'anchor', version: '1.1' }] })
  assert.equal(named.status, 403)
  assert.match(named.result[0][4], /hidden by the policy cooldown of ada\/dev/)
})

test('to another server goes only what is shown', async () => {
  await using pypi = await startFakePypi()
  await using world = await start()
  await world.set({ cooldown: '7d' }, MIRROR)
  const body = {
    name: 'anchor',
    version: '1.0',
    targetindex: undefined,
    username: '',
    password: '',
  }

  const { result } = await push(world, MIRROR, { ...body, posturl: pypi.url('/legacy/') })

  assert.deepEqual(
    pypi.forms.map(({ fields }) => fields.content),
    [[old.filename]],
  )
  assert.match(result.at(-1)[3], leftOut)
})
