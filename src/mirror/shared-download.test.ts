/** Mirrors that list the same file: one download for all, and none is harmed by the upstream of another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buffer } from 'node:stream/consumers'
import { sha256 } from '#base/digest'
import type { FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import type { MirroredFile } from './mirrors.ts'
import { body, byPath, notFound, startFakeUpstream } from '../../test/support/fake-upstream.ts'
import { makeMirrorRig, type MirrorRig } from '../../test/support/mirror.ts'
import { makeWheel } from '../../test/support/wheel.ts'

const { filename, bytes, metadataBytes } = makeWheel('anchor', '1.0')
const broken = body('', { status: 503 })
const file = body(bytes, { type: 'application/octet-stream' })

interface Listed {
  open(): Promise<MirroredFile>
  openMetadata(): Promise<Buffer | undefined>
  entry(): Promise<FileEntry | undefined>
}

/** A mirror that lists the wheel at an address of its own upstream. */
async function addMirror(rig: MirrorRig, name: string, url: string): Promise<Listed> {
  const index = `ada/${name}`
  const key = keys.file(index, 'anchor', filename)
  const digest = sha256(bytes)
  const entry: FileEntry = {
    hashes: { sha256: digest },
    digest,
    version: '1.0',
    addedAt: 1,
    upstream: { url },
  }
  await rig.ledger.write('test', async (tx) => {
    tx.set(keys.index(index), { type: 'mirror', volatile: false })
    tx.set(key, entry)
  })
  return {
    open: () => rig.mirrors.openFile(index, 'anchor', filename, entry),
    openMetadata: () => rig.mirrors.openMetadata(index, 'anchor', filename, entry),
    entry: () => rig.ledger.read((tx) => tx.get(key)),
  }
}

const read = async (opened: MirroredFile): Promise<Buffer | undefined> =>
  buffer(await opened.open())

test('mirrors that list the same digest share a download, and each learns from it', async () => {
  const { promise: joined, resolve: goOn } = Promise.withResolvers<void>()
  await using upstream = await startFakeUpstream(async (request, response) => {
    await joined
    return file(request, response)
  })
  await using rig = await makeMirrorRig(undefined)
  const one = await addMirror(rig, 'one', upstream.url('1'))
  const two = await addMirror(rig, 'two', upstream.url('2'))

  const opening = [one, two, two].map((listed) => listed.open())
  goOn()
  for (const opened of await Promise.all(opening)) assert.deepEqual(await read(opened), bytes)

  for (const listed of [one, two]) {
    for (let change = rig.nextChange(); !(await listed.entry())?.size; change = rig.nextChange()) {
      await change
    }
    assert.equal((await listed.entry())?.size, bytes.length)
    assert.equal((await listed.entry())?.metadata, sha256(metadataBytes))
  }
  assert.equal(upstream.requests.length, 1)
})

test('a mirror asks its own upstream, once, when the download of another mirror fails', async () => {
  await using bad = await startFakeUpstream(broken)
  await using good = await startFakeUpstream(file)
  await using rig = await makeMirrorRig(undefined)
  const one = await addMirror(rig, 'one', bad.url('f'))
  const two = await addMirror(rig, 'two', good.url('f'))

  const failing = assert.rejects(one.open(), { status: 503 })
  const opening = [two, two].map(async (listed) => read(await listed.open()))
  await failing

  assert.deepEqual(await Promise.all(opening), [bytes, bytes])
  assert.deepEqual([bad.requests.length, good.requests.length], [1, 1])
})

test('mirrors whose upstreams all fail are each told of their own', async () => {
  await using one = await startFakeUpstream(broken)
  await using two = await startFakeUpstream(notFound)
  await using rig = await makeMirrorRig(undefined)
  const first = await addMirror(rig, 'one', one.url('f'))
  const second = await addMirror(rig, 'two', two.url('f'))

  await Promise.all([
    assert.rejects(first.open(), { status: 503 }),
    assert.rejects(second.open(), { status: 404 }),
    assert.rejects(second.open(), { status: 404 }),
  ])

  assert.deepEqual([one.requests.length, two.requests.length], [1, 1])
})

test('the metadata of a wheel survives the download of another mirror that breaks off', async () => {
  const { promise: joined, resolve: goOn } = Promise.withResolvers<void>()
  await using bad = await startFakeUpstream(async (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 10))
    await joined
    response.destroy()
  })
  await using good = await startFakeUpstream(byPath({ '/w.whl': file }))
  await using rig = await makeMirrorRig(undefined)
  const one = await addMirror(rig, 'one', bad.url('w.whl'))
  const two = await addMirror(rig, 'two', good.url('w.whl'))

  await one.open()
  const metadata = two.openMetadata()
  goOn()

  assert.deepEqual(await metadata, metadataBytes)
  assert.equal(bad.requests.length, 1)
  // For its parts, and then, if it had joined the download that breaks off, for the whole.
  assert.ok(good.requests.length <= 2)
})
