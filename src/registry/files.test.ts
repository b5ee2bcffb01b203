import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ledger } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import type { WriteTransaction } from '#ledger/transaction'
import { makeTempFolder } from '../../test/support/temp.ts'
import { addFile, judgeUpload, setRelease, type Upload } from './files.ts'
import type { StageEntry } from './indexes.ts'
import { keys } from './keys.ts'

const INDEX = 'ada/dev'
const stage = { type: 'stage', volatile: false } as StageEntry
const volatile = { ...stage, volatile: true }
const strict = { ...volatile, strict_uploads: true }
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)] as const

const upload = (changes: Partial<Upload> = {}): Upload => ({
  project: 'foo',
  name: 'Foo',
  version: '1.0',
  filename: 'foo-1.0.tar.gz',
  digest: A,
  size: 1,
  fileVersion: '1.0',
  requiresPython: undefined,
  metadata: undefined,
  attestations: undefined,
  fields: { name: 'Foo', version: '1.0' },
  ...changes,
})

async function withLedger(work: (ledger: Ledger) => Promise<void>): Promise<void> {
  await using folder = await makeTempFolder('files')
  const ledger = await openLedger(folder.path)
  await work(ledger).finally(() => ledger.close())
}

const add = (ledger: Ledger, one: Upload, to: StageEntry = stage) =>
  ledger.write('ada', (tx) => addFile(tx, INDEX, to, one, 'ada'))

test('an upload makes its project and release known, in one change', () =>
  withLedger(async (ledger) => {
    const result = await add(ledger, upload({ fields: { name: 'Foo', summary: 's' } }))

    assert.equal(result, 'added')
    assert.equal(ledger.serial, 0)
    await ledger.read(async (tx) => {
      const file = await tx.get(keys.file(INDEX, 'foo', 'foo-1.0.tar.gz'))
      assert.deepEqual(file?.hashes, { sha256: A })
      assert.equal(file?.release, undefined)
      assert.deepEqual(await tx.get(keys.project(INDEX, 'foo')), { name: 'Foo' })
      assert.equal((await tx.get(keys.version(INDEX, 'foo', '1.0')))?.summary, 's')
    })
  }))

test('the same bytes again change nothing, whatever comes with them', () =>
  withLedger(async (ledger) => {
    await add(ledger, upload())

    const result = await add(ledger, upload({ fields: { summary: 'other' } }))

    assert.equal(result, 'unchanged')
    assert.equal(ledger.serial, 0)
  }))

test('other bytes replace a file only where an index is volatile and not strict', () =>
  withLedger(async (ledger) => {
    await add(ledger, upload())
    const judge = (to: StageEntry) =>
      ledger.read((tx) => judgeUpload(tx, INDEX, to, upload({ digest: B })))

    await assert.rejects(judge(stage), { code: 'file-exists' })
    await assert.rejects(judge(strict), { code: 'upload-invalid' })
    assert.equal(await judge(volatile), 'replaces')
    assert.equal(await add(ledger, upload({ digest: B }), volatile), 'added')
  }))

/** A transaction that refuses to look at more than single keys, and the results of one file. */
function withoutLists(tx: WriteTransaction): WriteTransaction {
  const fail = (): never => assert.fail('a list was read')
  return {
    serial: tx.serial,
    time: tx.time,
    actor: tx.actor,
    get: (key) => tx.get(key),
    set: (key, value) => tx.set(key, value),
    remove: (key) => tx.remove(key),
    list: fail,
    listNames: (range) => (range.prefix.endsWith('.tar.gz/') ? tx.listNames(range) : fail()),
    history: fail,
  }
}

test('an upload looks at its own keys only: the ten-thousandth costs what the first did', () =>
  withLedger(async (ledger) => {
    for (const digest of [A, B]) {
      await ledger.write('ada', (tx) =>
        addFile(withoutLists(tx), INDEX, volatile, upload({ digest }), 'ada'),
      )
    }

    const change = await ledger.change(1)
    assert.deepEqual(
      change?.entries.map(({ path }) => path),
      ['file/ada/dev/foo/foo-1.0.tar.gz'],
    )
  }))

test('a registration says all there is to say of a release, an upload only what it brings', () =>
  withLedger(async (ledger) => {
    const find = () => ledger.read((tx) => tx.get(keys.version(INDEX, 'foo', '1.0')))
    const register = (fields: Upload['fields']) =>
      ledger.write('ada', (tx) => setRelease(tx, INDEX, upload({ fields })))

    await register({ summary: 'a', author: 'x' })
    await add(ledger, upload({ fields: { summary: 'b' } }))
    const uploaded = await find()
    await register({ summary: 'c' })
    const registered = await find()

    assert.deepEqual([uploaded?.summary, uploaded?.author], ['b', 'x'])
    assert.deepEqual([registered?.summary, registered?.author], ['c', ''])
  }))
