/**
 * A primary that is killed at any moment, under uploads through both servers, is replaced by its replica, and becomes
 * the replica of that one: again and again, to and fro. More rounds with WHEELYARD_TEST_ROUNDS=50 (and
 * WHEELYARD_TEST_PATIENCE=20), other moments with WHEELYARD_TEST_SEED=7.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { until } from '../support/until.ts'
import {
  admin,
  complete,
  hashesOf,
  promote,
  startGroup,
  statusOf,
  type Group,
} from '../support/group.ts'
import { assertWhole, listFiles } from '../support/listed-files.ts'
import { makeUploader } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import type { Yard } from '../support/yard.ts'

const CLIENTS = 4
const rounds = Number(process.env['WHEELYARD_TEST_ROUNDS'] ?? 5)
const seed = Number(process.env['WHEELYARD_TEST_SEED'] ?? 5)

interface Acknowledged {
  readonly filename: string
  readonly isThroughReplica: boolean
}

test('a promoted replica has every acknowledged write that it had, and the former primary loses none of its own', async () => {
  await using group = await startGroup()
  let primary = group.primary
  let replica = await group.startReplica()
  const acknowledged: Acknowledged[] = []
  const moments = fc.sample(fc.integer({ min: 1, max: 25 }), { seed, numRuns: rounds })

  for (const [round, moment] of moments.entries()) {
    await complete(replica, primary)
    acknowledged.push(...(await uploadUntilKilled({ primary, replica, round, moment })))
    ;[primary, replica] = await failOver(group, { primary, replica, acknowledged })
  }

  const files = await listAll(primary)
  await assertWhole(files)
  for (const yard of [replica, primary]) {
    await yard.kill('SIGTERM')
    assert.ok((await verifyStore(yard.folder)).serials > files.length)
  }
})

interface Pair {
  readonly primary: Yard
  readonly replica: Yard
}

/** The primary is dead. Returns the two in their new roles, once they are the same. */
async function failOver(
  group: Group,
  { primary, replica, acknowledged }: Pair & { acknowledged: readonly Acknowledged[] },
): Promise<[primary: Yard, replica: Yard]> {
  const [hashes, had] = [await hashesOf(replica), await namesOn(replica)]

  // Files of the last changes may not have come: they do when the former primary is there again.
  await promote(replica, '--force')
  const former = await group.start({
    folder: primary.folder,
    args: ['--primary-url', replica.url()],
    isKnown: true,
  })
  await until(async () => (await statusOf(replica))['missing-since-promotion'] === 0)
  await complete(former, replica)

  const has = await namesOn(replica)
  const apart = [...(await namesSetAside(former)), ...(await namesSetAside(replica))]
  for (const { filename, isThroughReplica } of acknowledged) {
    const must = isThroughReplica ? has : new Set([...has, ...apart])
    assert.ok(must.has(filename), `${filename} is lost`)
  }
  assert.deepEqual(
    [...had].filter((name) => !has.has(name)),
    [],
  )
  const after = await hashesOf(replica)
  assert.deepEqual(after.slice(0, hashes.length), hashes)
  assert.deepEqual(await hashesOf(former), after)
  assert.deepEqual(await namesOn(former), has)
  return [replica, former]
}

interface Round extends Pair {
  readonly round: number
  /** The primary is killed after so many answers. */
  readonly moment: number
}

/** Half of them upload through the replica. */
async function uploadUntilKilled({ primary, replica, round, moment }: Round) {
  const acknowledged: Acknowledged[] = []
  let killed: Promise<number> | undefined

  async function upload(client: number): Promise<void> {
    using uploader = makeUploader()
    const isThroughReplica = client % 2 === 1
    const url = (isThroughReplica ? replica : primary).url('ada/dev/')
    for (let number = 0; killed === undefined; number++) {
      const extraFiles = { 'ballast.bin': randomBytes(1000) }
      const wheel = makeWheel(`client${client}`, `${round}.${number}`, { extraFiles })
      const reply = await uploader.upload(url, wheel).catch((error: unknown) => {
        if (killed === undefined) throw error
        return undefined
      })
      if (!reply) return
      const { filename } = wheel
      if (reply.status === 200) acknowledged.push({ filename, isThroughReplica })
      else assert.notEqual(killed, undefined, reply.text)
      if (acknowledged.length >= moment) killed ??= primary.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => upload(client)))
  assert.equal(await killed, 137, primary.log)
  return acknowledged
}

async function listAll(yard: Yard): ReturnType<typeof listFiles> {
  const pages = Array.from({ length: CLIENTS }, (_, client) =>
    listFiles(yard.url(`ada/dev/+simple/client${client}/`)),
  )
  return (await Promise.all(pages)).flat()
}

const namesOn = async (yard: Yard): Promise<Set<string>> =>
  new Set((await listAll(yard)).map(({ filename }) => filename))

async function namesSetAside(yard: Yard): Promise<string[]> {
  const { stdout, code, output } = await admin(yard, 'late-writes', '--json')
  assert.equal(code, 0, output)
  const all = JSON.parse(stdout) as { changes: { paths: string[] }[] }[]
  return all.flatMap(({ changes }) =>
    changes.flatMap(({ paths }) => paths.map((path) => path.split('/').at(-1) ?? '')),
  )
}
