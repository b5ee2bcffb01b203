/** A disk that is full: a clear answer, nothing half, nothing lost, and all works again once there is room. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { test } from 'node:test'
import { refusalRows } from '#http/refusal-reply'
import {
  body,
  notFound,
  startFakeUpstream,
  type Answer,
  type FakeUpstream,
} from '../support/fake-upstream.ts'
import { assertWhole, listFiles, sha256 } from '../support/listed-files.ts'
import { mountSmallDisk, whyNoSmallDisk } from '../support/small-disk.ts'
import { makeUploader, type Uploader, type UploadReply } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel, type Distribution } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const skip = whyNoSmallDisk()

const noRoom = refusalRows['storage-full'].status

/** What the disks have left when a test begins. */
const ROOM = 3_000_000

const wheelOf = (version: string, size: number): Distribution =>
  makeWheel('anchor', version, { extraFiles: { 'ballast.bin': randomBytes(size) } })

test(
  'on a full disk uploads are refused with 507, and go on once there is room',
  { skip },
  async () => {
    await using disk = await mountSmallDisk('12m')
    await using yard = await startYard({ disk, stages: ['ada/dev'] })
    using uploader = makeUploader()
    await disk.fillUp('filler', ROOM)
    const kept = new Map<string, string>()

    const largeOnes = await uploadUntilRefused(yard, uploader, { kept, prefix: '1', size: 300_000 })
    const smallOnes = await uploadUntilRefused(yard, uploader, { kept, prefix: '2', size: 100 })
    await disk.fillUp('last-bytes')
    const atTheBrim = await uploader.upload(yard.url('ada/dev/'), wheelOf('3.0', 100))

    for (const refused of [largeOnes, smallOnes, atTheBrim]) {
      assert.equal(refused.status, noRoom)
      assert.match(refused.text, /The server has no room left to store this; nothing was changed/)
    }
    await assertHolds(yard, kept)
    assert.equal(await yard.kill('SIGKILL'), 137)
    await yard.restart()
    await assertHolds(yard, kept)

    await rm(disk.seen('last-bytes'))
    await verifyStore(yard.folder, disk)
    assert.deepEqual(await readdir(disk.seen('blobs/tmp')), [])

    await rm(disk.seen('filler'))
    const next = wheelOf('4.0', 300_000)
    const answer = await uploader.upload(yard.url('ada/dev/'), next)
    assert.equal(answer.status, 200, answer.text)
    await assertHolds(yard, kept.set(next.filename, next.sha256))
    await verifyStore(yard.folder, disk)
  },
)

test(
  'a download into a full disk breaks off and leaves nothing, and works once there is room',
  { skip },
  async () => {
    const large = wheelOf('1.0', ROOM)
    await using upstream = await startUpstream([large])
    await using disk = await mountSmallDisk('12m')
    await using yard = await startYard({ disk, stages: [mirrorOf(upstream)] })
    const pageUrl = yard.url('ada/mirror/+simple/anchor/')
    const [listed] = await listFiles(pageUrl)
    await disk.fillUp('filler', ROOM / 2)

    await assert.rejects(download(listed?.url))

    await yard.logged(/"reason":"Could not write [^"]*: ENOSPC"/)
    assert.deepEqual(await readdir(disk.seen('blobs/tmp')), [])
    assert.equal((await verifyStore(yard.folder, disk)).blobs, 0)
    assert.deepEqual(await listFiles(pageUrl), [listed])

    await rm(disk.seen('filler'))
    assert.equal(sha256(await download(listed?.url)), large.sha256)
    await verifyStore(yard.folder, disk)
  },
)

test(
  'on a full disk a mirror serves the links it has, and tells of the room it lacks for others',
  { skip },
  async () => {
    await using upstream = await startUpstream([wheelOf('1.0', 100)])
    await using disk = await mountSmallDisk('12m')
    await using yard = await startYard({
      disk,
      stages: [{ ...mirrorOf(upstream), mirror_cache_expiry: 0 }],
    })
    const pageUrl = yard.url('ada/mirror/+simple/anchor/')
    const before = await listFiles(pageUrl)
    await disk.fillUp('filler')
    const newer = [
      wheelOf('1.0', 100),
      ...Array.from({ length: 500 }, (_, i) => wheelOf(`2.${i}`, 0)),
    ]
    upstream.answerWith(indexOf(newer))

    assert.deepEqual(await listFiles(pageUrl), before)
    const other = await fetch(yard.url('ada/mirror/+simple/other/'))
    assert.equal(other.status, noRoom, await other.text())

    await rm(disk.seen('filler'))
    await fetch(yard.url('ada/mirror/+simple/anchor/refresh'), { method: 'POST' })
    assert.equal((await listFiles(pageUrl)).length, newer.length)
    assert.equal((await fetch(yard.url('ada/mirror/+simple/other/'))).status, 200)
  },
)

/** Uploads one after the other. Returns the first answer that is no 200, and notes what went before. */
async function uploadUntilRefused(
  yard: Yard,
  uploader: Uploader,
  { kept, prefix, size }: { kept: Map<string, string>; prefix: string; size: number },
): Promise<UploadReply> {
  for (let number = 0; ; number++) {
    const wheel = wheelOf(`${prefix}.${number}`, size)
    const reply = await uploader.upload(yard.url('ada/dev/'), wheel)
    if (reply.status !== 200) return reply
    kept.set(wheel.filename, wheel.sha256)
  }
}

/** The index has exactly these files, and all of them are whole. */
async function assertHolds(yard: Yard, kept: ReadonlyMap<string, string>): Promise<void> {
  const listed = await listFiles(yard.url('ada/dev/+simple/anchor/'))
  const digests = listed.map(({ filename, hashes }) => [filename, hashes['sha256'] ?? ''] as const)
  assert.deepEqual(new Map(digests), new Map(kept))
  await assertWhole(listed)
}

/** The same files under any project's name. */
const indexOf = (wheels: readonly Distribution[]): Answer => {
  const files = wheels.map(({ filename, sha256: digest }) => ({
    filename,
    url: `/files/${filename}`,
    hashes: { sha256: digest },
  }))
  return (request, response) => {
    const [, name] = /^\/simple\/([^/]+)\/$/.exec(request.url ?? '') ?? []
    if (name !== undefined) {
      const meta = { 'api-version': '1.0' }
      return body(JSON.stringify({ meta, name, files }), { type: JSON_TYPE })(request, response)
    }
    const wheel = wheels.find(({ filename }) => request.url === `/files/${filename}`)
    return (wheel ? body(wheel.bytes) : notFound)(request, response)
  }
}

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json'

const startUpstream = (wheels: readonly Distribution[]) => startFakeUpstream(indexOf(wheels))

const mirrorOf = (upstream: FakeUpstream) => ({
  name: 'ada/mirror',
  type: 'mirror',
  mirror_url: upstream.url('simple/'),
})

async function download(url = ''): Promise<Uint8Array> {
  const response = await fetch(url)
  const bytes = new Uint8Array(await response.arrayBuffer())
  assert.equal(response.status, 200, Buffer.from(bytes).toString().slice(0, 500))
  return bytes
}
