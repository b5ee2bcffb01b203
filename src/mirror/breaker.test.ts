/** When an upstream is left alone, for how long, and how it comes back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { body, startFakeUpstream } from '../../test/support/fake-upstream.ts'
import { asksOf, json, makeMirrorRig, MIRROR, pageOf } from '../../test/support/mirror.ts'
import { Breaker } from './breaker.ts'

const HOST = 'http://upstream.example'

function makeBreaker() {
  let now = 0
  const lines: string[] = []
  const log = (_: object, message: string): void => void lines.push(message)
  const breaker = new Breaker(
    {
      clock: { now: () => now },
      log: { debug: log, info: log, warn: log, error: log, flush: () => {} },
    },
    () => 0,
  )
  const fail = (times: number): void => {
    for (let time = 0; time < times; time++) breaker.enter(HOST).failed('connection refused')
  }
  return { breaker, fail, lines, pass: (ms: number) => void (now += ms) }
}

test('a few failures are tolerated, then nothing is asked for a while', () => {
  const { breaker, fail, lines } = makeBreaker()
  fail(4)
  assert.deepEqual(breaker.list()[0]?.state, 'closed')
  fail(1)
  assert.throws(
    () => breaker.enter(HOST),
    /is not asked for now, after 5 failures: connection refused/,
  )
  assert.deepEqual(breaker.list(), [
    {
      upstream: HOST,
      state: 'open',
      failures: 5,
      reason: 'connection refused',
      until: '1970-01-01T00:00:02.000Z',
    },
  ])
  assert.equal(lines.length, 1)
})

test('one question goes through after the pause, and an answer ends it', () => {
  const { breaker, fail, lines, pass } = makeBreaker()
  fail(5)
  pass(2000)
  const probe = breaker.enter(HOST)
  assert.equal(breaker.list()[0]?.state, 'probing')
  assert.throws(() => breaker.enter(HOST), /not asked for now/)
  probe.answered()
  assert.deepEqual(breaker.list(), [])
  breaker.enter(HOST).answered()
  assert.equal(lines.length, 2)
})

test('the pause grows with each question that fails, up to 15 seconds', () => {
  const { breaker, fail, pass } = makeBreaker()
  fail(5)
  for (const pause of [2000, 4000, 8000, 15_000, 15_000]) {
    pass(pause - 1)
    assert.throws(() => breaker.enter(HOST))
    pass(1)
    fail(1)
  }
})

test('who knows better asks all the same', () => {
  const { breaker, fail } = makeBreaker()
  fail(5)
  breaker.enter(HOST, true).answered()
  breaker.enter(HOST).answered()
  assert.deepEqual(breaker.list(), [])
})

test('a question that was given up says nothing of the upstream', () => {
  const { breaker, fail, pass } = makeBreaker()
  fail(5)
  pass(2000)
  breaker.enter(HOST).abandoned()
  breaker.enter(HOST).answered()
  assert.deepEqual(breaker.list(), [])
})

test('one upstream’s failures are no other’s', () => {
  const { breaker, fail } = makeBreaker()
  fail(5)
  breaker.enter('http://other.example').answered()
})

test('a mirror leaves its upstream alone, and takes it up again', async () => {
  await using upstream = await startFakeUpstream(body('busy', { status: 503 }))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.setMirror({ mirror_no_project_list: true })
  for (const project of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    await assert.rejects(rig.mirrors.freshen(MIRROR, project))
  }
  assert.equal(asksOf(upstream).length, 5)
  assert.equal(rig.mirrors.listUnwell()[0]?.state, 'open')

  upstream.answerWith(json(pageOf([{ filename: 'anchor-1.0.tar.gz' }])))
  await assert.rejects(rig.mirrors.freshen(MIRROR, 'anchor'), /is not asked for now/)
  rig.pass(3000)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.deepEqual(rig.mirrors.listUnwell(), [])
})

for (const [status, isCounted] of [
  [500, true],
  [503, true],
  [520, true],
  [429, true],
  [501, false],
  [403, false],
] as const) {
  test(`an answer of status ${status} is ${isCounted ? 'a failure' : 'none'} of its upstream`, async () => {
    await using upstream = await startFakeUpstream(body('no', { status }))
    await using rig = await makeMirrorRig(upstream.url('simple'))
    await rig.setMirror({ mirror_no_project_list: true })
    for (const project of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await assert.rejects(rig.mirrors.freshen(MIRROR, project))
    }

    assert.equal(asksOf(upstream).length, isCounted ? 5 : 7)
    assert.equal(rig.mirrors.listUnwell().length, isCounted ? 1 : 0)
  })
}

test('one page that is broken, however often it is asked for, leaves nobody alone', async () => {
  await using upstream = await startFakeUpstream((request, response) =>
    (request.url === '/simple/broken/' ? body('no', { status: 500 }) : json(pageOf([])))(
      request,
      response,
    ),
  )
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.setMirror({ mirror_no_project_list: true })
  for (let asked = 0; asked < 8; asked++) {
    await assert.rejects(rig.mirrors.freshen(MIRROR, 'broken'), { status: 500 })
  }

  assert.equal(await rig.mirrors.freshen(MIRROR, 'sound'), 'fresh')
  assert.equal(asksOf(upstream).length, 9)
})

test('one page that fails among others that do not leaves nobody alone', async () => {
  await using upstream = await startFakeUpstream((request, response) =>
    (request.url === '/simple/broken/' ? body('no', { status: 500 }) : json(pageOf([])))(
      request,
      response,
    ),
  )
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.setMirror({ mirror_no_project_list: true })
  for (let asked = 0; asked < 8; asked++) {
    await assert.rejects(rig.mirrors.freshen(MIRROR, 'broken'))
    assert.equal(await rig.mirrors.freshen(MIRROR, `sound${asked}`), 'fresh')
  }
  assert.deepEqual(rig.mirrors.listUnwell(), [])
})
