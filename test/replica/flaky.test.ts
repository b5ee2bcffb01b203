/**
 * A network that delays everything by its own time and breaks connections at random, between a primary and its replica
 * in processes of their own. Another course of it with WHEELYARD_TEST_SEED=7.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { openLedger } from '#ledger/open-ledger'
import { makeSharedSecret } from '../support/feed.ts'
import { assertWhole, listFiles } from '../support/listed-files.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { makeUploader } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const UPLOADS = 30
const seed = Number(process.env['WHEELYARD_TEST_SEED'] ?? 3)

test('through a network that delays, reorders and breaks, all uploads of both sides come to both', async () => {
  await using secret = await makeSharedSecret()
  const args = ['--secret-file', secret.path, '--log-level', 'error']
  await using primary = await startYard({ stages: ['ada/dev'], args })
  await using proxy = await startTcpProxy(primary.url())
  const cuts = fc.sample(fc.integer({ min: 100, max: 60_000 }), { seed, numRuns: 1_000 })
  const delays = fc.sample(fc.integer({ min: 0, max: 15 }), { seed, numRuns: 1_000 })
  let pieces = 0
  const delay = (): number => delays[pieces++ % delays.length]!
  proxy.weather = (number) => ({ delay, cutAfter: cuts[number % cuts.length]! })
  await using replica = await startYard({ args: [...args, '--primary-url', proxy.url()] })

  const [there, here] = await Promise.all([upload(primary, 'there'), upload(replica, 'here')])
  proxy.weather = () => ({ delay })
  await until(async () => isComplete(replica, (await statusOf(primary)).serial))

  assert.equal(there.length, UPLOADS)
  const [original, copy] = [await listAll(primary), await listAll(replica)]
  assert.deepEqual(
    copy.map(({ filename, hashes }) => [filename, hashes]),
    original.map(({ filename, hashes }) => [filename, hashes]),
  )
  const names = new Set(copy.map(({ filename }) => filename))
  assert.deepEqual(
    [...there, ...here].filter((name) => !names.has(name)),
    [],
  )
  assert.ok(proxy.connections > 3)
  await primary.kill('SIGTERM')
  await assertWhole(copy)
  await replica.kill('SIGTERM')
  await verifyStore(replica.folder)
  assert.deepEqual(await lastChange(replica), await lastChange(primary))
})

/** Returns the names of what was acknowledged; what became of the others is not known where the network broke. */
async function upload(server: Yard, project: string): Promise<string[]> {
  using uploader = makeUploader()
  const acknowledged: string[] = []
  for (let number = 0; number < UPLOADS; number++) {
    const extraFiles = { ballast: randomBytes(20_000) }
    const wheel = makeWheel(project, `${number}.0`, { extraFiles })
    const { status, text } = await uploader.upload(server.url('ada/dev/'), wheel)
    // 404: a replica that has just begun knows of no index.
    assert.ok([200, 404, 409, 502, 503, 504].includes(status), text)
    if (status === 200) acknowledged.push(wheel.filename)
  }
  return acknowledged
}

interface Status {
  readonly serial: number
  readonly blobs?: { readonly 'changes-to-look-at': number; readonly missing: number }
}

async function statusOf(yard: Yard): Promise<Status> {
  const answer = await fetch(yard.url('+status'), { headers: { accept: 'application/json' } })
  return ((await answer.json()) as { result: Status }).result
}

async function isComplete(replica: Yard, last: number): Promise<boolean> {
  const { serial, blobs } = await statusOf(replica)
  return serial === last && blobs?.['changes-to-look-at'] === 0 && blobs.missing === 0
}

async function listAll(yard: Yard): ReturnType<typeof listFiles> {
  const pages = ['here', 'there'].map((project) =>
    listFiles(yard.url(`ada/dev/+simple/${project}/`)),
  )
  return (await Promise.all(pages)).flat()
}

async function lastChange({ folder }: Yard): Promise<unknown> {
  const ledger = await openLedger(folder)
  const change = await ledger.change(ledger.serial)
  await ledger.close()
  return change
}
