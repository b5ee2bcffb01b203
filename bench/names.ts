/** Lists of names: of an index with 1,000 projects against all who can serve it, and of a mirror with 700,000. */
import { chunked, namesPage, startFakeUpstream } from '../test/support/fake-upstream.ts'
import { Connection } from './support/answers.ts'
import { startBare } from './support/bare.ts'
import {
  basicAuth,
  makeMirror,
  startDevpi,
  startWheelyard,
  type Contender,
} from './support/contenders.ts'
import { contest, UNTIL_COMPILED, type Entrant } from './support/contest.ts'
import { median, type Figure } from './support/figure.ts'
import { percentile } from './support/load.ts'
import { startNginx, startProxpi } from './support/peers.ts'
import { rounds } from './support/quick.ts'
import { openReader } from './support/readers.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'
import { assertWrk, wrkLoad } from './support/wrk.ts'

const FEW = 1000
const MANY = 700_000
const ROUNDS = 5
const SECONDS = 1
const CONNECTIONS = 16
const SLOW_CONNECTIONS = 4
const LIST_ROUNDS = 7
const PAGE_SECONDS = 6

const accepts = {
  json: { accept: 'application/vnd.pypi.simple.v1+json' },
  html: { accept: 'text/html' },
} as const
type Format = keyof typeof accepts

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  return [...(await measureFew(say)), ...(await measureMany(say))]
}

async function measureFew(say: (line: string) => void): Promise<Figure[]> {
  await using upstream = await startFakeUpstream(chunked([...namesPage(FEW)]))
  await using ours = await startWheelyard(['ada/own'])
  await using devpi = await startDevpi()
  await using proxpi = await startProxpi(upstream.url('simple/'), say)
  const uploads = Array.from({ length: FEW }, (_, at) => makeUploads(`project-${at}`, 0, 1)).flat()
  const authorization = await basicAuth(ours, 'ada', 'token')
  await sendUploads({ url: ours.url('ada/own/'), authorization, uploads, connections: 4 })
  for (const server of [ours, devpi]) {
    await makeMirror(server, 'ada/mirror', upstream.url('simple/'))
  }

  using connection = new Connection()
  const formats = Object.keys(accepts) as Format[]
  const own = (path: string) => ours.url(path)
  const captured = Object.fromEntries(
    await Promise.all(
      formats.map(
        async (format) =>
          [format, await connection.get(own('ada/own/+simple/'), accepts[format])] as const,
      ),
    ),
  )
  // An upstream's list is fetched when it is first asked for.
  for (const server of [ours, devpi]) {
    await connection.time(server.url('ada/mirror/+simple/'), accepts.json)
  }
  await using bare = await startBare(captured)
  await using nginx = await startNginx(
    Object.fromEntries(formats.map((format) => [`names.${format}`, captured[format]?.body ?? ''])),
  )
  const figures: Figure[] = []
  for (const format of formats) {
    say(`list of ${FEW} names, ${format} …`)
    const enter = (
      name: string,
      key: string,
      server: Pick<Contender, 'pid' | 'url'>,
      path: string,
    ): Entrant => {
      const connections = key === 'devpi' || key === 'proxpi' ? SLOW_CONNECTIONS : CONNECTIONS
      const load = {
        url: server.url(path),
        headers: accepts[format],
        connections,
        seconds: SECONDS,
      }
      const warmUp = key === 'ours' || key === 'node' ? UNTIL_COMPILED : 1
      return { name, key, warmUp, pids: [server.pid], run: () => wrkLoad(load, [server.pid]) }
    }
    const peers = [
      enter('bare node', 'node', bare, format),
      enter('nginx', 'nginx', nginx, `names.${format}`),
      enter('devpi-server, mirror', 'devpi', devpi, 'ada/mirror/+simple/'),
      enter('proxpi', 'proxpi', proxpi, 'index/'),
    ]
    for (const [kind, path] of [
      ['own', 'ada/own/+simple/'],
      ['mirror', 'ada/mirror/+simple/'],
    ] as const) {
      const what = `list of ${FEW} names, ${kind === 'own' ? 'own index' : 'mirrored'}, ${format.toUpperCase()}`
      const facts = { name: `names.${kind}.${format}`, what, rounds: ROUNDS }
      figures.push(
        ...(await contest({ ...facts, ours: enter('Wheelyard', 'ours', ours, path), peers })),
      )
    }
  }
  return figures
}

