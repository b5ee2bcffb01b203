/**
 * What an upload's answer is worth: whatever was acknowledged survives `kill -9` at any moment. More rounds than
 * usual with WHEELYARD_TEST_ROUNDS=50, other moments with WHEELYARD_TEST_SEED=7.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertWhole, listFiles } from '../support/listed-files.ts'
import { makeUploader } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel, type Distribution } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

/** When the server is killed: after so many answers, or after so many bytes were sent to it. */
interface Moment {
  readonly after: 'answers' | 'bytes'
  readonly count: number
}

const CLIENTS = 8
const rounds = Number(process.env['WHEELYARD_TEST_ROUNDS'] ?? 5)
const seed = Number(process.env['WHEELYARD_TEST_SEED'] ?? 9)

test('no acknowledged upload is lost and none is half there when the server is killed', async (t) => {
  await using yard = await startYard({ stages: ['ada/dev'], args: ['--log-level', 'error'] })
  const acknowledged = new Map<string, string>()
  let unanswered = 0

  for (const [round, moment] of momentsToKill().entries()) {
    const told = await uploadUntil(yard, moment, round)
    for (const [filename, digest] of told) acknowledged.set(filename, digest)
    await yard.restart()

    const present = await listEverything(yard)
    const digests = new Map(present.map(({ filename, hashes }) => [filename, hashes['sha256']]))
    const lost = [...acknowledged].filter(([name, digest]) => digests.get(name) !== digest)
    assert.deepEqual(lost, [], `round ${round}, ${JSON.stringify(moment)}`)
    await assertWhole(present.filter(({ filename }) => isOfRound(filename, round)))
    await verifyStore(yard.folder)
    unanswered = present.length - acknowledged.size
  }

  await assertWhole(await listEverything(yard))
  t.diagnostic(`${acknowledged.size} acknowledged, ${unanswered} more kept without an answer`)
})

function momentsToKill(): Moment[] {
  const moment = fc.oneof(
    fc.record({ after: fc.constant('answers' as const), count: fc.nat(60) }),
    fc.record({ after: fc.constant('bytes' as const), count: fc.nat(4_000_000) }),
  )
  return fc.sample(fc.noBias(moment), { seed, numRuns: rounds })
}

/** Returns the digests of what was acknowledged, by file name. */
async function uploadUntil(
  yard: Yard,
  { after, count }: Moment,
  round: number,
): Promise<ReadonlyMap<string, string>> {
  const acknowledged = new Map<string, string>()
  const progress = { answers: 0, bytes: 0 }
  let killed: Promise<number> | undefined
  const advance = (kind: Moment['after'], by: number): void => {
    progress[kind] += by
    if (progress[after] >= count) killed ??= yard.kill('SIGKILL')
  }

  async function uploadAgainAndAgain(client: number): Promise<void> {
    using uploader = makeUploader({ onSent: (bytes) => advance('bytes', bytes) })
    for (let number = 0; ; number++) {
      const wheel = wheelOf(client, round, number)
      const reply = await uploader.upload(yard.url('ada/dev/'), wheel).catch((error: unknown) => {
        if (killed === undefined) throw error
        return undefined
      })
      if (!reply) return
      assert.equal(reply.status, 200, reply.text)
      acknowledged.set(wheel.filename, wheel.sha256)
      advance('answers', 1)
    }
  }

  advance(after, 0)
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => uploadAgainAndAgain(client)))
  assert.equal(await killed, 137, yard.log)
  return acknowledged
}

/** Mostly small, now and then one that takes its time. */
function wheelOf(client: number, round: number, number: number): Distribution {
  const ballast = randomBytes(number % 4 === client % 4 ? 300_000 : 1000)
  const version = `${round}.${number}`
  return makeWheel(projectOf(client), version, { extraFiles: { 'ballast.bin': ballast } })
}

const projectOf = (client: number): string => `client${client}`

const isOfRound = (filename: string, round: number): boolean =>
  filename.split('-')[1]?.split('.')[0] === `${round}`

async function listEverything(yard: Yard): ReturnType<typeof listFiles> {
  const pages = Array.from({ length: CLIENTS }, (_, client) =>
    listFiles(yard.url(`ada/dev/+simple/${projectOf(client)}/`)),
  )
  return (await Promise.all(pages)).flat()
}
