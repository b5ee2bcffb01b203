/** Upstreams that change the content of a file under the same name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFakeUpstream } from '../../test/support/fake-upstream.ts'
import { json, makeMirrorRig, MIRROR, pageOf } from '../../test/support/mirror.ts'

const HALF_HOUR = 1_800_000
const filename = 'anchor-1.0.tar.gz'
const page = (digit: string, more: object = {}) =>
  json(pageOf([{ filename, hashes: { sha256: digit.repeat(64) }, ...more }]))

test('a file whose hash changes upstream stays as it was, and is told once', async () => {
  await using upstream = await startFakeUpstream(page('1'))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')
  const before = (await rig.files('anchor'))[filename]!

  upstream.answerWith(page('2', { yanked: 'odd' }))
  for (const _ of [1, 2]) {
    rig.pass(HALF_HOUR)
    assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  }
  const after = (await rig.files('anchor'))[filename]!
  assert.equal(after.digest, before.digest)
  assert.deepEqual(after.hashes, before.hashes)
  assert.equal(after.yanked, 'odd')
  assert.deepEqual(after.upstream?.refused?.hashes, { sha256: '2'.repeat(64) })
  assert.equal(rig.log.filter(({ message }) => /changed the content/.test(message)).length, 1)

  upstream.answerWith(page('1'))
  rig.pass(HALF_HOUR)
  await rig.mirrors.freshen(MIRROR, 'anchor')
  assert.equal((await rig.files('anchor'))[filename]!.upstream?.refused, undefined)
})

test('a mirror that takes what upstream replaces has the new content', async () => {
  await using upstream = await startFakeUpstream(page('1'))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.setMirror({ mirror_take_replaced: true })
  await rig.mirrors.freshen(MIRROR, 'anchor')
  upstream.answerWith(page('2'))
  rig.pass(HALF_HOUR)
  await rig.mirrors.freshen(MIRROR, 'anchor')
  assert.equal((await rig.files('anchor'))[filename]!.digest, '2'.repeat(64))
})
