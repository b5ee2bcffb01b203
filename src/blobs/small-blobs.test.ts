/** Small blobs in memory: right ones alone, within bounds, and the disk's answer for all others. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { writeFile } from 'node:fs/promises'
import { sha256 } from '#base/digest'
import { makeTempFolder } from '../../test/support/temp.ts'
import { openFilesystemBlobs } from './backends/filesystem.ts'
import type { BlobStore, Sha256 } from './blob-store.ts'
import { SmallBlobs } from './small-blobs.ts'

async function openStore(t: TestContext): Promise<BlobStore> {
  const folder = await makeTempFolder('small')
  const store = await openFilesystemBlobs(folder.path)
  t.after(() => store.close().then(() => folder.remove()))
  return store
}

async function keep(store: BlobStore, bytes: Buffer): Promise<{ digest: Sha256; size: number }> {
  await using staged = await store.stage(Readable.from([bytes]))
  await staged.keep()
  return { digest: staged.digest, size: bytes.length }
}

const content = Buffer.from(Array.from({ length: 10_000 }, (_, at) => at % 251))

test('what was sent once is at hand, whole and in parts, without the disk', async (t) => {
  const store = await openStore(t)
  const blob = await keep(store, content)
  const small = new SmallBlobs(store, 100_000)

  const first = await small.open({ ...blob, range: { start: 5, end: 9 } })
  await store.remove(blob.digest)

  assert.deepEqual(first, content.subarray(5, 10))
  assert.deepEqual(small.find(blob.digest), content)
  assert.deepEqual(small.open(blob), content)
  assert.deepEqual(small.open({ ...blob, range: { start: 9999, end: 9999 } }), content.subarray(-1))
})

test('what the disk gives back damaged is not kept, and what is whole again is', async (t) => {
  const store = await openStore(t)
  const blob = await keep(store, content)
  const path = (await store.localPath(blob.digest)) ?? ''
  const small = new SmallBlobs(store, 100_000)

  for (const damaged of [Buffer.alloc(content.length), content.subarray(1)]) {
    await writeFile(path, damaged)
    const opened = await small.open(blob)
    assert.ok(opened instanceof Readable)
    assert.deepEqual(await buffer(opened), damaged)
    assert.equal(small.find(blob.digest), undefined)
  }
  await writeFile(path, content)

  assert.deepEqual(await small.open(blob), content)
  assert.deepEqual(small.find(blob.digest), content)
})

test('large blobs are streams, and those that are not here are undefined', async (t) => {
  const store = await openStore(t)
  const large = Buffer.alloc(70_000, 'large ')
  const blob = await keep(store, large)
  const small = new SmallBlobs(store, 1_000_000)

  const opened = await small.open({ ...blob, range: { start: 1, end: 3 } })

  assert.ok(opened instanceof Readable)
  assert.deepEqual(await buffer(opened), large.subarray(1, 4))
  assert.equal(small.find(blob.digest), undefined)
  for (const size of [10, 100_000]) {
    assert.equal(await small.open({ digest: sha256('nowhere'), size }), undefined)
  }
})

test('memory is bounded: what was not asked for the longest goes', async (t) => {
  const store = await openStore(t)
  const small = new SmallBlobs(store, 25_000)
  const blobs = await Promise.all(
    ['a', 'b', 'c'].map((letter) => keep(store, Buffer.alloc(10_000, letter))),
  )

  for (const blob of blobs) await small.open(blob)

  const kept = blobs.map(({ digest }) => small.find(digest) !== undefined)
  assert.deepEqual(kept, [false, true, true])
})

test('nothing is kept under a digest that is not its own', async (t) => {
  const small = new SmallBlobs(await openStore(t), 100_000)

  small.keep(sha256('something'), Buffer.from('something else'))
  small.keep(sha256('something'), Buffer.from('something'))

  assert.equal(String(small.find(sha256('something'))), 'something')
  assert.equal(small.find(sha256('something else')), undefined)
})