const codings = { identity: 'plain', gzip: 'gzip' } as const

/** The first byte and the last, and what pages of others wait meanwhile. */
async function measureMany(say: (line: string) => void): Promise<Figure[]> {
  await using upstream = await startFakeUpstream(chunked([...namesPage(MANY)]))
  await using ours = await startWheelyard(['ada/own'])
  await makeMirror(ours, 'ada/mirror', upstream.url('simple/'))
  const authorization = await basicAuth(ours, 'ada', 'token')
  const uploads = makeUploads('anchor', 0, 200)
  await sendUploads({ url: ours.url('ada/own/'), authorization, uploads, connections: 4 })
  const list = ours.url('ada/mirror/+simple/')
  say(`list of ${MANY} names for the first time …`)
  using connection = new Connection()
  await connection.time(list, accepts.json)

  const figures: Figure[] = []
  for (const [coding, told] of Object.entries(codings)) {
    const headers = { ...accepts.json, 'accept-encoding': coding }
    say(`list of ${MANY} names, ${told} …`)
    const seen = []
    using reader = await openReader(list, headers)
    for (let round = -1; round < rounds(LIST_ROUNDS); round++) {
      const answer = await reader.read()
      if (round >= 0) seen.push(answer)
    }
    const what = `list of ${MANY} names, ${told}`
    const figure = (name: string, of: string, times: number[]): Figure => ({
      name: `names.many.${coding}.${name}`,
      what: of,
      unit: 'ms',
      ours: median(times),
      rounds: { ours: times },
    })
    figures.push(
      figure(
        'first',
        `${what}: first byte`,
        seen.map(({ firstByte }) => firstByte),
      ),
    )
    figures.push(
      figure(
        'whole',
        '  the last byte',
        seen.map(({ whole }) => whole),
      ),
    )
    figures.push(await timeOthers(ours, list, coding, headers))
  }
  return figures
}

/** One client reads a page again and again while two read the list; the figure is by how much its 99th percentile grows. */
async function timeOthers(
  ours: Contender,
  list: string,
  coding: string,
  headers: Readonly<Record<string, string>>,
): Promise<Figure> {
  const page = ours.url('ada/own/+simple/anchor/')
  using connection = new Connection()
  const p99 = async (): Promise<number> => {
    const times: number[] = []
    const begin = performance.now()
    while (performance.now() - begin < (PAGE_SECONDS * 1000) / 2) {
      times.push(await connection.time(page, accepts.json))
    }
    return percentile(times, 99)
  }
  const calm: number[] = []
  const busy: number[] = []
  for (let round = -1; round < rounds(LIST_ROUNDS); round++) {
    const alone = await p99()
    let isOver = false
    const reading = Promise.all(
      Array.from({ length: 2 }, async () => {
        using reader = await openReader(list, headers)
        while (!isOver) await reader.read()
      }),
    )
    const beside = await p99()
    isOver = true
    await reading
    if (round < 0) continue
    calm.push(alone)
    busy.push(beside)
  }
  const grown = busy.map((value, round) => value - (calm[round] ?? NaN))
  return {
    name: `names.many.${coding}.others`,
    what: "  by how much the 99th percentile of others' pages grows meanwhile",
    unit: 'ms',
    ours: median(grown),
    peer: { name: 'without', value: median(calm) },
    rounds: { ours: busy, peer: calm },
  }
}
