/** Following the ledger into a search index: from wherever it stands, however often it is broken off. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { systemClock } from '#base/clock'
import { openFilesystemBlobs } from '#blobs/backends/filesystem'
import { openLedger } from '#ledger/open-ledger'
import { DocsPages } from '#registry/docs-pages'
import { keys } from '#registry/keys'
import { completeMetadata } from '#registry/releases'
import { addFile, addProject } from '../../test/support/domain.ts'
import { makeDocs } from '../../test/support/docs.ts'
import { makeTempFolder } from '../../test/support/temp.ts'
import { DocsText } from './docs-text.ts'
import { find } from './finder.ts'
import { Indexer, type IndexingFailure } from './indexer.ts'
import type { NameSource } from './names.ts'
import { openReader, openWriter } from './open-reader.ts'

const INDEX = 'ada/dev'

async function openRig() {
  const folder = await makeTempFolder('indexer')
  const ledger = await openLedger(folder.path)
  const blobs = await openFilesystemBlobs(join(folder.path, 'blobs'))
  const file = folder.join('search.sqlite')
  const writer = openWriter(file)
  const reader = openReader(file)
  const failures: IndexingFailure[] = []
  const lists: NameSource[] = []
  let pauses = Infinity
  const needs = {
    ...{ ledger, blobs, writer, clock: systemClock, holder: 'this process' },
    docs: new DocsText(new DocsPages(blobs)),
    names: { list: async () => lists },
    onFailure: (failure: IndexingFailure) => failures.push(failure),
    pause: async () => {
      if (pauses-- <= 0) throw new Error('broken off')
    },
  }
  await ledger.write('test', async (tx) => {
    tx.set(keys.index(INDEX), {
      ...{ type: 'stage', volatile: true, bases: [], acl_upload: [], acl_toxresult_upload: [] },
      ...{ mirror_whitelist: [], mirror_whitelist_inheritance: 'intersection' },
    })
  })
  return {
    ...{ ledger, blobs, writer, reader, failures, lists },
    index: () => new Indexer(needs, new AbortController().signal).catchUp(),
    retry: () => new Indexer(needs, new AbortController().signal).retry(),
    /** Breaks off after so many pauses. */
    async indexPart(count: number) {
      pauses = count
      await assert.rejects(new Indexer(needs, new AbortController().signal).catchUp(), /broken off/)
      pauses = Infinity
    },
    async found(text: string) {
      const { items } = await find(reader, { text, page: 1, indexes: [INDEX] })
      return items.map(({ project }) => project)
    },
    async register(project: string, summary: string) {
      await ledger.write('test', async (tx) => {
        tx.set(keys.project(INDEX, project), { name: project })
        tx.set(keys.version(INDEX, project, '1.0'), completeMetadata({ name: project, summary }))
      })
    },
    async [Symbol.asyncDispose]() {
      await reader.close()
      await writer.close()
      await blobs.close()
      await ledger.close()
      await folder.remove()
    },
  }
}

const listOf = (token: string, ...names: string[]): NameSource => ({
  ...{ index: INDEX, token },
  async *batches() {
    for (const name of names) yield [name]
  },
})

test('what was there before is walked through, and what comes then is followed', async () => {
  await using rig = await openRig()
  await rig.register('boat', 'floats')
  await rig.index()
  const before = await rig.writer.progress()

  await rig.register('raft', 'floats too')
  await rig.register('boat', 'sinks')
  await rig.index()

  assert.deepEqual(await rig.found('floats'), ['raft'])
  assert.deepEqual(await rig.found('sinks'), ['boat'])
  assert.equal(before?.serial, rig.ledger.serial - 2)
  assert.deepEqual((await rig.writer.progress())?.serial, rig.ledger.serial)
})

test('what is removed is found no longer: projects, and whole indexes', async () => {
  await using rig = await openRig()
  await rig.register('boat', 'floats')
  await rig.register('raft', 'floats')
  await rig.index()

  await rig.ledger.write('test', async (tx) => {
    tx.remove(keys.project(INDEX, 'boat'))
    tx.remove(keys.version(INDEX, 'boat', '1.0'))
  })
  await rig.index()
  assert.deepEqual(await rig.found('floats'), ['raft'])

  await rig.ledger.write('test', async (tx) => tx.remove(keys.index(INDEX)))
  await rig.index()
  assert.deepEqual(await rig.found('floats'), [])
  assert.deepEqual(await rig.reader.counts(), { projects: 0, documents: 0 })
})

