import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { makeWheel, makeZip, type ZipEntry, type ZipOptions } from '../../test/support/wheel.ts'
import { makeTempFolder } from '../../test/support/temp.ts'
import { ArchiveProblem } from './archive-problem.ts'
import { metadataField } from './metadata.ts'
import { inspectWheel, readWheelMetadata } from './wheel-archive.ts'

const folder = await makeTempFolder()
const filename = 'anchor-1.0-py3-none-any.whl'
const metadata = 'Metadata-Version: 2.1\nName: anchor\nVersion: 1.0\n'
const METADATA: ZipEntry = { name: 'anchor-1.0.dist-info/METADATA', content: metadata }

const store = (bytes: Uint8Array): Promise<string> => folder.write(randomUUID(), bytes)

async function read(bytes: Uint8Array, name = filename) {
  return await readWheelMetadata(await store(bytes), name)
}

const refusedAs = (kind: string, reason?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ArchiveProblem, String(error))
  assert.equal(error.kind, kind, error.reason)
  if (reason) assert.match(error.reason, reason)
  return true
}

test('METADATA comes out byte for byte', async () => {
  const wheel = makeWheel('anchor', '1.0', { requiresPython: '>=3.8' })
  const found = await read(wheel.bytes)

  assert.deepEqual(found.bytes, wheel.metadataBytes)
  assert.equal(metadataField(found.metadata, 'requires_python'), '>=3.8')
})

const folders: [folder: string, filename: string][] = [
  ['An.Chor-1.0.dist-info', 'an_chor-1.0-py3-none-any.whl'],
  ['an_chor-1.0.0.dist-info', 'an_chor-1.0-py3-none-any.whl'],
  ['an_chor-1.0+l_1.dist-info', 'an_chor-1.0+l.1-py3-none-any.whl'],
]
for (const [name, file] of folders) {
  test(`the folder ${name} belongs to ${file}`, async () => {
    const found = await read(makeZip([{ name: `${name}/METADATA`, content: metadata }]), file)

    assert.equal(found.bytes.toString(), metadata)
  })
}

const others: [what: string, entries: ZipEntry[], file?: string][] = [
  ['no METADATA', [{ name: 'anchor-1.0.dist-info/WHEEL' }]],
  ['METADATA of another project', [{ ...METADATA, name: 'boat-1.0.dist-info/METADATA' }]],
  ['METADATA of another version', [{ ...METADATA, name: 'anchor-2.0.dist-info/METADATA' }]],
  ['METADATA deeper inside', [{ ...METADATA, name: 'x/anchor-1.0.dist-info/METADATA' }]],
  ['a file name that is no wheel', [METADATA], 'anchor.whl'],
  ['no members', []],
]
for (const [what, entries, file] of others) {
  test(`with ${what} the metadata is missing`, async () => {
    await assert.rejects(read(makeZip(entries), file), refusedAs('missing'))
  })
}

const wheel = makeWheel('anchor', '1.0').bytes
const unreadable: [what: string, bytes: Uint8Array][] = [
  ['an empty file', Buffer.alloc(0)],
  ['other bytes', Buffer.from('this is no archive\n'.repeat(10_000))],
  ['a wheel cut short', wheel.subarray(0, -30)],
  ['a wheel of which only the start is there', wheel.subarray(0, 100)],
]
for (const [what, bytes] of unreadable) {
  test(`${what} is no archive at all`, async () => {
    await assert.rejects(read(bytes), refusedAs('unreadable'))
  })
}

