/** A primary with replicas: how soon an upload is installable from one, and what replicas cost the primary and idle. */
import { setTimeout as wait } from 'node:timers/promises'
import { makeSharedSecret, type SharedSecret } from '../test/support/feed.ts'
import type { Yard } from '../test/support/yard.ts'
import { Connection } from './support/answers.ts'
import { basicAuth, startWheelyard } from './support/contenders.ts'
import { pinServer, unpin } from './support/cores.ts'
import { figureOf } from './support/compare.ts'
import { attachFollowers } from './support/followers.ts'
import { median, type Figure } from './support/figure.ts'
import { processorTime } from './support/memory.ts'
import { startReplica, statusOf, untilStatus } from './support/replicas.ts'
import { makeSmallWheel, makeUploads, sendUploads, uploadBody } from './support/uploads.ts'
import { assertWrk, wrk } from './support/wrk.ts'

const REPLICAS = 3
const UPLOADS_A_SECOND = 20
const SECONDS = 15
/** Replica and primary compile first what they run often. */
const WARM_SECONDS = 5
const PROJECTS = 20
const LOOK_MS = 2
const LONGEST_MS = 10_000

const SETTLE_SECONDS = 12
const IDLE_SECONDS = 5
const IDLE_ROUNDS = 3

const ATTACHED = 50
const PAGE_ROUNDS = 8
const FEW_UPLOADS = 5

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using secret = await makeSharedSecret()
  await using primary = await startWheelyard(['ada/own'], {}, ['--secret-file', secret.path])
  return [
    ...(await measureReplicas(primary, secret, say)),
    ...(await measureAttached(primary, secret, say)),
  ]
}

async function measureReplicas(
  primary: Yard,
  secret: SharedSecret,
  say: (line: string) => void,
): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack()
  const replicas: Yard[] = []
  for (let at = 0; at < REPLICAS; at++) {
    replicas.push(stack.use(await startReplica(primary.url(), secret)))
  }
  const { serial } = await statusOf(primary)
  for (const replica of replicas) await untilStatus(replica, (status) => status.serial >= serial)
  for (const pid of [primary.pid, process.pid]) unpin(pid)
  say(`${UPLOADS_A_SECOND} uploads a second, ${REPLICAS} replicas …`)
  await uploadsUntilInstallable(primary, replicas, 'warm', WARM_SECONDS)
  const lags = await uploadsUntilInstallable(primary, replicas, 'own', SECONDS)

  say(`${REPLICAS} replicas at rest …`)
  const [replica] = replicas as [Yard]
  // The process that writes the search index ends meanwhile.
  await wait(SETTLE_SECONDS * 1000)
  const perMinute: number[] = []
  for (let round = 0; round < IDLE_ROUNDS; round++) {
    const before = await processorTime(replica.pid)
    await wait(IDLE_SECONDS * 1000)
    const spent = (await processorTime(replica.pid)) - before
    perMinute.push((spent / 1000) * (60 / IDLE_SECONDS))
  }
  const lag = (name: string, what: string, ours: number): Figure => {
    return { name: `replica.lag.${name}`, what, unit: 'ms', ours }
  }
  return [
    lag('median', 'from the answer to an upload until a replica offers the file', median(lags)),
    lag(
      '95',
      '  of 95 in 100 at most',
      lags.toSorted((a, b) => a - b)[Math.floor(lags.length * 0.95)]!,
    ),
    {
      name: 'replica.idle',
      what: "an idle replica's processor time a minute",
      unit: 's',
      ours: median(perMinute),
      rounds: { ours: perMinute },
    },
  ]
}

