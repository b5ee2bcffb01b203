/** A replica whose disk is full: it serves what it has, says what it lacks, and goes on once there is room. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { BlobBook } from '#replication/blob-book'
import { runProcess } from '../support/process.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { assertWhole, listFiles } from '../support/listed-files.ts'
import { mountSmallDisk, whyNoSmallDisk } from '../support/small-disk.ts'
import { makeTempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'
import { makeUploader } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const skip = whyNoSmallDisk()
const program = `${import.meta.dirname}/../../bin/wheelyard.ts`

interface Status {
  readonly serial: number
  readonly primary: { readonly problem: { readonly kind: string; readonly message: string } | null }
  readonly blobs: { readonly 'changes-to-look-at': number; readonly missing: number }
}

async function statusOf(yard: Yard): Promise<Status> {
  const answer = await fetch(yard.url('+status'), { headers: { accept: 'application/json' } })
  return ((await answer.json()) as { result: Status }).result
}

async function upload(yard: Yard, prefix: string, count: number, size: number): Promise<void> {
  using uploader = makeUploader()
  for (let number = 0; number < count; number++) {
    const extraFiles = { 'ballast.bin': randomBytes(size) }
    const wheel = makeWheel('anchor', `${prefix}.${number}`, { extraFiles })
    const { status, text } = await uploader.upload(yard.url('ada/dev/'), wheel)
    assert.equal(status, 200, text)
  }
}

const isComplete = async (replica: Yard, last: number): Promise<boolean> => {
  const { serial, blobs } = await statusOf(replica)
  return serial === last && blobs['changes-to-look-at'] === 0 && blobs.missing === 0
}

test(
  'a replica on a full disk serves what it has, and has all once there is room',
  { skip },
  async () => {
    await using secret = await makeSharedSecret()
    const args = ['--secret-file', secret.path]
    await using primary = await startYard({ stages: ['ada/dev'], args })
    await upload(primary, '1', 2, 1_000)
    await using disk = await mountSmallDisk('12m')
    await using replica = await startYard({ disk, args: [...args, '--primary-url', primary.url()] })
    await until(async () => isComplete(replica, (await statusOf(primary)).serial))
    const page = replica.url('ada/dev/+simple/anchor/')
    const before = await listFiles(page)
    await disk.fillUp('filler', 200_000)

    await upload(primary, '2', 3, 300_000)
    await disk.fillUp('last-bytes')
    await upload(primary, '3', 40, 1_000)
    await until(async () => (await statusOf(replica)).primary.problem?.kind === 'failed')
    const { problem } = (await statusOf(replica)).primary
    const files = await listFiles(page)
    await assertWhole(
      files.filter(({ filename }) => before.some((one) => one.filename === filename)),
    )
    assert.equal(await replica.kill('SIGKILL'), 137)
    await replica.restart()
    assert.ok((await listFiles(replica.url('ada/dev/+simple/anchor/'))).length >= before.length)

    assert.match(problem?.message ?? '', /ENOSPC|full|room/i)
    await rm(disk.seen('last-bytes'))
    await rm(disk.seen('filler'))
    await until(async () => isComplete(replica, (await statusOf(primary)).serial))
    const all = await listFiles(replica.url('ada/dev/+simple/anchor/'))
    assert.equal(all.length, 45)
    await primary.kill('SIGTERM')
    await assertWhole(all)
    await verifyStore(replica.folder, disk)
  },
)

test(
  'an import of a bundle into a full disk is refused, leaves nothing half, and is done once there is room',
  { skip },
  async () => {
    await using secret = await makeSharedSecret()
    const args = ['--secret-file', secret.path]
    await using primary = await startYard({ stages: ['ada/dev'], args })
    await upload(primary, '1', 20, 100_000)
    await using disk = await mountSmallDisk('12m')
    const home = await makeTempFolder('bundle')
    await using _ = { [Symbol.asyncDispose]: () => home.remove() }
    const file = home.join('bundle')
    const run = async (...command: string[]) => {
      const [first, ...rest] = disk.inside([
        process.execPath,
        program,
        'admin',
        ...command,
        ...args,
      ])
      const env = { HOME: home.path, PATH: process.env['PATH'] ?? '/usr/bin:/bin' }
      return runProcess(first, rest, { env })
    }
    const made = await run('bundle', file, '--dir', primary.folder)
    assert.equal(made.code, 0, made.output)
    const take = ['import-bundle', file, '--dir', disk.path, '--primary-url', primary.url()]
    await disk.fillUp('filler', 1_500_000)

    const refused = await run(...take)
    await rm(disk.seen('filler'))
    const done = await run(...take)

    assert.equal(refused.code, 1)
    assert.match(refused.output, /^Error: Could not .*ENOSPC/)
    assert.equal(done.code, 0, done.output)
    assert.match(done.output, /taken over/)
    const { serials, blobs } = await verifyStore(disk.path, disk)
    assert.deepEqual([serials, blobs], [(await statusOf(primary)).serial + 1, 20])
  },
)

test('on a full disk another choice of files is taken all the same', { skip }, async () => {
  await using disk = await mountSmallDisk('2m')
  const file = disk.seen('replica.sqlite')
  const before = BlobBook.open(file, { name: 'all', settings: '{"blobs":"all"}' })
  for (let number = 0; number < 500; number++) before.leaveOut(`file/ada/dev/anchor/${number}`)
  before.walked = 7
  before.close()
  await disk.fillUp('filler')

  const after = BlobBook.open(file, { name: 'user=ada', settings: '{"blobs":"filtered"}' })
  const { chosen, walked, leftOutCount } = after
  after.close()

  assert.equal(chosen.name, 'user=ada')
  assert.deepEqual([walked, leftOutCount], [-1, 0])
})
