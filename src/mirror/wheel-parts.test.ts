/** Metadata made from parts of a wheel: few requests, few bytes, and whatever the server does, an answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBytes } from 'node:crypto'
import { sha256 } from '#base/digest'
import type { FileEntry } from '#registry/files'
import {
  body,
  byPath,
  ranged,
  startFakeUpstream,
  type Answer,
  type FakeUpstream,
} from '../../test/support/fake-upstream.ts'
import { makeMirrorRig, MIRROR, type MirrorRig } from '../../test/support/mirror.ts'
import { makeWheel, makeZip } from '../../test/support/wheel.ts'

const padding = { 'anchor/data.bin': randomBytes(300_000) }
const wheel = makeWheel('anchor', '1.0', { requiresPython: '>=3.9', extraFiles: padding })
const { filename } = wheel
const path = `/files/${filename}`
const entryOf = (upstream: FakeUpstream): FileEntry => ({
  hashes: {},
  version: '1.0',
  addedAt: 1,
  upstream: { url: upstream.url(path) },
})

async function makeRig(upstream: FakeUpstream, entry = entryOf(upstream)): Promise<MirrorRig> {
  const rig = await makeMirrorRig(upstream.url('simple/'))
  await put(rig, MIRROR, entry)
  return rig
}

const put = (rig: MirrorRig, index: string, entry: FileEntry): Promise<void> =>
  rig.ledger.write('test', async (tx) =>
    tx.set({ path: `file/${index}/anchor/${filename}` }, entry),
  )

const open = async (rig: MirrorRig, index = MIRROR): Promise<Buffer | undefined> => {
  const entry = await rig.ledger.read((tx) =>
    tx.get<FileEntry>({ path: `file/${index}/anchor/${filename}` }),
  )
  return rig.mirrors.openMetadata(index, 'anchor', filename, entry!)
}

const at = (answer: Answer): Answer => byPath({ [path]: answer })
const learned = async (rig: MirrorRig): Promise<FileEntry | undefined> =>
  (await rig.files('anchor'))[filename]

test('metadata is made from the end of a wheel, and tells what upstream left out', async () => {
  const modified = 'Tue, 03 Mar 2020 10:00:00 GMT'
  await using upstream = await startFakeUpstream(
    at(ranged(wheel.bytes, { 'last-modified': modified })),
  )
  await using rig = await makeRig(upstream)

  assert.deepEqual(await open(rig), wheel.metadataBytes)

  assert.ok(upstream.requests.length <= 3)
  assert.ok(upstream.requests.every(({ headers }) => headers.range !== undefined))
  const entry = await learned(rig)
  assert.equal(entry?.metadata, sha256(wheel.metadataBytes))
  assert.equal(entry.requiresPython, '>=3.9')
  assert.equal(entry.size, wheel.bytes.length)
  assert.equal(entry.uploadedAt, '2020-03-03T10:00:00.000Z')
  assert.equal(entry.digest, undefined)
})

test('what was made is made once for all mirrors, also after a restart', async () => {
  await using upstream = await startFakeUpstream(at(ranged(wheel.bytes)))
  await using rig = await makeRig(upstream)
  const mirror = { type: 'mirror' as const, volatile: false, mirror_url: upstream.url('simple/') }
  await rig.ledger.write('test', async (tx) => tx.set({ path: 'index/ada/other' }, mirror))
  await put(rig, 'ada/other', entryOf(upstream))
  await open(rig)
  const { length } = upstream.requests

  await learned(rig)
  await rig.restart()

  assert.deepEqual(await open(rig, 'ada/other'), wheel.metadataBytes)
  assert.equal(upstream.requests.length, length)
})

test('what was made for one login or hash is not shown for another', async () => {
  await using upstream = await startFakeUpstream(at(ranged(wheel.bytes)))
  await using rig = await makeRig(upstream)
  await open(rig)
  const before = upstream.requests.length

  await rig.setMirror({ mirror_url: upstream.url('simple/').replace('://', '://ada:pw@') })
  await put(rig, MIRROR, entryOf(upstream))
  await open(rig)
  const between = upstream.requests.length
  await put(rig, MIRROR, { ...entryOf(upstream), hashes: { md5: 'a'.repeat(32) } })
  await open(rig)

  assert.ok(before < between && between < upstream.requests.length)
})

test('a server that knows no range from the end is asked for a plain one', async () => {
  const whole = ranged(wheel.bytes)
  await using upstream = await startFakeUpstream(
    at((request, response) =>
      request.headers.range?.startsWith('bytes=-')
        ? body('no', { status: 501 })(request, response)
        : whole(request, response),
    ),
  )
  await using rig = await makeRig(upstream)

  assert.deepEqual(await open(rig), wheel.metadataBytes)

  const methods = upstream.requests.map(({ method, headers }) => `${method} ${!!headers.range}`)
  assert.deepEqual(methods.slice(0, 3), ['GET true', 'HEAD false', 'GET true'])
  assert.equal((await learned(rig))?.digest, undefined)
})

test('a server without ranges sends the whole wheel in its first answer, and it is kept', async () => {
  await using upstream = await startFakeUpstream(at(body(wheel.bytes)))
  await using rig = await makeRig(upstream)

  assert.deepEqual(await open(rig), wheel.metadataBytes)

  assert.equal(upstream.requests.length, 1)
  assert.equal((await learned(rig))?.digest, wheel.sha256)
})

const size = wheel.bytes.length
const part = (range: string, content: Uint8Array): Answer =>
  body(content, { status: 206, headers: { 'content-range': range } })

const lies: Readonly<Record<string, Answer>> = {
  'another size than the page': part(`bytes ${size}-${size + 9}/${size + 10}`, Buffer.alloc(10)),
  'the beginning instead of the end': part(`bytes 0-9/${size}`, wheel.bytes.subarray(0, 10)),
  'no range at all': body(wheel.bytes.subarray(-100), { status: 206 }),
  'fewer bytes than it says': part(`bytes ${size - 100}-${size - 1}/${size}`, Buffer.alloc(50)),
  'far more bytes than were asked for': part(`bytes 0-${size - 1}/${size}`, wheel.bytes),
  'that there is no such range': body('', { status: 416 }),
  'an end that is not the wheel’s': part(
    `bytes ${size - 100}-${size - 1}/${size}`,
    Buffer.alloc(100),
  ),
}

for (const [what, answer] of Object.entries(lies)) {
  test(`where a server sends ${what}, the whole wheel tells`, async () => {
    await using upstream = await startFakeUpstream(
      at((request, response) =>
        (request.headers.range ? answer : body(wheel.bytes))(request, response),
      ),
    )
    await using rig = await makeRig(upstream, { ...entryOf(upstream), size })

    assert.deepEqual(await open(rig), wheel.metadataBytes)

    assert.equal((await learned(rig))?.digest, wheel.sha256)
  })
}

const METADATA = 'anchor-1.0.dist-info/METADATA'
const text = 'Metadata-Version: 2.1\nName: anchor\nVersion: 1.0\n'
const data = {
  name: 'anchor/data.bin',
  content: padding['anchor/data.bin'],
  method: 'store',
} as const

const unreadable: Readonly<Record<string, Buffer>> = {
  'has none': makeZip([data, { name: 'anchor-1.0.dist-info/WHEEL', content: 'x' }]),
  'has that of another project': makeZip([
    data,
    { name: METADATA, content: text.replace('anchor', 'other') },
  ]),
  'has it twice': makeZip([
    data,
    { name: METADATA, content: text },
    { name: METADATA, content: text },
  ]),
  'has more of it than its directory says': makeZip([
    data,
    { name: METADATA, content: Buffer.alloc(2_000_000, 'a'), declaredSize: 100 },
  ]),
  'has a few bytes of it that become megabytes': makeZip([
    data,
    { name: METADATA, content: text + ' '.repeat(20_000_000) },
  ]),
  'has something else that becomes a thousand times as much': makeZip([
    data,
    { name: 'anchor/bomb.bin', content: Buffer.alloc(80_000_000) },
    { name: METADATA, content: text },
  ]),
  'says it has gigabytes of it': makeZip([
    data,
    { name: METADATA, content: text, declaredSize: 3_000_000_000 },
  ]),
}

for (const [what, bytes] of Object.entries(unreadable)) {
  test(`a wheel that ${what} is remembered, logged once, and nothing more is asked of it`, async () => {
    await using upstream = await startFakeUpstream(at(ranged(bytes)))
    await using rig = await makeRig(upstream)

    assert.equal(await open(rig), undefined)
    assert.equal((await learned(rig))?.metadata, false)
    const { length } = upstream.requests
    assert.equal(await open(rig), undefined)

    assert.equal(upstream.requests.length, length)
    assert.ok(upstream.requests.every(({ headers }) => headers.range !== undefined))
    assert.equal(rig.log.length, 1)
  })
}

test('once the whole wheel is here its metadata counts, and the difference is told', async () => {
  const other = makeWheel('anchor', '1.0', { requiresDist: ['evil'], extraFiles: padding })
  const isPart = (request: { headers: { range?: string | undefined } }): boolean =>
    !!request.headers.range
  await using upstream = await startFakeUpstream(
    at((request, response) =>
      (isPart(request) ? ranged(other.bytes) : body(wheel.bytes))(request, response),
    ),
  )
  await using rig = await makeRig(upstream)
  assert.deepEqual(await open(rig), other.metadataBytes)
  const { size: _size, ...entry } = (await learned(rig))!

  await put(rig, MIRROR, entry)
  await rig.mirrors.keepFile(MIRROR, 'anchor', filename, entry)

  assert.deepEqual(await open(rig), wheel.metadataBytes)
  assert.deepEqual(
    rig.log.map(({ message }) => message),
    ['a wheel says otherwise than its parts did'],
  )
})

test('what the whole wheel says as its parts did is not stored anew', async () => {
  await using upstream = await startFakeUpstream(
    at((request, response) =>
      (request.headers.range ? ranged(wheel.bytes) : body(wheel.bytes))(request, response),
    ),
  )
  await using rig = await makeRig(upstream)
  await open(rig)
  await learned(rig)
  const digest = sha256(wheel.metadataBytes)
  const before = await rig.blobs.stat(digest)

  await rig.mirrors.keepFile(MIRROR, 'anchor', filename, (await learned(rig))!)

  assert.equal((await learned(rig))?.digest, sha256(wheel.bytes))
  assert.deepEqual(await rig.blobs.stat(digest), before)
  assert.deepEqual(await open(rig), wheel.metadataBytes)
})