test('a walk that is broken off goes on where it was', async () => {
  await using rig = await openRig()
  for (let at = 0; at < 130; at++) await addProject(rig.ledger, INDEX, `boat-${at}`)

  await rig.indexPart(1)
  const half = await rig.reader.counts()
  assert.ok(half.projects > 0 && half.projects < 130, String(half.projects))
  assert.equal((await rig.reader.standing())?.isWalking, true)
  await addProject(rig.ledger, INDEX, 'aft')
  await rig.index()

  assert.deepEqual((await rig.reader.counts()).projects, 131)
  assert.deepEqual(await rig.found('aft'), ['aft'])
  assert.equal((await rig.reader.standing())?.isWalking, false)
})

test('everything is read anew where it is wished, and what should not be there goes', async () => {
  await using rig = await openRig()
  await rig.register('boat', 'floats')
  await rig.index()
  const stray = { index: INDEX, project: 'stray', spelling: 'stray', version: undefined }
  const nothing = { docsVersion: undefined, summary: '', serial: 1, classifiers: [], keywords: [] }
  await rig.writer.store({
    put: [{ ...stray, ...nothing, documents: [{ type: 'summary', text: 'floats' }] }],
    remove: [{ index: INDEX, project: 'boat' }],
  })

  await rig.writer.wantRebuild()
  await rig.index()

  assert.deepEqual(await rig.found('floats'), ['boat'])
})

test('of another ledger than it followed nothing stays', async () => {
  await using rig = await openRig()
  await rig.register('boat', 'floats')
  await rig.index()
  const progress = await rig.writer.progress()

  for (const other of [
    { serial: 1, hash: 'of another' },
    { serial: 99, hash: progress?.hash ?? '' },
  ]) {
    await rig.writer.store({
      remove: [{ index: INDEX, project: 'boat' }],
      progress: { ...other, walk: undefined },
    })
    await rig.index()
    assert.deepEqual(await rig.found('floats'), ['boat'])
  }
})

test('a list of names is compared with what is there, and may be broken off', async () => {
  await using rig = await openRig()
  await addFile(rig.ledger, INDEX, 'oar-1.0.tar.gz')
  rig.lists.push(listOf('one', 'boat', 'oar', 'raft'))
  await rig.index()
  assert.deepEqual((await rig.found('name:*')).toSorted(), ['boat', 'oar', 'raft'])

  rig.lists.splice(0, 1, listOf('two', 'anchor', 'boat', 'yacht'))
  await rig.index()
  assert.deepEqual((await rig.found('name:*')).toSorted(), ['anchor', 'boat', 'oar', 'yacht'])

  const many = Array.from({ length: 50_000 }, (_, at) => `n${String(at).padStart(5, '0')}`)
  rig.lists.splice(0, 1, listOf('three', ...many))
  await rig.indexPart(1)
  assert.notEqual(await rig.writer.namesToken(INDEX), 'three')
  await rig.index()
  assert.deepEqual(await rig.reader.counts(), { projects: 50_001, documents: 1 })
  assert.deepEqual(await rig.found('name:n49999'), ['n49999'])
})

test('what can’t be read is told, and tried again', async () => {
  await using rig = await openRig()
  const { bytes, sha256: digest } = makeDocs({ 'a.html': '<body>anchor</body>' })
  await rig.register('boat', 'floats')
  await rig.ledger.write('test', async (tx) => {
    const entry = { digest, size: bytes.length, addedAt: 0, log: [] }
    tx.set(keys.docs(INDEX, 'boat', '1.0'), entry)
  })

  await rig.index()
  assert.deepEqual(
    rig.failures.map(({ place }) => place.project),
    ['boat'],
  )
  assert.equal((await rig.reader.standing())?.owed, 1)

  await using staged = await rig.blobs.stage(Readable.from([bytes]))
  await staged.keep()
  await rig.retry()
  assert.deepEqual(await rig.found('anchor'), ['boat'])
  assert.equal((await rig.reader.standing())?.owed, 0)
})

test('where another process writes, nothing is done', async () => {
  await using rig = await openRig()
  await rig.writer.lease('another', Date.now(), Date.now() + 60_000)

  assert.equal(await rig.index(), false)
  assert.equal(await rig.reader.standing(), undefined)
})
