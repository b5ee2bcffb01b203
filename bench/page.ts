/** Warm project pages of 200 files, against bare Node with the same bytes and against devpi-server. */
import { makeStages } from '../test/support/devpi-api.ts'
import { startStaticIndex } from '../test/support/static-index.ts'
import { Connection, type WireAnswer } from './support/answers.ts'
import { startBare, type BareServer } from './support/bare.ts'
import { compare, figureOf } from './support/compare.ts'
import {
  basicAuth,
  makeMirror,
  startDevpi,
  startWheelyard,
  type Contender,
} from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { makeSmallWheel, sendUploads, uploadBody, type UploadBody } from './support/uploads.ts'
import { assertWrk, wrk, type WrkOptions } from './support/wrk.ts'

const FILES = 200
const ROUNDS = 7
const SECONDS = 1
const CONNECTIONS = 16
const DEVPI_CONNECTIONS = 4
const DEVPI_ROUNDS = 3

const accepts = {
  JSON: { accept: 'application/vnd.pypi.simple.v1+json' },
  HTML: { accept: 'text/html' },
} as const

const places = {
  own: { what: 'own index', path: 'ada/own/+simple/anchor/' },
  over: { what: 'over two bases', path: 'ada/over/+simple/anchor/' },
  mirror: { what: 'mirrored', path: 'ada/mirror/+simple/anchor/' },
} as const

interface Case {
  readonly name: string
  readonly what: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using upstream = await startStaticIndex(makeFiles())
  await using ours = await startWheelyard()
  await using devpi = await startDevpi()
  for (const server of [ours, devpi]) await fill(server, upstream.url('simple/'))

  using connection = new Connection()
  const cases = [...pageCases(), ...(await otherCases(connection, ours))]
  const captured: Record<string, WireAnswer> = {}
  for (const one of cases) captured[one.name] = await capture(connection, ours, one)
  await using bare = await startBare(captured)
  for (const one of cases) await warmUp(ours, bare, one)

  const figures: Figure[] = []
  for (const one of cases) {
    say(`${one.what} …`)
    figures.push(...(await againstBare(ours, bare, one)))
    if (one.name.startsWith('page.')) figures.push(await againstDevpi(ours, devpi, one))
  }
  return figures
}

const versions = Array.from({ length: FILES }, (_, at) => `1.${at}`)
const wheels = new Map(versions.map((version) => [version, makeSmallWheel('anchor', version)]))

function makeFiles() {
  return [...wheels.values()].map((wheel) => ({
    ...wheel,
    requiresPython: '>=3.9',
    uploadTime: '2024-05-06T07:08:09.123456Z',
  }))
}

/** The same 200 files on an index of their own, half of them on each of two bases, and behind a mirror. */
async function fill(server: Contender, upstreamUrl: string): Promise<void> {
  const over = { name: 'ada/over', bases: ['ada/one', 'ada/two'] }
  await makeStages(server.url(), ['ada/own', 'ada/one', 'ada/two', over])
  await makeMirror(server, 'ada/mirror', upstreamUrl)

  const uploads = [...wheels].map(([version, wheel]) => uploadBody('anchor', version, wheel))
  const half = FILES / 2
  const authorization = await basicAuth(server, 'ada', 'token')
  const send = (index: string, own: readonly UploadBody[]) =>
    sendUploads({ url: server.url(`${index}/`), authorization, uploads: own, connections: 2 })
  await send('ada/own', uploads)
  await send('ada/one', uploads.slice(0, half))
  await send('ada/two', uploads.slice(half))
}

function pageCases(): Case[] {
  return Object.entries(places).flatMap(([place, { what, path }]) =>
    Object.entries(accepts).map(([format, headers]) => ({
      name: `page.${place}.${format.toLowerCase()}`,
      what: `page of ${FILES} files, ${what}, ${format}`,
      path,
      headers,
    })),
  )
}

/** What installers also ask for: a page they have already, and a smaller form of it. */
async function otherCases(connection: Connection, ours: Contender): Promise<Case[]> {
  const { path } = places.own
  const { headers } = await connection.get(ours.url(path), accepts.JSON)
  const [, etag = ''] = headers.find(([name]) => name.toLowerCase() === 'etag') ?? []
  return [
    {
      name: 'unchanged',
      what: 'the same, JSON, 304 for who has it',
      path,
      headers: { ...accepts.JSON, 'if-none-match': etag },
    },
    {
      name: 'gzip',
      what: 'the same, JSON, gzip',
      path,
      headers: { ...accepts.JSON, 'accept-encoding': 'gzip' },
    },
  ]
}

async function capture(
  connection: Connection,
  ours: Contender,
  { name, path, headers }: Case,
): Promise<WireAnswer> {
  const answer = await connection.get(ours.url(path), headers)
  const expected = name === 'unchanged' ? 304 : 200
  if (answer.status !== expected)
    throw new Error(`${path}: ${answer.status} ${answer.body.toString()}`)
  const text = name.startsWith('page.') ? answer.body.toString() : undefined
  const count = new Set(text?.match(/anchor-1\.\d+-py3-none-any\.whl/g)).size
  if (text && count !== FILES) throw new Error(`${path} lists ${count} of ${FILES} files`)
  return answer
}

async function warmUp(ours: Contender, bare: BareServer, one: Case): Promise<void> {
  const load = { headers: one.headers, connections: CONNECTIONS, seconds: 1 }
  await wrk({ ...load, pid: bare.pid, url: bare.url(one.name) })
  await wrk({ ...load, pid: ours.pid, url: ours.url(one.path) })
}

async function againstBare(ours: Contender, bare: BareServer, one: Case): Promise<Figure[]> {
  const names = { name: `${one.name}.node`, what: one.what, unit: '/s', peerName: 'bare node' }
  const load = { headers: one.headers, connections: CONNECTIONS, seconds: SECONDS }
  const own = side(ours.pid, { ...load, url: ours.url(one.path) })
  const other = side(bare.pid, { ...load, url: bare.url(one.name) })
  const figure = await compare({ ...names, rounds: ROUNDS, ours: own, peer: other })
  const cpu = {
    name: `${names.name}.cpu`,
    what: "  by the server's processor time",
    unit: '/s',
    peerName: 'bare node',
  }
  return [figure, figureOf(cpu, own.perCpuSecond, other.perCpuSecond)]
}

function againstDevpi(ours: Contender, devpi: Contender, one: Case): Promise<Figure> {
  const names = { name: `${one.name}.devpi`, what: '  the same', unit: '/s' }
  const load = { headers: one.headers, connections: DEVPI_CONNECTIONS, seconds: SECONDS }
  return compare({
    ...names,
    peerName: 'devpi-server',
    rounds: DEVPI_ROUNDS,
    ours: side(ours.pid, { ...load, url: ours.url(one.path) }),
    peer: side(devpi.pid, { ...load, url: devpi.url(one.path) }),
  })
}

/** Also keeps the rate of each round by processor time. */
function side(pid: number, load: Omit<WrkOptions, 'pid'>) {
  const perCpuSecond: number[] = []
  return {
    pid,
    perCpuSecond,
    async measure(): Promise<number> {
      const rate = await wrk({ ...load, pid })
      perCpuSecond.push(rate.perCpuSecond)
      return rate.perSecond
    },
  }
}
