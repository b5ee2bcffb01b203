/** What a mirror knows of its upstream's projects, and what it makes of an upstream that fails. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asksOf, json, makeMirrorRig, MIRROR, pageOf } from '../../test/support/mirror.ts'
import { body, notFound, stall, startFakeUpstream } from '../../test/support/fake-upstream.ts'
import { startStaticIndex } from '../../test/support/static-index.ts'
import { makeWheel } from '../../test/support/wheel.ts'

const HALF_HOUR = 1_800_000

const one = pageOf([{ filename: 'anchor-1.0.tar.gz' }])
const two = pageOf([{ filename: 'anchor-1.0.tar.gz' }, { filename: 'anchor-2.0.tar.gz' }])

test('the first look brings upstream’s links into the ledger', async () => {
  const wheel = makeWheel('anchor', '1.0')
  const uploadTime = '2026-01-02T03:04:05.123456Z'
  await using upstream = await startStaticIndex([
    { ...wheel, uploadTime, requiresPython: '>=3.9', yanked: 'broken' },
  ])
  await using rig = await makeMirrorRig(upstream.url('simple'))

  assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), false)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')

  assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), true)
  const { addedAt, ...entry } = (await rig.files('anchor'))[wheel.filename]!
  assert.ok(addedAt > 0)
  assert.deepEqual(entry, {
    hashes: { sha256: wheel.sha256 },
    digest: wheel.sha256,
    version: '1.0',
    size: wheel.bytes.length,
    uploadedAt: uploadTime,
    requiresPython: '>=3.9',
    yanked: 'broken',
    metadata: (await rig.files('anchor'))[wheel.filename]!.metadata,
    upstream: { url: upstream.url(`files/${wheel.filename}`) },
  })
  assert.equal((await rig.project('anchor'))?.upstream?.from, upstream.url('simple/'))
})

test('an upstream is asked as pip asks it, under our own name', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'))

  await rig.mirrors.freshen(MIRROR, 'anchor')

  const { path, headers } = asksOf(upstream)[0]!
  assert.equal(path, '/simple/anchor/')
  assert.match(headers.accept ?? '', /^application\/vnd\.pypi\.simple\.v1\+json, .*html; q=0\.1/)
  assert.equal(headers['user-agent'], 'wheelyard/test')
  assert.equal(headers.authorization, undefined)
})

test('links are fresh for the expiry, also after a restart, and looking at them makes no serial', async () => {
  await using upstream = await startFakeUpstream(json(one, { etag: '"1"' }))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')
  const { serial } = rig.ledger

  rig.pass(HALF_HOUR - 1)
  await rig.restart()
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), true)
  assert.equal(asksOf(upstream).length, 1)

  rig.pass(1)
  assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), false)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(asksOf(upstream)[1]!.headers['if-none-match'], '"1"')
  assert.equal(rig.ledger.serial, serial)
})

test('an index may set its own expiry', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.setMirror({ mirror_cache_expiry: 0 })

  await rig.mirrors.freshen(MIRROR, 'anchor')
  assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), false)
  await rig.mirrors.freshen(MIRROR, 'anchor')

  assert.equal(asksOf(upstream).length, 2)
})

test('only what differs is written, and what upstream lists no longer is removed', async () => {
  const kept = { filename: 'anchor-2.0.tar.gz', hashes: { md5: 'a'.repeat(32) } }
  await using upstream = await startFakeUpstream(
    json(pageOf([{ filename: 'anchor-1.0.tar.gz' }, kept])),
  )
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')
  const before = (await rig.files('anchor'))['anchor-2.0.tar.gz']

  rig.pass(HALF_HOUR)
  upstream.answerWith(json(pageOf([kept, { filename: 'anchor-3.0.tar.gz' }])))
  await rig.mirrors.freshen(MIRROR, 'anchor')

  const after = await rig.files('anchor')
  assert.deepEqual(Object.keys(after), ['anchor-2.0.tar.gz', 'anchor-3.0.tar.gz'])
  assert.deepEqual(after['anchor-2.0.tar.gz'], before)
  const change = await rig.ledger.change(rig.ledger.serial)
  assert.deepEqual(change?.entries.map(({ path }) => path).toSorted(), [
    'file/root/mirror/anchor/anchor-1.0.tar.gz',
    'file/root/mirror/anchor/anchor-3.0.tar.gz',
    'project/root/mirror/anchor',
  ])
})

test('many who wait for a project share one request', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'))

  const looks = Array.from({ length: 40 }, () => rig.mirrors.freshen(MIRROR, 'anchor'))

  assert.deepEqual([...new Set(await Promise.all(looks))], ['fresh'])
  assert.equal(asksOf(upstream).length, 1)
})

test('a project that upstream lacks is missing for a minute', async () => {
  await using upstream = await startFakeUpstream(notFound)
  await using rig = await makeMirrorRig(upstream.url('simple'))
  const { serial } = rig.ledger

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'missing')
  assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), true)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'missing')
  assert.equal(asksOf(upstream).length, 1)
  assert.equal(rig.ledger.serial, serial)

  rig.pass(60_000)
  upstream.answerWith(json(one))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
})

test('a project that is gone upstream is gone here', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')

  rig.pass(HALF_HOUR)
  upstream.answerWith(body('gone', { status: 410 }))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'missing')

  assert.equal(await rig.project('anchor'), undefined)
  assert.deepEqual(await rig.files('anchor'), {})
})

test('a page waits for a slow upstream no longer than the request timeout, and gets stale links', async () => {
  const { promise: waited, resolve: goOn } = Promise.withResolvers<void>()
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'), { requestTimeoutMs: 500 })
  await rig.mirrors.freshen(MIRROR, 'anchor')
  rig.pass(HALF_HOUR)
  const stored = rig.nextChange()
  upstream.answerWith(async (request, response) => {
    await waited
    return json(two)(request, response)
  })

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  assert.equal(asksOf(upstream).length, 2)

  goOn()
  await stored
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)
})

test('where nothing is known, a slow upstream is a failure that names the project', async () => {
  await using upstream = await startFakeUpstream(stall)
  await using rig = await makeMirrorRig(upstream.url('simple'), { requestTimeoutMs: 50 })

  await assert.rejects(rig.mirrors.freshen(MIRROR, 'anchor'), {
    name: 'UpstreamFailure',
    message: "timeout after 0.05 seconds while getting data for 'anchor'",
  })
})

test('whoever asks again for it joins the look that goes on', async () => {
  await using upstream = await startFakeUpstream(stall)
  await using rig = await makeMirrorRig(upstream.url('simple'), { requestTimeoutMs: 50 })

  for (let i = 0; i < 3; i++) {
    await assert.rejects(rig.mirrors.freshen(MIRROR, 'anchor'), /timeout after/)
  }

  assert.equal(asksOf(upstream).length, 1)
})

test('a new upstream takes the place of the old one once it has answered', async () => {
  await using old = await startFakeUpstream(json(one, { etag: '"1"' }))
  await using next = await startFakeUpstream(body('not yet', { status: 503 }))
  await using rig = await makeMirrorRig(old.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')

  await rig.setMirror({ mirror_url: next.url('simple') })
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  assert.deepEqual(Object.keys(await rig.files('anchor')), ['anchor-1.0.tar.gz'])

  rig.pass(3000)
  next.answerWith(json(pageOf([{ filename: 'anchor-9.0.tar.gz' }])))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.deepEqual(Object.keys(await rig.files('anchor')), ['anchor-9.0.tar.gz'])
  assert.ok(asksOf(next).every(({ headers }) => headers['if-none-match'] === undefined))
  assert.equal(asksOf(old).length, 1)
})

test('where links are good for no time, an upstream that failed is asked again at once', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.setMirror({ mirror_cache_expiry: 0 })
  await rig.mirrors.freshen(MIRROR, 'anchor')

  upstream.answerWith(body('oops', { status: 503 }))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  upstream.answerWith(json(two))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)

  await rig.setMirror({ mirror_cache_expiry: 1 })
  rig.pass(1000)
  upstream.answerWith(body('oops', { status: 503 }))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  upstream.answerWith(json(one))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  rig.pass(1000)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
})

test('an answer of the old upstream that comes too late changes nothing', async () => {
  const { promise: asked, resolve: tellAsked } = Promise.withResolvers<void>()
  const { promise: waited, resolve: goOn } = Promise.withResolvers<void>()
  await using old = await startFakeUpstream(async (request, response) => {
    tellAsked()
    await waited
    return json(one)(request, response)
  })
  await using next = await startFakeUpstream(json(two))
  await using rig = await makeMirrorRig(old.url('simple'))

  const look = rig.mirrors.freshen(MIRROR, 'anchor')
  await asked
  await rig.setMirror({ mirror_url: next.url('simple') })
  goOn()

  assert.equal(await look, 'fresh')
  assert.equal((await rig.project('anchor'))?.upstream?.from, next.url('simple/'))
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)
})

test('a mirror without upstream says what is missing, and keeps what it knows', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(undefined)

  await assert.rejects(rig.mirrors.freshen(MIRROR, 'anchor'), { code: 'upstream-unknown' })
  await assert.rejects(rig.mirrors.freshen('root/none', 'anchor'), { code: 'index-missing' })

  await rig.setMirror({ mirror_url: upstream.url('simple') })
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
})

test('an answer older than what is known is refused, unless the index says not to look at serials', async () => {
  const at = (serial: string, content: string) =>
    json(content, { headers: { 'x-pypi-last-serial': serial } })
  await using upstream = await startFakeUpstream(at('7', two))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')
  assert.equal((await rig.project('anchor'))?.upstream?.lastSerial, 7)

  rig.pass(HALF_HOUR)
  upstream.answerWith(at('6', one))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)

  await rig.setMirror({ mirror_ignore_serial_header: true })
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(Object.keys(await rig.files('anchor')).length, 1)
})

test('an answer without a serial is older than any with one, unless a refresh asked for it', async () => {
  const numbered = json(two, { headers: { 'x-pypi-last-serial': '7' } })
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  const look = (): Promise<string> => {
    rig.pass(HALF_HOUR)
    return rig.mirrors.freshen(MIRROR, 'anchor')
  }
  assert.equal(await look(), 'fresh')
  assert.equal(await look(), 'fresh')
  upstream.answerWith(numbered)
  assert.equal(await look(), 'fresh')

  upstream.answerWith(json(one))
  assert.equal(await look(), 'stale')
  assert.match(String(rig.log.at(-1)?.fields['reason']), /without a serial.* than 7$/)
  assert.equal(Object.keys(await rig.files('anchor')).length, 2)

  assert.equal(await rig.mirrors.refresh(MIRROR, 'anchor'), 'fresh')
  assert.equal(Object.keys(await rig.files('anchor')).length, 1)
  assert.equal((await rig.project('anchor'))?.upstream?.lastSerial, undefined)
  assert.equal(await look(), 'fresh')
})

test('a refresh asks for the whole page, however fresh ours is', async () => {
  await using upstream = await startFakeUpstream(json(one, { etag: '"1"' }))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')

  assert.equal(await rig.mirrors.refresh(MIRROR, 'anchor'), 'fresh')

  assert.equal(asksOf(upstream).length, 2)
  assert.equal(asksOf(upstream)[1]!.headers['if-none-match'], undefined)
})

test('a project that was removed here is fetched again', async () => {
  await using upstream = await startFakeUpstream(json(one, { etag: '"1"' }))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')

  await rig.ledger.write('test', async (tx) => {
    tx.remove({ path: `project/${MIRROR}/anchor` })
    tx.remove({ path: `file/${MIRROR}/anchor/anchor-1.0.tar.gz` })
  })
  assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), false)
  await rig.mirrors.freshen(MIRROR, 'anchor')

  assert.equal(asksOf(upstream)[1]!.headers['if-none-match'], undefined)
  assert.deepEqual(Object.keys(await rig.files('anchor')), ['anchor-1.0.tar.gz'])
})

test('a local state that is damaged is begun anew', async () => {
  await using upstream = await startFakeUpstream(json(one, { etag: '"1"' }))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')
  await rig.mirrors.close()
  const { writeFile } = await import('node:fs/promises')
  await writeFile(`${rig.folder}/local/mirrors.sqlite`, 'no database '.repeat(1000))

  await rig.restart()

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(asksOf(upstream).length, 2)
})
