import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeWheel, makeZip, type ZipEntry } from '../../test/support/wheel.ts'
import { listingLimits, type ArchiveListing } from './archive-listing.ts'
import { ArchiveProblem } from './archive-problem.ts'
import { openArchive } from './archive-source.ts'
import { listZip, readZipMember } from './zip-listing.ts'

const never = () => false
const list = async (bytes: Buffer) => listZip(await openArchive(bytes), never)

async function read(bytes: Buffer, at: number, limit = 1000, isOver = never) {
  const file = await openArchive(bytes)
  const { members } = await listZip(file, never)
  return readZipMember(file, members[at]!, { limit, isOver })
}

const outline = ({ members }: ArchiveListing) =>
  members.map(({ path, kind, trouble }) => [path, kind, ...(trouble ? [trouble] : [])].join(' '))

test('a wheel is listed with what its directory says of each member', async () => {
  const wheel = makeWheel('anchor', '1.0', { content: 'hook = 1\n' })

  const { members, incomplete } = await list(wheel.bytes)

  assert.equal(incomplete, undefined)
  assert.deepEqual(
    members.map(({ path }) => path),
    [
      'anchor.py',
      'anchor-1.0.dist-info/METADATA',
      'anchor-1.0.dist-info/WHEEL',
      'anchor-1.0.dist-info/RECORD',
    ],
  )
  const [first] = members
  assert.equal(first?.size, 9)
  assert.equal(first.modifiedAt, undefined) // the first moment a zip can hold is none
  assert.equal(first.place?.method, 'deflated')
})

test('a member is read where it is, stored or deflated, up to a limit', async () => {
  for (const method of ['store', 'deflate'] as const) {
    const zip = makeZip([
      { name: 'a', content: 'first', method },
      { name: 'b', content: 'second', method, dataDescriptor: true },
    ])

    const whole = await read(zip, 1)
    const part = await read(zip, 1, 3)

    assert.deepEqual(whole, { bytes: Buffer.from('second'), isWhole: true })
    assert.deepEqual(part, { bytes: Buffer.from('sec'), isWhole: false })
  }
})

test('names and kinds that no installer takes are shown as what they are', async () => {
  const entries: ZipEntry[] = [
    { name: '../../etc/passwd' },
    { name: '/etc/passwd' },
    { name: 'C:/boot.ini' },
    { name: 'back\\slash' },
    { name: 'nul\0.py' },
    { name: '<script>alert(1)</script>.py' },
    { name: 'turn\u202Egnp.exe' },
    { name: Buffer.from([0x6e, 0xe9, 0x2e, 0x70, 0x79]) },
    { name: './twice//a.py' },
    { name: 'twice/a.py' },
    { name: 'link', mode: 0o120777, content: '/etc/shadow' },
    { name: 'pipe', mode: 0o010644 },
    { name: 'folder/' },
    { name: '' },
  ]

  assert.deepEqual(outline(await list(makeZip(entries))), [
    '../../etc/passwd file unsafe',
    'etc/passwd file unsafe',
    'C:/boot.ini file unsafe',
    'back\\slash file unsafe',
    'nul\0.py file unsafe',
    '<script>alert(1)</script>.py file',
    'turn\u202Egnp.exe file unsafe',
    'né.py file',
    'twice/a.py file',
    'twice/a.py file doubled',
    'link link',
    'pipe special',
    'folder folder',
    '(no name) file unsafe',
  ])
})

test('a bomb is inflated no further than is looked at', async () => {
  const zip = makeZip([{ name: 'bomb', content: Buffer.alloc(50_000_000), declaredSize: 5 }])

  const { bytes, isWhole } = await read(zip, 0, 1000)

  assert.equal(bytes.length, 1000)
  assert.equal(isWhole, false)
})

test('very many members are listed up to a limit', async () => {
  const name = (at: number) => ({ name: `m${at}`, method: 'store' }) as const
  const zip = makeZip(Array.from({ length: listingLimits.members + 1 }, (_, at) => name(at)))

  const { members, incomplete } = await list(zip)

  assert.equal(members.length, listingLimits.members)
  assert.match(incomplete ?? '', /^only the first 50000 members/)
})

test('time that is over ends the listing with what was found', async () => {
  const zip = makeZip(Array.from({ length: 600 }, (_, at) => ({ name: `m${at}` })))

  const { members, incomplete } = await listZip(await openArchive(zip), () => true)

  assert.equal(members.length, 500)
  assert.match(incomplete ?? '', /took too long/)
})

test('what is no zip, or is damaged, is an empty listing that says so', async () => {
  const { bytes } = makeWheel('anchor', '1.0')
  for (const broken of [Buffer.from('no zip'), bytes.subarray(0, -30), Buffer.alloc(0)]) {
    const { members, incomplete } = await list(broken)
    assert.deepEqual(members, [])
    assert.match(incomplete ?? '', /damaged/)
  }
})

test('a member that is not where it should be, or is packed oddly, is a problem of the archive', async () => {
  const zip = makeZip([{ name: 'a', content: 'text' }])
  const moved = Buffer.from(zip)
  moved.write('XX', 0)
  const garbled = Buffer.from(zip)
  garbled.fill(0xff, 31, 35)
  const encrypted = Buffer.from(zip)
  encrypted.writeUInt16LE(1, zip.indexOf('PK\x01\x02') + 8)

  for (const bytes of [moved, garbled, encrypted]) {
    await assert.rejects(read(bytes, 0), ArchiveProblem)
  }
  await assert.rejects(
    read(zip, 0, 10, () => true),
    ArchiveProblem,
  )
})
