import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { makeTempFolder } from '../../test/support/temp.ts'
import { makeSdist, makeTar, makeTarGz, makeZip, type TarEntry } from '../../test/support/wheel.ts'
import { ArchiveProblem, archiveLimits } from './archive-problem.ts'
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
    await assert.rejects(read(makeTarGz([PKG_INFO, entry])), refusedAs('hostile'))
  })
}

test('a member twice is refused', async () => {
  await assert.rejects(read(makeTarGz([PKG_INFO, PKG_INFO])), refusedAs('hostile', /two/))
})

test('gzip in gzip is refused', async () => {
  await assert.rejects(read(gzipSync(gzipSync(Buffer.alloc(5_000_000)))), refusedAs('hostile'))
})

test('a bomb is stopped while it is read', async () => {
  const bomb = { name: 'anchor-1.0/bomb', content: Buffer.alloc(80 * 1024 * 1024) }

  for (const entries of [
    [bomb, PKG_INFO],
    [PKG_INFO, bomb],
  ]) {
    await assert.rejects(read(makeTarGz(entries)), refusedAs('hostile', /50 times/))
  }
})

test('a PKG-INFO beyond the limit is refused', async () => {
  const large = { ...PKG_INFO, content: Buffer.alloc(17 * 1024 * 1024) }

  await assert.rejects(read(makeTarGz([large])), refusedAs('hostile', /too large/))
})

test('damage behind PKG-INFO only counts when strict', async () => {
  const cut = makeTarGz([PKG_INFO, { name: 'anchor-1.0/x', declaredSize: 5000 }])

  assert.equal((await read(cut)).bytes.toString(), metadata)
  await assert.rejects(read(cut, strict), refusedAs('unreadable'))
})

const MIB = 1024 * 1024
const BLOCK = 512

/** How much `run` copies by joining buffers: what is joined again and again costs time squared. */
async function joinedBytes(t: TestContext, run: () => Promise<unknown>): Promise<number> {
  const concat = t.mock.method(Buffer, 'concat')
  await run()
  const joined = concat.mock.calls.reduce((sum, { result }) => sum + (result?.length ?? 0), 0)
  concat.mock.restore()
  return joined
}

test('zeros behind the end of a tar are padding, and cost next to nothing', async (t) => {
  const padded = gzipSync(Buffer.concat([makeTar([PKG_INFO]), Buffer.alloc(20 * MIB)]))

  const joined = await joinedBytes(t, async () => {
    assert.equal((await read(padded, strict)).bytes.toString(), metadata)
  })
  assert.ok(joined < MIB, `${joined} bytes`)
})

test('other bytes behind the end of a tar are refused when the first of them is seen', async (t) => {
  const long = gzipSync(Buffer.concat([makeTar([PKG_INFO]), randomBytes(8 * MIB)]))
  const short = gzipSync(Buffer.concat([makeTar([PKG_INFO]), Buffer.from('x')]))
  const tar = makeTar([PKG_INFO])
  const behindOneBlock = gzipSync(Buffer.concat([tar.subarray(0, -BLOCK), tar]))

  const joined = await joinedBytes(t, async () => {
    for (const bytes of [long, short, behindOneBlock]) {
      await assert.rejects(read(bytes), refusedAs('hostile', /behind its end/))
    }
  })
  assert.ok(joined < MIB, `${joined} bytes`)
})

test('a block that only some readers take for the end is refused', async () => {
  const almostZero = Buffer.alloc(BLOCK)
  almostZero.write('x', 148)
  const tar = makeTar([PKG_INFO])

  for (const after of [tar, almostZero]) {
    const bytes = Buffer.concat([tar.subarray(0, -2 * BLOCK), almostZero, after])
    await assert.rejects(read(gzipSync(bytes)), refusedAs('hostile', /behind its end/))
  }
})

test('a tar without its end blocks is read', async () => {
  const bytes = gzipSync(makeTar([PKG_INFO]).subarray(0, -2 * BLOCK))

  assert.equal((await read(bytes, strict)).bytes.toString(), metadata)
})

test('zeros alone are no archive, which is seen at their start', async (t) => {
  const joined = await joinedBytes(t, async () => {
    await assert.rejects(read(gzipSync(Buffer.alloc(10 * MIB))), refusedAs('unreadable'))
  })
  assert.ok(joined < MIB, `${joined} bytes`)
})

test('a folder that comes again and again counts as a member each time', async () => {
  const header = makeTar([{ name: 'anchor-1.0/', type: 'directory' }]).subarray(0, BLOCK)
  const bytes = gzipSync(Buffer.alloc(BLOCK * (archiveLimits.entries + 1), header), { level: 1 })

  await assert.rejects(read(bytes), refusedAs('hostile', /too many members/))
})

test('extended headers are refused when one is large, or all together are', async () => {
  const extended = (size: number): TarEntry => ({
    name: 'pax',
    type: 'pax',
    content: Buffer.alloc(size, '\n'),
  })
  const large = makeTarGz([extended(MIB / 2), PKG_INFO])
  const many = makeTarGz([...Array<TarEntry>(80).fill(extended(MIB / 4)), PKG_INFO])

  await assert.rejects(read(large), refusedAs('hostile', /ExtendedHeader/))
  await assert.rejects(read(many), refusedAs('hostile', /extended headers/))
})

test('a long link target that one header gives to every link is refused', async () => {
  const target = `linkpath=${'x/'.repeat(4000)}y\n`
  const length = target.length + 5
  const global = makeTar([{ name: 'pax', type: 'pax', content: `${length} ${target}` }])
  global.write('g', 156)
  const sum = Number.parseInt(global.toString('latin1', 148, 154), 8) - 'x'.charCodeAt(0)
  global.write((sum + 'g'.charCodeAt(0)).toString(8).padStart(6, '0'), 148)
  const link = makeTar([{ name: 'anchor-1.0/x', type: 'symlink', linkTo: 'y' }, PKG_INFO])

  const bytes = gzipSync(Buffer.concat([global.subarray(0, -2 * BLOCK), link]))
  await assert.rejects(read(bytes), refusedAs('hostile', /link/))
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
