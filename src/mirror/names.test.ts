/** Upstream's list of names: sorted on disk, fetched rarely, and never in anyone's way. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import {
  body,
  breakAfter,
  byPath,
  chunked,
  namesPage,
  notFound,
  stall,
  startFakeUpstream,
  type Answer,
} from '../../test/support/fake-upstream.ts'
import { makeMirrorRig, MIRROR } from '../../test/support/mirror.ts'
import type { NameList } from './mirrors.ts'

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json'
const HALF_HOUR = 1_800_000

function names(list: readonly string[], etag?: string): Answer {
  const content = JSON.stringify({
    meta: { 'api-version': '1.1' },
    projects: list.map((name) => ({ name })),
  })
  return body(content, { type: JSON_TYPE, ...(etag !== undefined && { etag }) })
}

const all = async (list: NameList): Promise<string[]> =>
  (await Array.fromAsync(list.batches())).flat()

test('names come in normal form, in order and once, whatever upstream sends', async () => {
  const sent = ['Zope.Interface', 'anchor', 'b_u-o.y', 'zope-interface', 'not a name', 'Anchor']
  const html = sent.map((name) => `<a href="/simple/x/">${name}</a>`).join('\n')
  for (const answer of [
    names(sent),
    body(html),
    body(html, { type: 'text/html; charset=utf-8' }),
  ]) {
    await using upstream = await startFakeUpstream(byPath({ '/simple/': answer }))
    await using rig = await makeMirrorRig(upstream.url('simple'))

    const list = await rig.mirrors.names(MIRROR)

    const found = (await all(list)).filter((name) => name !== 'x')
    assert.deepEqual(found, ['anchor', 'b-u-o-y', 'zope-interface'])
    assert.equal(await list.has('anchor'), true)
    assert.equal(await list.has('zope'), false)
    assert.equal(await list.has('a'), false)
    assert.equal(await list.has('zzz'), false)
  }
})

test('a list that is out of order, and larger than what is sorted at once, is merged', async () => {
  const count = 50_000
  const shuffled = Array.from({ length: count }, (_, i) => `p${(i * 7919) % count}`)
  await using upstream = await startFakeUpstream(
    byPath({ '/simple/': names([...shuffled, ...shuffled.slice(0, 1000)]) }),
  )
  await using rig = await makeMirrorRig(upstream.url('simple'))

  const list = await rig.mirrors.names(MIRROR)

  assert.equal(list.count, count)
  assert.deepEqual(await all(list), shuffled.toSorted())
  for (const name of ['p0', 'p49999', 'p777', 'p25000']) assert.equal(await list.has(name), true)
  for (const name of ['p', 'p50000', 'o', 'q', 'p0\np1', '']) {
    assert.equal(await list.has(name), false)
  }
})

test('a long HTML list is read as a stream', async () => {
  await using upstream = await startFakeUpstream((request, response) =>
    chunked(namesPage(20_000))(request, response),
  )
  await using rig = await makeMirrorRig(upstream.url('simple'))

  const list = await rig.mirrors.names(MIRROR)

  assert.equal(list.count, 20_000)
  assert.equal(await list.has('project-0012345'), true)
})

test('the list is asked for when it is old, and its etag changes with the names', async () => {
  await using upstream = await startFakeUpstream(names(['anchor'], '"1"'))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  const first = await rig.mirrors.names(MIRROR)

  rig.pass(HALF_HOUR - 1)
  await rig.restart()
  assert.equal((await rig.mirrors.names(MIRROR)).etag, first.etag)
  assert.equal(upstream.requests.length, 1)

  rig.pass(1)
  assert.equal((await rig.mirrors.names(MIRROR)).etag, first.etag)
  assert.equal(upstream.requests[1]!.headers['if-none-match'], '"1"')

  rig.pass(HALF_HOUR)
  upstream.answerWith(names(['anchor', 'buoy'], '"2"'))
  const next = await rig.mirrors.names(MIRROR)
  assert.notEqual(next.etag, first.etag)
  assert.deepEqual(await all(next), ['anchor', 'buoy'])
  assert.deepEqual(await all(first), ['anchor'])
})

test('many who ask at once share one request, and an old list serves while a new one comes', async () => {
  await using upstream = await startFakeUpstream(names(['anchor']))
  await using rig = await makeMirrorRig(upstream.url('simple'), { requestTimeoutMs: 50 })
  await Promise.all(Array.from({ length: 5 }, () => rig.mirrors.names(MIRROR)))
  assert.equal(upstream.requests.length, 1)

  rig.pass(HALF_HOUR)
  const { promise: waited, resolve: goOn } = Promise.withResolvers<void>()
  upstream.answerWith(async (request, response) => {
    await waited
    return names(['anchor', 'buoy'])(request, response)
  })
  const slow = await Promise.all(Array.from({ length: 5 }, () => rig.mirrors.names(MIRROR)))
  goOn()

  assert.deepEqual([...new Set(slow.map(({ count }) => count))], [1])
  assert.equal(upstream.requests.length, 2)
})

const failures: Readonly<Record<string, Answer>> = {
  'answers 500': body('', { status: 500 }),
  'has no list': notFound,
  'stops after its head': (_, response) => response.writeHead(200).flushHeaders(),
  'ends early': breakAfter(Buffer.from('<a>anchor</a>'.repeat(1000)), 5000),
  'sends half a document': body('{"meta": {}, "projects": [{"name": "anchor"}', {
    type: JSON_TYPE,
  }),
  'sends an image': body('\x89PNG', { type: 'image/png' }),
  'says nothing': stall,
}

for (const [what, answer] of Object.entries(failures)) {
  test(`where upstream ${what}, the list is the old one, or what is known here`, async () => {
    await using upstream = await startFakeUpstream(
      byPath({ '/simple/': answer, '/simple/mine/': body('<a href="mine-1.0.zip">mine</a>') }),
    )
    await using rig = await makeMirrorRig(upstream.url('simple'), {
      firstByteTimeoutMs: 100,
      stallTimeoutMs: 100,
    })
    await rig.mirrors.freshen(MIRROR, 'mine')

    const local = await rig.mirrors.names(MIRROR)
    assert.deepEqual([local.count, await all(local)], [1, ['mine']])
    assert.deepEqual([await local.has('mine'), await local.has('other')], [true, false])

    rig.pass(3000)
    upstream.answerWith(names(['anchor', 'buoy']))
    assert.equal((await rig.mirrors.names(MIRROR)).count, 2)
    rig.pass(HALF_HOUR)
    upstream.answerWith(answer)
    assert.equal((await rig.mirrors.names(MIRROR)).count, 2)
    await rig.mirrors.close()
    assert.equal((await readdir(`${rig.folder}/local/names`)).length, 1)
  })
}

test('a mirror that has no list, or no upstream, tells the names known here', async () => {
  await using upstream = await startFakeUpstream(names(['anchor']))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.setMirror({ mirror_no_project_list: true })

  assert.equal((await rig.mirrors.names(MIRROR)).count, 0)
  assert.equal(upstream.requests.length, 0)
})

test('a new upstream’s list takes the place of the old one’s once it is here', async () => {
  await using old = await startFakeUpstream(names(['anchor'], '"1"'))
  await using next = await startFakeUpstream(body('', { status: 503 }))
  await using rig = await makeMirrorRig(old.url('simple'))
  await rig.mirrors.names(MIRROR)

  await rig.setMirror({ mirror_url: next.url('simple') })
  assert.deepEqual(await all(await rig.mirrors.names(MIRROR)), ['anchor'])
  rig.pass(3000)
  next.answerWith(names(['buoy'], '"1"'))
  assert.deepEqual(await all(await rig.mirrors.names(MIRROR)), ['buoy'])
  assert.ok(next.requests.every(({ headers }) => headers['if-none-match'] === undefined))
})

test('after a failure the list is asked for again after a moment, or as soon as it is old', async () => {
  await using upstream = await startFakeUpstream(body('', { status: 503 }))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.names(MIRROR)
  rig.pass(2999)
  await rig.mirrors.names(MIRROR)
  assert.equal(upstream.requests.length, 1)
  rig.pass(1)
  await rig.mirrors.names(MIRROR)
  assert.equal(upstream.requests.length, 2)

  await rig.setMirror({ mirror_cache_expiry: 0 })
  upstream.answerWith(names(['anchor']))
  assert.deepEqual(await all(await rig.mirrors.names(MIRROR)), ['anchor'])
})
