import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { makeTempFolder } from '../../test/support/temp.ts'
import { makeSdist, makeTar, makeTarGz, makeZip, type TarEntry } from '../../test/support/wheel.ts'
import { ArchiveProblem } from './archive-problem.ts'
import { metadataField } from './metadata.ts'
import { readSdistMetadata, type SdistReading } from './sdist-archive.ts'

const folder = await makeTempFolder()
const filename = 'anchor-1.0.tar.gz'
const metadata = 'Metadata-Version: 2.2\nName: anchor\nVersion: 1.0\n'
const PKG_INFO = { name: 'anchor-1.0/PKG-INFO', content: metadata }
const strict = { isStrict: true }

async function read(bytes: Uint8Array, options?: SdistReading, name = filename) {
  return await readSdistMetadata(await folder.write(randomUUID(), bytes), name, options)
}

const refusedAs =
  (kind: string, reason = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof ArchiveProblem, String(error))
    assert.equal(error.kind, kind, error.reason)
    assert.match(error.reason, reason)
    return true
  }

for (const extension of ['.tar.gz', '.zip'] as const) {
  test(`PKG-INFO comes out of a ${extension} byte for byte`, async () => {
    const sdist = makeSdist('anchor', '1.0', { extension, requiresPython: '>=3.8' })

    for (const options of [{}, strict]) {
      const found = await read(sdist.bytes, options, sdist.filename)
      assert.deepEqual(found.bytes, sdist.metadataBytes)
      assert.equal(metadataField(found.metadata, 'requires_python'), '>=3.8')
    }
  })
}

test('only the PKG-INFO of the top folder counts', async () => {
  const egg = { ...PKG_INFO, name: 'anchor-1.0/anchor.egg-info/PKG-INFO' }

  await assert.rejects(read(makeTarGz([egg])), refusedAs('missing'))
  await assert.rejects(read(makeZip([egg]), {}, 'anchor-1.0.zip'), refusedAs('missing'))
  await assert.rejects(read(makeTarGz([{ name: 'PKG-INFO' }])), refusedAs('missing'))
})

test('folders, links within the tree, and a leading ./ are fine', async () => {
  const entries: TarEntry[] = [
    { name: './', type: 'directory' },
    { name: './anchor-1.0/', type: 'directory' },
    { name: './anchor-1.0/', type: 'directory' },
    { name: './anchor-1.0/docs/readme', type: 'symlink', linkTo: '../README' },
    { name: './anchor-1.0/copy', type: 'link', linkTo: 'anchor-1.0/README' },
    { ...PKG_INFO, name: './anchor-1.0/PKG-INFO' },
  ]

  assert.equal((await read(makeTarGz(entries), strict)).bytes.toString(), metadata)
})

test('a PKG-INFO that is a link is not followed', async () => {
  const entries: TarEntry[] = [{ name: 'anchor-1.0/PKG-INFO', type: 'symlink', linkTo: 'other' }]

  await assert.rejects(read(makeTarGz(entries)), refusedAs('missing'))
})

const sdist = makeSdist('anchor', '1.0').bytes
const unreadable: [what: string, bytes: Uint8Array, name?: string][] = [
  ['an empty file', Buffer.alloc(0)],
  ['other bytes', Buffer.from('this is no archive')],
  ['gzip around other bytes', gzipSync('this is no archive\n'.repeat(1000))],
  ['gzip around too little', gzipSync('short')],
  ['an sdist cut short', sdist.subarray(0, -20)],
  ['a member that says it is longer', makeTarGz([{ ...PKG_INFO, declaredSize: 5000 }])],
  ['a tar that is not gzipped', makeTar([PKG_INFO])],
  ['a zip that is none', sdist, 'anchor-1.0.zip'],
  ['another kind of archive', sdist, 'anchor-1.0.tar.bz2'],
]
for (const [what, bytes, name] of unreadable) {
  test(`${what} is no archive at all`, async () => {
    await assert.rejects(read(bytes, strict, name), refusedAs('unreadable'))
  })
}

const evil: [what: string, entry: TarEntry][] = [
  ['an absolute path', { name: '/etc/passwd' }],
  ['a path upwards', { name: 'anchor-1.0/../../x' }],
  ['a backslash', { name: 'anchor-1.0\\x' }],
  ['an absolute link', { name: 'anchor-1.0/x', type: 'symlink', linkTo: '/etc/passwd' }],
  ['a link upwards', { name: 'anchor-1.0/x', type: 'symlink', linkTo: '../../x' }],
  ['a hard link upwards', { name: 'anchor-1.0/x', type: 'link', linkTo: '../x' }],
  ['a device', { name: 'anchor-1.0/x', type: 'device' }],
  ['a pipe', { name: 'anchor-1.0/x', type: 'fifo' }],
]
for (const [what, entry] of evil) {
  test(`an sdist with ${what} is refused`, async () => {
    await assert.rejects(read(makeTarGz([entry, PKG_INFO])), refusedAs('hostile'))
    await assert.rejects(read(makeTarGz([PKG_INFO, entry]), strict), refusedAs('hostile'))
  })
}

test('a member twice is refused when the whole archive is read', async () => {
  await assert.rejects(read(makeTarGz([PKG_INFO, PKG_INFO]), strict), refusedAs('hostile', /two/))
})

test('gzip in gzip is refused', async () => {
  await assert.rejects(read(gzipSync(gzipSync(Buffer.alloc(5_000_000)))), refusedAs('hostile'))
})

test('a bomb is stopped while it is read', async () => {
  const bomb = { name: 'anchor-1.0/bomb', content: Buffer.alloc(80 * 1024 * 1024) }
  const bytes = makeTarGz([bomb, PKG_INFO])

  await assert.rejects(read(bytes), refusedAs('hostile', /50 times/))
})

test('a PKG-INFO beyond the limit is refused', async () => {
  const large = { ...PKG_INFO, content: Buffer.alloc(17 * 1024 * 1024) }

  await assert.rejects(read(makeTarGz([large])), refusedAs('hostile', /too large/))
})

test('what stands behind PKG-INFO is not read unless it must be checked', async () => {
  const bytes = makeTarGz([PKG_INFO, { name: '/etc/passwd' }])

  assert.ok(await read(bytes))
})

// U45 of the upload rows
test('two top folders are refused when strict', async () => {
  const entries = [PKG_INFO, { name: 'boat-1.0/x' }]

  assert.ok(await read(makeTarGz(entries)))
  await assert.rejects(read(makeTarGz(entries), strict), refusedAs('hostile', /top folder/))
  await assert.rejects(
    read(makeZip(entries), strict, 'anchor-1.0.zip'),
    refusedAs('hostile', /top folder/),
  )
})