/** Milliseconds of each upload; the replicas are asked in turns. */
async function uploadsUntilInstallable(
  primary: Yard,
  replicas: readonly Yard[],
  name: string,
  seconds: number,
): Promise<number[]> {
  const authorization = await basicAuth(primary, 'ada', 'token')
  const running: Promise<number>[] = []
  const begin = performance.now()
  for (let at = 0; at < seconds * UPLOADS_A_SECOND; at++) {
    await wait(Math.max(0, begin + (at * 1000) / UPLOADS_A_SECOND - performance.now()))
    const [project, version] = [`${name}-${at % PROJECTS}`, `1.${at}`]
    const wheel = makeSmallWheel(project, version)
    const uploads = [uploadBody(project, version, wheel)]
    const replica = replicas[at % replicas.length]!
    const one = sendUploads({
      url: primary.url('ada/own/'),
      authorization,
      uploads,
      connections: 1,
    })
    running.push(one.then(() => untilInstallable(replica, project, wheel)))
  }
  return Promise.all(running)
}

/** Milliseconds until its page lists the file and the file can be had. */
async function untilInstallable(
  replica: Yard,
  project: string,
  { filename, bytes }: { readonly filename: string; readonly bytes: Buffer },
): Promise<number> {
  using connection = new Connection()
  const begin = performance.now()
  const page = replica.url(`ada/own/+simple/${project}/`)
  while (performance.now() - begin < LONGEST_MS) {
    const answer = await connection.get(page, { accept: 'application/vnd.pypi.simple.v1+json' })
    const { files = [] } =
      answer.status === 200
        ? (JSON.parse(answer.body.toString()) as { files?: { filename: string; url: string }[] })
        : {}
    const file = files.find((one) => one.filename === filename)
    if (file) {
      const { body } = await connection.get(new URL(file.url, page).href)
      if (body.equals(bytes)) return performance.now() - begin
      throw new Error(`${filename} has other bytes on the replica`)
    }
    await wait(LOOK_MS)
  }
  throw new Error(`${filename} did not come within ${LONGEST_MS} ms`)
}

/** The same page with and without replicas that have all there is, in turns: at rest, and while something is uploaded. */
async function measureAttached(
  primary: Yard,
  secret: SharedSecret,
  say: (line: string) => void,
): Promise<Figure[]> {
  pinServer(primary.pid)
  say(`warm pages with ${ATTACHED} replicas …`)
  const load = {
    ...{ pid: primary.pid, url: primary.url('ada/own/+simple/own-0/') },
    ...{ headers: { accept: 'text/html' }, connections: 16, seconds: 1 },
  }
  await wrk({ ...load, seconds: 3 })
  const sides = [
    { name: 'replica.pages', what: 'at rest', uploads: 0 },
    {
      name: 'replica.pages.uploads',
      what: `${FEW_UPLOADS} uploads a second`,
      uploads: FEW_UPLOADS,
    },
  ]
  const figures: Figure[] = []
  for (const { name, what, uploads } of sides) {
    const own: number[] = []
    const other: number[] = []
    const rate = async (at: string) => {
      const uploading = uploadSome(primary, `${name}-${at}`, uploads)
      const { perCpuSecond } = await wrk(load)
      await uploading
      return perCpuSecond
    }
    for (let round = 0; round < PAGE_ROUNDS; round++) {
      const alone = async () => other.push(await rate(`without-${round}`))
      const followed = async () => {
        await using _followers = await attachFollowers(primary, secret, ATTACHED)
        own.push(await rate(`with-${round}`))
      }
      for (const turn of round % 2 === 0 ? [alone, followed] : [followed, alone]) await turn()
    }
    const told = `warm pages per second of processor time, ${ATTACHED} replicas attached, ${what}`
    figures.push(figureOf({ name, what: told, unit: '/s', peerName: 'none attached' }, own, other))
  }
  return figures
}

async function uploadSome(primary: Yard, project: string, count: number): Promise<void> {
  const authorization = await basicAuth(primary, 'ada', 'token')
  const uploads = makeUploads(project.replaceAll('.', '-'), 0, count)
  await sendUploads({ url: primary.url('ada/own/'), authorization, uploads, connections: 1 })
}
