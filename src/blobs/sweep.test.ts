import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { sha256 } from '#base/digest'
import { openFilesystemBlobs } from './backends/filesystem.ts'
import type { BlobStore, Sha256 } from './blob-store.ts'
import { sweep } from './sweep.ts'
import { verify } from './verify.ts'

const hour = 3_600_000

async function storeWith(t: TestContext, ...texts: string[]): Promise<BlobStore> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelyard-blobs-'))
  t.after(() => rm(folder, { recursive: true }))
  const store = await openFilesystemBlobs(folder)
  for (const text of texts) await keep(store, text)
  return store
}

async function keep(store: BlobStore, text: string): Promise<Sha256> {
  await using staged = await store.stage(Readable.from([Buffer.from(text)]))
  await staged.keep()
  return staged.digest
}

test('a sweep removes what nothing names and leaves the rest', async (t) => {
  const store = await storeWith(t, 'named', 'garbage', 'more garbage')
  const options = { olderThanMs: hour, now: Date.now() + 2 * hour }

  const swept = await sweep(store, async (digest) => digest === sha256('named'), options)

  assert.deepEqual(swept, { removed: 2, bytes: 19 })
  assert.deepEqual(await Array.fromAsync(store.list()), [sha256('named')])
})

test('a blob within the grace period stays: its key may be on the way', async (t) => {
  const store = await storeWith(t, 'just uploaded')

  const swept = await sweep(store, () => false, { olderThanMs: hour, now: Date.now() })

  assert.deepEqual(swept, { removed: 0, bytes: 0 })
  assert.equal(await store.size(sha256('just uploaded')), 13)
})

test('a blob that is kept again while the sweep looks for its name stays', async (t) => {
  const store = await storeWith(t, 'coming again')
  const { keptAt } = (await store.stat(sha256('coming again')))!
  const uploadAgain = async () => {
    // File times are as coarse as the kernel's clock tick.
    while ((await store.stat(sha256('coming again')))!.keptAt === keptAt) {
      await keep(store, 'coming again')
    }
    return false
  }

  const swept = await sweep(store, uploadAgain, { olderThanMs: 0, now: keptAt + 0.001 })

  assert.equal(swept.removed, 0)
})

test('verify tells which blobs are missing or damaged', async (t) => {
  const store = await storeWith(t, 'whole', 'to be damaged', 'to be cut')
  await writeFile((await store.localPath(sha256('to be damaged')))!, 'TO BE DAMAGED')
  await writeFile((await store.localPath(sha256('to be cut')))!, '')
  const digests = ['whole', 'to be damaged', 'to be cut', 'never kept'].map((text) => sha256(text))

  const problems = await Array.fromAsync(verify(store, digests))

  assert.deepEqual(problems, [
    { digest: digests[1], problem: 'damaged' },
    { digest: digests[2], problem: 'damaged' },
    { digest: digests[3], problem: 'missing' },
  ])
  assert.deepEqual(await Array.fromAsync(verify(store, [])), [])
})

test('verify reads all that a store lists', async (t) => {
  const store = await storeWith(t, 'one', 'two')

  assert.deepEqual(await Array.fromAsync(verify(store, store.list())), [])
})
