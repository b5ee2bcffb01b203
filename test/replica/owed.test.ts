/** A blob that could not be had is tried again, and is no longer listed once it has come. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { systemClock } from '#base/clock'
import { createLog } from '#base/log'
import { openFilesystemBlobs } from '#blobs/backends/filesystem'
import type { Sha256 } from '#blobs/blob-store'
import { namedBlobs } from '#registry/named-blobs'
import { BlobBook } from '#replication/blob-book'
import { allBlobs } from '#replication/blob-choice'
import { BlobFetcher } from '#replication/blob-fetcher'
import { BlobWalk } from '#replication/blob-walk'
import { Primary } from '#replication/primary'
import { ReplicaTokens } from '#replication/replica-tokens'
import { startPair } from '../support/replica.ts'
import { makeTempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const MINUTE = 60_000
const wheels = ['1.0', '2.0', '3.0'].map((version) => makeWheel('anchor', version))

test('a blob that the primary has lost or broken is listed, tried again, and got once it is whole', async () => {
  await using pair = await startPair()
  const { primary, replica } = pair
  for (const wheel of wheels) {
    const version = wheel.filename.split('-')[1] ?? ''
    await sendFile(primary, INDEX, wheel, { name: 'anchor', version })
  }
  await pair.complete()
  const [lost, broken, whole] = wheels as [
    (typeof wheels)[0],
    (typeof wheels)[0],
    (typeof wheels)[0],
  ]
  const there = primary.app.store.blobs
  await there.remove(lost.sha256)
  const path = (await there.localPath(broken.sha256)) ?? ''
  await primary.folder.write(path.slice(primary.folder.path.length + 1), 'something else')

  // Another replica's walk, whose time a test can turn forward.
  await using folder = await makeTempFolder('owed')
  const blobs = await openFilesystemBlobs(folder.join('blobs'))
  const book = BlobBook.open(folder.join('book.sqlite'), { name: 'all', settings: '' })
  const remote = new Primary({
    ...{ url: primary.app.url, uuid: 'another', outsideUrl: undefined, userAgent: 'test' },
    tokens: new ReplicaTokens(await readFile(pair.secretFile), systemClock),
    connections: { connectTimeoutMs: 5_000, stallTimeoutMs: 5_000 },
  })
  const fetcher = new BlobFetcher(remote, blobs)
  let now = Date.now()
  const clock = { now: () => now }
  const log = createLog({ level: 'silent' })
  const needs = { ledger: replica.ledger, blobs, fetcher, book, choice: allBlobs }
  const walk = new BlobWalk({ ...needs, clock, log, namedBlobs })
  walk.start()
  const isHere = async (digest: Sha256) => (await blobs.size(digest)) !== undefined
  const owed = () => book.listOwed(10).map(({ digest, tries }) => ({ digest, tries }))

  await until(async () => book.owedCount === 2 && walk.behind === 0)
  assert.ok(await isHere(whole.sha256))
  assert.ok(owed().every(({ tries }) => tries === 1))

  now += MINUTE
  walk.wake()
  await until(async () => owed().every(({ tries }) => tries === 2))
  assert.deepEqual(
    new Set(owed().map(({ digest }) => digest)),
    new Set([lost.sha256, broken.sha256]),
  )

  for (const { bytes } of [lost, broken]) await (await there.stage(Readable.from([bytes]))).keep()
  now += 60 * MINUTE
  walk.wake()
  await until(async () => book.owedCount === 0)
  assert.ok((await isHere(lost.sha256)) && (await isHere(broken.sha256)))

  await walk.close()
  await fetcher.close()
  await remote.close()
  book.close()
  await blobs.close()
})
