import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { crc32, gzipSync } from 'node:zlib'
import { makeSdist, makeTar, makeTarGz, type TarEntry } from '../../test/support/wheel.ts'
import { listingLimits, type ArchiveListing } from './archive-listing.ts'
import { listTar, readTarMember } from './tar-listing.ts'

const never = () => false
const tarOf = (bytes: Buffer, isGzipped = true) => ({ stream: Readable.from([bytes]), isGzipped })
const list = (bytes: Buffer, isGzipped = true) => listTar(tarOf(bytes, isGzipped), never)

const outline = ({ members }: ArchiveListing) =>
  members.map(({ path, kind, trouble }) => [path, kind, ...(trouble ? [trouble] : [])].join(' '))

const pax = (fields: Readonly<Record<string, string>>): TarEntry => {
  const records = Object.entries(fields).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`
    const length = Buffer.byteLength(rest)
    const digits = String(length + String(length + 2).length).length
    return `${length + digits}${rest}`
  })
  return { name: 'pax', type: 'pax', content: records.join('') }
}

test('an sdist is listed with sizes and checksums, whatever chunks it comes in', async () => {
  const sdist = makeSdist('anchor', '1.0', { content: 'hook = 1\n' })
  const small = Array.from({ length: sdist.bytes.length }, (_, at) =>
    sdist.bytes.subarray(at, at + 1),
  )

  const whole = await list(sdist.bytes)
  const piecewise = await listTar({ stream: Readable.from(small), isGzipped: true }, never)

  assert.deepEqual(piecewise, whole)
  assert.equal(whole.incomplete, undefined)
  const module = whole.members.find(({ path }) => path === 'anchor-1.0/anchor.py')
  assert.equal(module?.size, 9)
  assert.equal(module.crc32, crc32('hook = 1\n'))
})

test('a member is read by its place, up to a limit', async () => {
  const tar = makeTar([
    { name: './', type: 'directory' },
    { name: 'a', content: 'first' },
    { name: 'b', content: 'x'.repeat(2000) },
    { name: 'c' },
  ])
  const read = (at: number) => readTarMember(tarOf(tar, false), { at, limit: 1000, isOver: never })

  assert.deepEqual(await read(0), { bytes: Buffer.from('first'), isWhole: true })
  assert.deepEqual(await read(1), { bytes: Buffer.from('x'.repeat(1000)), isWhole: false })
  assert.deepEqual(await read(2), { bytes: Buffer.alloc(0), isWhole: true })
  assert.equal(await read(3), undefined)
})

test('names and kinds that no installer takes are shown as what they are, and links are not followed', async () => {
  const listing = await list(
    makeTarGz([
      { name: '../../etc/passwd' },
      { name: '/etc/passwd', content: 'x' },
      { name: 'twice' },
      { name: './twice' },
      { name: 'link', type: 'symlink', linkTo: '/etc/shadow' },
      { name: 'hard', type: 'link', linkTo: 'twice', declaredSize: 5000 },
      { name: 'device', type: 'device' },
      { name: 'pipe', type: 'fifo' },
      { name: 'folder/', type: 'directory' },
      { name: 'folder/', type: 'directory' },
    ]),
  )

  assert.deepEqual(outline(listing), [
    '../../etc/passwd file unsafe',
    'etc/passwd file unsafe',
    'twice file',
    'twice file doubled',
    'link link',
    'hard link',
    'device special',
    'pipe special',
    'folder folder',
    'folder folder',
  ])
  assert.equal(listing.members[4]?.linkTo, '/etc/shadow')
})

test('an extended header gives a long name to the next member alone', async () => {
  const long = `${'deep/'.repeat(60)}é.py`
  const tar = makeTarGz([
    pax({ path: long, mtime: '1700000000.5' }),
    { name: 'short' },
    { name: 'next' },
  ])

  const [first, second] = (await list(tar)).members

  assert.equal(first?.path, long)
  assert.equal(first.modifiedAt, 1_700_000_000_500)
  assert.equal(second?.path, 'next')
  assert.equal(second.modifiedAt, undefined)
})

test('a name that is no UTF-8 is shown with what stands for its bytes', async () => {
  const tar = makeTarGz([{ name: Buffer.from('n\xe9.py', 'latin1') }])

  assert.deepEqual(outline(await list(tar)), ['n\uFFFD.py file unsafe'])
})

test('a bomb stops the listing, with what was found before it', async () => {
  const tar = makeTar([
    { name: 'first', content: 'x' },
    { name: 'bomb', content: Buffer.alloc(80_000_000) },
    { name: 'behind' },
  ])

  const listing = await list(gzipSync(tar, { level: 1 }))

  assert.deepEqual(outline(listing), ['first file'])
  assert.match(listing.incomplete ?? '', /unpacks to too much/)
})

test('very many members are listed up to a limit', async () => {
  const one = makeTar([{ name: 'm' }]).subarray(0, 512)
  const tar = Buffer.concat(Array.from({ length: listingLimits.members + 1 }, () => one))

  const { members, incomplete } = await list(tar, false)

  assert.equal(members.length, listingLimits.members)
  assert.match(incomplete ?? '', /^only the first 50000 members/)
})

test('time that is over ends the listing', async () => {
  const { bytes } = makeSdist('anchor', '1.0', { content: 'x'.repeat(1_000_000) })

  const { incomplete } = await listTar(tarOf(bytes), () => true)

  assert.match(incomplete ?? '', /took too long/)
})

test('what is no tar, or is cut short, says so', async () => {
  const { bytes } = makeSdist('anchor', '1.0')
  const notGzipped = await list(Buffer.from('no archive'))
  const noTar = await list(gzipSync('x'.repeat(2000)))
  const cut = await list(bytes.subarray(0, -100))
  const lying = await list(makeTarGz([{ name: 'a', content: 'text', declaredSize: 1e9 }]))
  const hugeHeader = await list(makeTarGz([{ name: 'p', type: 'pax', declaredSize: 1e9 }]))

  for (const { incomplete } of [notGzipped, noTar, cut]) assert.match(incomplete ?? '', /damaged/)
  assert.deepEqual([lying.members, lying.incomplete], [[], 'the archive is cut short'])
  assert.match(hugeHeader.incomplete ?? '', /extended header/)
})
