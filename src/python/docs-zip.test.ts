import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { makeZip, type ZipEntry } from '../../test/support/zip.ts'
import { openArchive } from './archive-source.ts'
import { openPage, readPages } from './docs-zip.ts'

const long = 'long '.repeat(50_000)
const entries: ZipEntry[] = [
  { name: 'index.html', content: 'x' },
  { name: 'a/', mode: 0o040755 },
  { name: 'a/long.html', content: long },
  { name: './a//stored.html', content: long, method: 'store' },
  { name: 'a/streamed.html', content: long, dataDescriptor: true },
  { name: 'empty.html' },
  { name: 'empty-stored.html', method: 'store' },
]

async function read(zip: Buffer, path: string): Promise<string> {
  const file = await openArchive(zip)
  const page = (await readPages(file)).get(path)
  assert.ok(page, `no ${path}`)
  return text(
    await openPage(file, page, async ({ start, end }) =>
      // in small pieces, as a disk under load gives them
      Readable.from(pieces(zip.subarray(start, end + 1)), { objectMode: false }),
    ),
  )
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}

test('the pages are the files of the zip, by their paths without detours', async () => {
  const pages = await readPages(await openArchive(makeZip(entries)))

  assert.deepEqual([...pages.keys()].toSorted(), [
    'a/long.html',
    'a/stored.html',
    'a/streamed.html',
    'empty-stored.html',
    'empty.html',
    'index.html',
  ])
})

for (const path of ['a/long.html', 'a/stored.html', 'a/streamed.html']) {
  test(`${path} comes out whole`, async () => {
    assert.equal(await read(makeZip(entries), path), long)
  })
}

test('an empty page is empty', async () => {
  assert.equal(await read(makeZip(entries), 'empty.html'), '')
  assert.equal(await read(makeZip(entries), 'empty-stored.html'), '')
})

const CHECKSUM = 16
const SIZE = 24
for (const [what, method, field] of [
  ['other bytes than its checksum says', 'deflate', CHECKSUM],
  ['other bytes than its checksum says, not packed', 'store', CHECKSUM],
  ['fewer bytes than it should', 'deflate', SIZE],
] as const) {
  test(`a page with ${what} breaks off`, async () => {
    const zip = makeZip([{ name: 'index.html', content: long, method }])
    const at = zip.lastIndexOf('PK\x01\x02') + field
    zip.writeUInt32LE((zip.readUInt32LE(at) + 1) >>> 0, at)

    await assert.rejects(read(zip, 'index.html'), /not what the directory/)
  })
}

test('a page with more bytes than it should breaks off at once', async () => {
  const zip = makeZip([{ name: 'index.html', content: long, declaredSize: 10 }])

  await assert.rejects(read(zip, 'index.html'), /not what the directory/)
})

test('a page that cannot be unpacked breaks off', async () => {
  const zip = makeZip([{ name: 'index.html', content: long }])
  zip.fill(0xff, 45, 60)

  await assert.rejects(read(zip, 'index.html'))
})
