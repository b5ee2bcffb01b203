import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BlobStore } from '#blobs/blob-store'
import { makeBlobs } from '../../test/support/blobs.ts'
import { makeSdist, makeTarGz, makeWheel } from '../../test/support/wheel.ts'
import { contentsLimits, FileContents } from './file-contents.ts'

const clock = { now: () => 0 }

/** Counts how often a blob is opened from its start. */
function counted(store: BlobStore): { readonly store: BlobStore; readonly opened: () => number } {
  let opened = 0
  const open: BlobStore['open'] = (digest, range) => {
    if (!range) opened++
    return store.open(digest, range)
  }
  return { store: Object.assign(Object.create(store) as BlobStore, { open }), opened: () => opened }
}

test('a wheel and an sdist are listed, and a member of each is read', async () => {
  await using blobs = await makeBlobs()
  const contents = new FileContents({ blobs: blobs.store, clock })

  for (const { filename, bytes } of [makeWheel('anchor', '1.0'), makeSdist('anchor', '1.0')]) {
    const archive = { filename, digest: await blobs.keep(bytes) }
    const listing = await contents.list(archive)
    const member = listing?.members.find(({ path }) => path.endsWith('anchor.py'))
    const look = await contents.look(archive, member!)

    assert.deepEqual(look, { bytes: Buffer.from("version = '1.0'\n"), isWhole: true })
  }
})

test('what is no archive of ours is not looked into', async () => {
  await using blobs = await makeBlobs()
  const contents = new FileContents({ blobs: blobs.store, clock })
  const digest = await blobs.keep(Buffer.from('MZ'))

  assert.equal(await contents.list({ digest, filename: 'anchor-1.0.win32.exe' }), undefined)
})

test('many who look at one file at once read it once, and later ones not at all', async () => {
  await using blobs = await makeBlobs()
  const { store, opened } = counted(blobs.store)
  const contents = new FileContents({ blobs: store, clock })
  const { filename, bytes } = makeSdist('anchor', '1.0')
  const archive = { filename, digest: await blobs.keep(bytes) }

  const fifty = await Promise.all(Array.from({ length: 50 }, () => contents.list(archive)))
  await contents.list(archive)
  const [member] = fifty[0]?.members ?? []
  await Promise.all(Array.from({ length: 50 }, () => contents.look(archive, member!)))
  await contents.look(archive, member!)

  assert.equal(opened(), 2)
})

test('of many who look at many files at once some are asked to come back', async () => {
  await using blobs = await makeBlobs()
  const contents = new FileContents({ blobs: blobs.store, clock })
  const archives = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => ({
      filename: 'anchor-1.0.tar.gz',
      digest: await blobs.keep(makeTarGz([{ name: `m${at}` }])),
    })),
  )

  const looks = await Promise.allSettled(archives.map((archive) => contents.list(archive)))

  const refused = looks.filter((look) => look.status === 'rejected')
  assert.equal(refused.length, 8)
  assert.ok(refused.every(({ reason }) => reason.code === 'too-many-requests'))
})

test('a look ends when its time is over, and says so', async () => {
  await using blobs = await makeBlobs()
  let now = 0
  const late = { now: () => (now += contentsLimits.longestMs) }
  const contents = new FileContents({ blobs: blobs.store, clock: late })
  const { filename, bytes } = makeSdist('anchor', '1.0', { content: 'x'.repeat(1_000_000) })

  const listing = await contents.list({ filename, digest: await blobs.keep(bytes) })

  assert.match(listing?.incomplete ?? '', /took too long/)
})

test('a member that cannot be read says why', async () => {
  await using blobs = await makeBlobs()
  const contents = new FileContents({ blobs: blobs.store, clock })
  const { filename, bytes } = makeWheel('anchor', '1.0')
  bytes.write('XX', 0)
  const archive = { filename, digest: await blobs.keep(bytes) }

  const [first] = (await contents.list(archive))?.members ?? []

  assert.deepEqual(await contents.look(archive, first!), {
    problem: 'the member is not where the directory of the archive says',
  })
})