const zeros = Buffer.alloc(17 * 1024 * 1024)
const hostile: [what: string, reason: RegExp, entries: ZipEntry[], options?: ZipOptions][] = [
  ['a member twice', /two members/, [METADATA, METADATA]],
  [
    'a member twice under two spellings',
    /two members/,
    [METADATA, { name: `./anchor-1.0.dist-info/METADATA` }],
  ],
  ['METADATA in two spellings', /twice/, [METADATA, { name: 'Anchor-1.0.dist-info/METADATA' }]],
  ['an absolute path', /unsafe name/, [METADATA, { name: '/etc/passwd' }]],
  ['a drive', /unsafe name/, [METADATA, { name: 'c:/x' }]],
  ['a path upwards', /unsafe name/, [METADATA, { name: 'a/../../b' }]],
  ['a backslash', /unsafe name/, [METADATA, { name: 'a\\b' }]],
  ['a NUL in a name', /unsafe name/, [METADATA, { name: 'a\0b' }]],
  ['another name inside', /otherwise/, [METADATA, { name: 'a.py', localName: 'b.py' }]],
  ['bytes before', /directory .* is not where/, [METADATA], { prefix: 'PK\x03\x04 junk' }],
  ['a program before', /before its start/, [METADATA], { stub: '#!/bin/sh\n' }],
  ['an archive before', /before its start/, [METADATA], { stub: makeZip([METADATA]) }],
  ['bytes behind', /behind its end/, [METADATA], { trailing: 'junk' }],
  ['a member that is not counted', /uncounted/, [METADATA, { name: 'a' }], { declaredEntries: 1 }],
  ['a large METADATA', /larger than/, [{ ...METADATA, content: zeros }]],
  [
    'a METADATA larger than it says',
    /cannot be unpacked/,
    [{ ...METADATA, content: zeros, declaredSize: 10 }],
  ],
  ['a METADATA smaller than it says', /not what/, [{ ...METADATA, declaredSize: 1000 }]],
  ['a size past belief', /50 times/, [METADATA, { name: 'bomb', declaredSize: 0xfffffff0 }]],
]
for (const [what, reason, entries, options] of hostile) {
  test(`a wheel with ${what} is refused`, async () => {
    await assert.rejects(read(makeZip(entries, options)), refusedAs('hostile', reason))
  })
}

test('a bomb is refused by its directory, without being unpacked', async () => {
  const layer = Buffer.alloc(1024 * 1024)
  const layers = Array.from({ length: 65 }, (_, i) => ({ name: `bomb/${i}`, content: layer }))

  await assert.rejects(read(makeZip([METADATA, ...layers])), refusedAs('hostile', /50 times/))
})

test('a directory that promises more members than it has is damaged', async () => {
  const bytes = makeZip([METADATA], { declaredEntries: 2 })

  await assert.rejects(read(bytes), refusedAs('unreadable'))
})

test('sizes behind the content, and comments, are fine', async () => {
  const entries = [{ ...METADATA, dataDescriptor: true, comment: 'c' }]

  assert.equal((await read(makeZip(entries, { comment: 'hello' }))).bytes.toString(), metadata)
})

test('a stored METADATA is read as well', async () => {
  assert.ok(await read(makeZip([{ ...METADATA, method: 'store' }])))
})

test('a missing file is a failure of the disk, not of the wheel', async () => {
  await assert.rejects(readWheelMetadata(folder.join('none'), filename), { code: 'ENOENT' })
})

// U42 of the upload rows
for (const omitted of ['METADATA', 'WHEEL', 'RECORD'] as const) {
  test(`a wheel without ${omitted} is not whole`, async () => {
    const file = await store(makeWheel('anchor', '1.0', { omit: [omitted] }).bytes)

    await assert.rejects(inspectWheel(file, filename), refusedAs('missing', new RegExp(omitted)))
  })
}

test('a whole wheel passes inspection; one with two .dist-info folders does not', async () => {
  const extraFiles = { 'boat-1.0.dist-info/METADATA': metadata }
  const whole = await store(wheel)
  const double = await store(makeWheel('anchor', '1.0', { extraFiles }).bytes)

  assert.ok(await inspectWheel(whole, filename))
  assert.ok(await readWheelMetadata(double, filename))
  await assert.rejects(inspectWheel(double, filename), refusedAs('hostile', /more than one/))
})
