/** Links that are old are served at once for a while, and looked at behind the answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { body, stall, startFakeUpstream } from '../../test/support/fake-upstream.ts'
import { asksOf, json, makeMirrorRig, MIRROR, pageOf } from '../../test/support/mirror.ts'

const HALF_HOUR = 1_800_000
const DAY = 24 * 3_600_000
const one = pageOf([{ filename: 'anchor-1.0.tar.gz' }])
const two = pageOf([{ filename: 'anchor-1.0.tar.gz' }, { filename: 'anchor-2.0.tar.gz' }])
/** It does not wait for upstream at all. */
const settings = { staleForMs: DAY, staleWaitMs: 0 }

test('old links are served at once, and are new for who asks after the look', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'), settings)
  await rig.mirrors.freshen(MIRROR, 'anchor')
  rig.pass(HALF_HOUR)
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  upstream.answerWith(async (request, response) => {
    await released
    return json(two)(request, response)
  })

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  assert.equal(Object.keys(await rig.files('anchor')).length, 1)
  const stored = rig.nextChange()
  release()
  await stored
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)
})

test('links that were old for too long wait for upstream', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'), settings)
  await rig.mirrors.freshen(MIRROR, 'anchor')
  rig.pass(HALF_HOUR + DAY)
  upstream.answerWith(json(two))

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)
})

test('a mirror that wants a look each time waits for it, and so does a refresh', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'), settings)
  await rig.mirrors.freshen(MIRROR, 'anchor')
  assert.equal(await rig.mirrors.refresh(MIRROR, 'anchor'), 'fresh')
  await rig.setMirror({ mirror_cache_expiry: 0 })
  rig.pass(1)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(asksOf(upstream).length, 3)
})

test('an upstream that says nothing keeps nobody waiting who asks for a known project', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'), settings)
  await rig.mirrors.freshen(MIRROR, 'anchor')
  rig.pass(HALF_HOUR)
  upstream.answerWith(stall)

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
})

test('what upstream removes stays where the mirror keeps it', async () => {
  await using upstream = await startFakeUpstream(json(two))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.setMirror({ mirror_keep_removed: true })
  await rig.mirrors.freshen(MIRROR, 'anchor')

  rig.pass(HALF_HOUR)
  upstream.answerWith(json(one))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)

  rig.pass(HALF_HOUR)
  upstream.answerWith(body('gone', { status: 404 }))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)
  assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), true)
})
