/** Many clients at once for a large file that is not here yet, against the same with the file here. */
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { startFakeUpstream } from '../test/support/fake-upstream.ts'
import { staticIndex } from '../test/support/static-index.ts'
import { makeMirror, startDevpi, startWheelyard, type Contender } from './support/contenders.ts'
import { figureOf } from './support/compare.ts'
import { Connection } from './support/answers.ts'
import { download } from './support/download.ts'
import type { Figure } from './support/figure.ts'
import { growthDuring } from './support/memory.ts'
import { rounds as roundsOf } from './support/quick.ts'

const contests: readonly { clients: number; rounds: number; workers?: number }[] = [
  { clients: 1, rounds: 5 },
  { clients: 40, rounds: 5 },
  { clients: 200, rounds: 3 },
  { clients: 200, rounds: 3, workers: 2 },
]
const DEVPI_CLIENTS = 40
const BYTES = 50 * 1024 * 1024
const DEVPI_ROUNDS = 1
const SETTLE_MS = 5000

interface Round {
  readonly missMs: number
  readonly hitMs: number
  readonly growth: number
  readonly hitGrowth: number
  readonly upstreamRequests: number
}

const content = randomBytes(BYTES)
const filenameOf = (round: number): string => `anchor-1.${round}-py3-none-any.whl`

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  const all: Figure[] = []
  for (const { clients, rounds, workers = 1 } of contests) {
    const who = workers > 1 ? `Wheelyard, ${workers} workers` : 'Wheelyard'
    say(`${who}: ${clients} clients, ${BYTES / 2 ** 20} MB …`)
    // What one has grown by stays with a process: each number of clients meets a new one.
    await using ours = await startWheelyard([], {}, ['--workers', `${workers}`])
    const own = await runRounds(ours, clients, roundsOf(rounds))
    const name = workers > 1 ? `miss.${clients}.workers` : `miss.${clients}`
    all.push(...figures(name, who, clients, own))
  }
  say(`${DEVPI_CLIENTS} clients on devpi-server …`)
  await using devpi = await startDevpi()
  const theirs = await runRounds(devpi, DEVPI_CLIENTS, DEVPI_ROUNDS)
  return [...all, ...figures('miss.devpi', 'devpi-server', DEVPI_CLIENTS, theirs)]
}

/** Each round has a file of its own; all hold the same bytes under names and links of their own. */
async function runRounds(server: Contender, clients: number, rounds: number): Promise<Round[]> {
  // What a start leaves behind is given back within seconds, and would hide as much growth.
  await wait(SETTLE_MS)
  const results: Round[] = []
  for (let round = 0; round < rounds; round++) {
    // Another first byte: a server that knows the digest already would rightly ask nobody.
    const bytes = Buffer.from(content)
    bytes.writeUInt32LE(round, 0)
    results.push(await runRound(server, clients, round, bytes))
  }
  return results
}

async function runRound(
  server: Contender,
  clients: number,
  round: number,
  bytes: Buffer,
): Promise<Round> {
  const filename = filenameOf(round)
  await using upstream = await startFakeUpstream(staticIndex([{ filename, bytes }]))
  await makeMirror(server, `ada/mirror${round}`, upstream.url('simple/'))
  const file = await findFile(server, `ada/mirror${round}/+simple/anchor/`, filename)

  const all = async (): Promise<number> => {
    const begin = performance.now()
    const sizes = await Promise.all(Array.from({ length: clients }, () => download(file)))
    if (sizes.some((size) => size < bytes.length)) throw new Error(`short bodies: ${sizes.join()}`)
    return performance.now() - begin
  }
  let missMs = 0
  const growth = await growthDuring(server.pid, async () => void (missMs = await all()))
  let hitMs = 0
  const hitGrowth = await growthDuring(server.pid, async () => void (hitMs = await all()))
  await assertWhole(file, bytes)
  return {
    missMs,
    hitMs,
    growth,
    hitGrowth,
    upstreamRequests: upstream.requestsTo(`/files/${filename}`).length,
  }
}

async function findFile(server: Contender, path: string, filename: string): Promise<string> {
  using connection = new Connection()
  const page = await connection.get(server.url(path), { accept: 'text/html' })
  const href = new RegExp(`href="([^"#]*${RegExp.escape(filename)})`).exec(page.body.toString())
  if (!href?.[1]) throw new Error(`${path} does not list ${filename}: ${page.body.toString()}`)
  return new URL(href[1], server.url(path)).href
}

async function assertWhole(file: string, bytes: Buffer): Promise<void> {
  using connection = new Connection()
  const { body } = await connection.get(file)
  if (!body.equals(bytes)) throw new Error(`${file} has other bytes than upstream's`)
}

function figures(name: string, who: string, clients: number, rounds: readonly Round[]): Figure[] {
  const many = `${clients} ${clients === 1 ? 'client' : 'clients'} for a 50 MB file not here yet`
  const names = { name: `${name}.time`, what: `${who}: ${many}`, unit: 'ms', peerName: 'file here' }
  const growths = rounds.map((round) => round.growth)
  const hitGrowths = rounds.map((round) => round.hitGrowth)
  const counts = rounds.map((round) => round.upstreamRequests)
  return [
    figureOf(
      names,
      rounds.map((round) => round.missMs),
      rounds.map((round) => round.hitMs),
    ),
    {
      name: `${name}.memory`,
      what: `${who}: growth of resident memory meanwhile, at most`,
      unit: 'MB',
      // The first one counts most: the memory of a process that has grown before stays with it.
      ours: Math.max(...growths),
      rounds: { ours: growths },
    },
    {
      name: `${name}.memory.here`,
      what: `${who}: the same with the file here`,
      unit: 'MB',
      ours: Math.max(...hitGrowths),
      rounds: { ours: hitGrowths },
    },
    {
      name: `${name}.requests`,
      what: `${who}: requests to upstream, at most`,
      unit: '',
      ours: Math.max(...counts),
      rounds: { ours: counts },
    },
  ]
}
