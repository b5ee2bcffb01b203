/**
 * A replica that is killed at any moment goes on where it was, and ends with what its primary has. More rounds with
 * WHEELYARD_TEST_ROUNDS=50, other moments with WHEELYARD_TEST_SEED=7.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { openLedger } from '#ledger/open-ledger'
import { makeSharedSecret } from '../support/feed.ts'
import { assertWhole, listFiles } from '../support/listed-files.ts'
import { until } from '../support/until.ts'
import { makeUploader } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const CLIENTS = 4
const rounds = Number(process.env['WHEELYARD_TEST_ROUNDS'] ?? 4)
const seed = Number(process.env['WHEELYARD_TEST_SEED'] ?? 3)

test('a replica that is killed while uploads come through it and its primary has all of them', async () => {
  await using secret = await makeSharedSecret()
  const args = ['--secret-file', secret.path, '--log-level', 'error']
  await using primary = await startYard({ stages: ['ada/dev'], args })
  await using replica = await startYard({ args: [...args, '--primary-url', primary.url()] })
  const moments = fc.sample(fc.integer({ min: 1, max: 25 }), { seed, numRuns: rounds })
  const acknowledged: string[] = []

  for (const [round, moment] of moments.entries()) {
    acknowledged.push(...(await uploadUntil({ primary, replica, moment, round })))
    await replica.restart()
  }
  await until(async () => isComplete(replica, (await statusOf(primary)).serial))

  const [there, here] = [await listAll(primary), await listAll(replica)]
  assert.deepEqual(
    here.map(({ filename, hashes }) => [filename, hashes]),
    there.map(({ filename, hashes }) => [filename, hashes]),
  )
  const names = new Set(here.map(({ filename }) => filename))
  assert.deepEqual(
    acknowledged.filter((name) => !names.has(name)),
    [],
  )
  await primary.kill('SIGTERM')
  await assertWhole(here)
  await replica.kill('SIGTERM')
  await verifyStore(replica.folder)
  assert.deepEqual(await lastChange(replica), await lastChange(primary))
})

interface Round {
  readonly primary: Yard
  readonly replica: Yard
  /** The replica is killed after so many answers. */
  readonly moment: number
  readonly round: number
}

/** Half of them upload through the replica, until it is killed. Returns the names of what was acknowledged. */
async function uploadUntil({ primary, replica, moment, round }: Round): Promise<string[]> {
  const acknowledged: string[] = []
  let killed: Promise<number> | undefined

  async function upload(client: number): Promise<void> {
    using uploader = makeUploader()
    const server = client % 2 === 0 ? primary : replica
    for (let number = 0; killed === undefined; number++) {
      const extraFiles = { 'ballast.bin': randomBytes(1000) }
      const wheel = makeWheel(`client${client}`, `${round}.${number}`, { extraFiles })
      const reply = await uploader.upload(server.url('ada/dev/'), wheel).catch((error: unknown) => {
        if (killed === undefined) throw error
        return undefined
      })
      if (!reply) return
      // a replica that has just begun knows of no index
      if (reply.status !== 200) assert.equal(killed === undefined, false, reply.text)
      else acknowledged.push(wheel.filename)
      if (acknowledged.length >= moment) killed ??= replica.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => upload(client)))
  assert.equal(await killed, 137, replica.log)
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
  const pages = Array.from({ length: CLIENTS }, (_, client) =>
    listFiles(yard.url(`ada/dev/+simple/client${client}/`)),
  )
  return (await Promise.all(pages)).flat()
}

async function lastChange({ folder }: Yard): Promise<unknown> {
  const ledger = await openLedger(folder)
  const change = await ledger.change(ledger.serial)
  await ledger.close()
  return change
}
