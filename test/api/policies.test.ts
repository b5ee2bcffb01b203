/** Policies as views of an index: what they hide, where they are enforced, and how they go together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusalRows } from '#http/refusal-reply'
import {
  BEGINNING,
  DAY_MS,
  POLICED_MIRROR as MIRROR,
  POLICED_STAGE as STAGE,
  startPolicedWorld,
} from '../support/policies.ts'
import { sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const old = makeWheel('anchor', '1.0')
const young = makeWheel('anchor', '1.1')
const at = (ms: number): Record<string, unknown> => ({ 'upload-time': new Date(ms).toISOString() })

const anchor = {
  anchor: [
    { built: old, facts: at(BEGINNING - 30 * DAY_MS) },
    { built: young, facts: at(BEGINNING - 2 * DAY_MS) },
  ],
}

test('a file that a policy hides is on no page, and comes back on time by itself', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ cooldown: '7d' })

  assert.deepEqual(await world.shown('anchor'), [old.filename])
  const { result } = await world.api.get(`/${STAGE}/anchor`)
  assert.deepEqual(Object.keys(result), ['1.0'])

  world.pass(5 * DAY_MS)
  assert.deepEqual(await world.shown('anchor'), [old.filename, young.filename])
  const later = await world.api.get(`/${STAGE}/anchor`)
  assert.deepEqual(Object.keys(later.result).sort(), ['1.0', '1.1'])
})

test('files are served where the policy is set, and a hidden one is refused there with the reason', async () => {
  await using world = await startPolicedWorld(anchor)
  const mirrored = await world.pathOf(young.filename, 'anchor')
  assert.ok(mirrored.startsWith(`/${MIRROR}/+f/`), mirrored)
  await world.set({ cooldown: '7d' })

  const served = await world.pathOf(old.filename, 'anchor')
  assert.ok(served.startsWith(`/${STAGE}/+f/`), served)
  const reply = await world.api.get(served, { accept: '*/*' })
  assert.deepEqual(reply.bytes, old.bytes)
  assert.equal(reply.headers['cache-control'], 'no-cache')

  const hidden = mirrored.replace(MIRROR, STAGE)
  for (const path of [hidden, `${hidden}.metadata`]) {
    const refused = await world.api.get(path)
    assert.equal(refused.status, refusalRows['file-hidden'].status, path)
    assert.match(
      refused.text,
      /hidden by the policy cooldown of ada\/dev.*until 2026-06-06T00:00:00/,
    )
  }
  world.pass(5 * DAY_MS)
  assert.equal((await world.api.get(hidden, { accept: '*/*' })).status, 200)
})

test('a policy of a base holds for all who inherit from it', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.api.makeIndex('ada/team', { bases: [STAGE], volatile: true })
  await world.set({ cooldown: '7d' })

  assert.deepEqual(await world.shown('anchor', 'ada/team'), [old.filename])
  assert.deepEqual(await world.shown('anchor', MIRROR), [old.filename, young.filename])
})

test('an index counts its newest versions among those that its bases leave', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ cooldown: '7d' }, MIRROR)
  await world.set({ newest_versions: 1 })
  assert.deepEqual(await world.shown('anchor'), [old.filename])
})

test('what a base hides stays hidden from all who inherit from it, whatever they hide', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ newest_versions: 1 })
  await world.api.makeIndex('ada/other', { bases: [MIRROR], deny: ['anchor==1.1'] })
  await world.api.makeIndex('ada/team', { bases: [STAGE, 'ada/other'] })
  assert.deepEqual(await world.shown('anchor'), [young.filename])
  assert.deepEqual(await world.shown('anchor', 'ada/other'), [old.filename])

  assert.deepEqual(await world.shown('anchor', 'ada/team'), [])
})

test('of several policies that hide a file the one is told that does so for longest', async () => {
  await using world = await startPolicedWorld(anchor)
  const reasonOf = async (): Promise<unknown> => {
    const { result } = await world.api.get(`/${STAGE}/+explain/anchor?version=1.1`)
    return result.files[0].hidden_by.reason
  }
  await world.set({ cooldown: '7d' }, MIRROR)
  await world.set({ cooldown: '14d' })
  assert.equal(await reasonOf(), 'it is younger than 14d')
  await world.set({ deny: ['anchor==1.1'] })
  assert.equal(await reasonOf(), 'deny names anchor==1.1')
  await world.set({ deny: ['anchor==1.1'] }, MIRROR)
  const { result } = await world.api.get(`/${STAGE}/+explain/anchor?version=1.1`)
  assert.equal(result.files[0].hidden_by.index, MIRROR)
})

test('what somebody uploaded is no concern of a cool-down', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ cooldown: '7d' })
  const own = makeWheel('own', '1.0')
  assert.equal((await sendFile(world.api, STAGE, own, { name: 'own' })).status, 200)
  assert.deepEqual(await world.shown('own'), [own.filename])
})

test('a policy that is rehearsed hides nothing', async () => {
  await using world = await startPolicedWorld(anchor)
  await world.set({ cooldown: '7d', policy_mode: 'observe' })
  assert.deepEqual(await world.shown('anchor'), [old.filename, young.filename])
  await world.set({ policy_mode: 'enforce' })
  assert.deepEqual(await world.shown('anchor'), [old.filename])
})

test('an option with a mistake is refused, and changes nothing', async () => {
  await using world = await startPolicedWorld(anchor)
  const reply = await world.api.patch(`/${STAGE}`, { as: 'ada', json: { cooldown: 'a week' } })
  assert.equal(reply.status, 400)
  assert.match(reply.message ?? '', /'cooldown' option must be a duration/)
  assert.deepEqual(await world.shown('anchor'), [old.filename, young.filename])
})
