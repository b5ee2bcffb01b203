/** Downloads of what is here: small and large files, parts of them and core metadata, against all who can serve the same. */
import { makeStages } from '../test/support/devpi-api.ts'
import { startStaticIndex } from '../test/support/static-index.ts'
import { startPypiserver } from '../test/support/upstream.ts'
import type { Distribution } from '../test/support/wheel.ts'
import { Connection } from './support/answers.ts'
import { startBare } from './support/bare.ts'
import { basicAuth, startDevpi, startWheelyard, type Contender } from './support/contenders.ts'
import { contest, UNTIL_COMPILED, type Entrant } from './support/contest.ts'
import { pinServer } from './support/cores.ts'
import type { Figure } from './support/figure.ts'
import { loadOf } from './support/load.ts'
import { startNginx as startFront } from '../test/support/nginx.ts'
import { listChildren } from './support/memory.ts'
import { startNginx, startProxpi } from './support/peers.ts'
import { isQuick } from './support/quick.ts'
import { readAgain } from './support/readers.ts'
import { makeSizedWheel, sendUploads, uploadBody } from './support/uploads.ts'
import { assertWrk, wrkLoad } from './support/wrk.ts'

const ROUNDS = 5
const SECONDS = 1
const CONNECTIONS = 16
const SLOW_CONNECTIONS = 4
const PART = 64 * 1024

const small = makeSizedWheel('small', '1.0', 4096)
const large = makeSizedWheel('large', '1.0', 50 * 1024 * 1024)
const wheels: Readonly<Record<string, Distribution>> = { small, large }

interface Case {
  readonly name: string
  readonly what: string
  readonly project: 'small' | 'large'
  readonly part: 'file' | 'metadata'
  readonly headers?: Readonly<Record<string, string>>
  /** Megabytes are counted, not answers. */
  readonly isLarge?: boolean
}

const middle = large.bytes.length >> 1
const range = { range: `bytes=${middle}-${middle + PART - 1}` }
const cases: readonly Case[] = [
  { name: 'file.4kb', what: 'file of 4 KB', project: 'small', part: 'file' },
  { name: 'file.50mb', what: 'file of 50 MB', project: 'large', part: 'file', isLarge: true },
  {
    name: 'file.range',
    what: '64 KB of a file of 50 MB',
    project: 'large',
    part: 'file',
    headers: range,
  },
  { name: 'file.metadata', what: 'core metadata of a wheel', project: 'small', part: 'metadata' },
]

/** Where a server has the file or its metadata; undefined where it has it not. */
type Find = (one: Case) => Promise<string | undefined>

interface Peer {
  readonly name: string
  readonly key: string
  readonly pids: readonly number[]
  readonly find: Find
  readonly connections: number
}

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using upstream = await startStaticIndex(Object.values(wheels))
  await using ours = await startWheelyard()
  await using devpi = await startDevpi()
  await using proxpi = await startProxpi(upstream.url('simple/'), say)
  await using pypiserver = await startPypiserver(Object.values(wheels))
  pinServer(pypiserver.pid)
  for (const server of [ours, devpi]) await fill(server)
  await using nginx = await startNginx({
    [small.filename]: small.bytes,
    [large.filename]: large.bytes,
    [`${small.filename}.metadata`]: small.metadataBytes,
  })
  const headers = [['content-type', 'application/octet-stream']] as const
  await using bare = await startBare({
    'file.4kb': { status: 200, headers, body: small.bytes },
    'file.range': { status: 206, headers, body: large.bytes.subarray(0, PART) },
    'file.metadata': { status: 200, headers, body: small.metadataBytes },
  })

  await using handing = await startWheelyard([], {}, ['--send-file', 'x-accel-redirect'])
  await fill(handing)
  await using front = await startFront({ upstream: handing.url(), sendsFrom: handing.folder })
  pinServer((await listChildren(front.pid))[0] ?? front.pid)

  const own: Peer = peer('Wheelyard', 'ours', ours, listed(ours), CONNECTIONS)
  const behind: Peer = {
    ...peer('Wheelyard behind nginx', 'ours', handing, listed(front), CONNECTIONS),
    pids: [handing.pid, front.pid],
  }
  const peers: readonly Peer[] = [
    peer('nginx', 'nginx', nginx, async (one) => nginx.url(filenameOf(one)), CONNECTIONS),
    peer(
      'bare node',
      'node',
      bare,
      async ({ name, isLarge }) => (isLarge ? undefined : bare.url(name)),
      CONNECTIONS,
    ),
    peer('devpi-server', 'devpi', devpi, listed(devpi), SLOW_CONNECTIONS),
    peer(
      'proxpi',
      'proxpi',
      proxpi,
      async (one) => proxpi.url(`index/${one.project}/${filenameOf(one)}`),
      SLOW_CONNECTIONS,
    ),
    peer(
      'pypiserver',
      'pypiserver',
      pypiserver,
      async (one) => pypiserver.url(`packages/${filenameOf(one)}`),
      SLOW_CONNECTIONS,
    ),
  ]
  const figures: Figure[] = []
  for (const one of isQuick ? cases.slice(0, 2) : cases) {
    say(`${one.what} …`)
    figures.push(...(await measureCase(one, own, peers)))
    if (one.part === 'metadata') continue
    say(`${one.what}, sent by nginx in front …`)
    const sent = { ...one, name: `${one.name}.accel`, what: `${one.what}, X-Accel-Redirect` }
    figures.push(...(await measureCase(sent, behind, peers.slice(0, 1))))
  }
  return figures
}

async function measureCase(one: Case, own: Peer, peers: readonly Peer[]): Promise<Figure[]> {
  const entrants = await Promise.all([own, ...peers].map((each) => enter(each, one)))
  const [first, ...others] = entrants.filter((entrant) => entrant !== undefined)
  if (!first || first.key !== 'ours') throw new Error(`${one.what}: we do not have it`)
  const unit = one.isLarge ? ' MB/s' : '/s'
  return contest({ ...one, unit, rounds: ROUNDS, ours: first, peers: others })
}

const peer = (
  name: string,
  key: string,
  server: Pick<Contender, 'pid'>,
  find: Find,
  connections: number,
): Peer => ({ name, key, pids: [server.pid], find, connections })

const filenameOf = ({ project, part }: Pick<Case, 'project' | 'part'>): string =>
  `${wheels[project]?.filename}${part === 'metadata' ? '.metadata' : ''}`

async function fill(server: Contender): Promise<void> {
  await makeStages(server.url(), ['ada/own'])
  const authorization = await basicAuth(server, 'ada', 'token')
  const uploads = Object.entries(wheels).map(([name, wheel]) => uploadBody(name, '1.0', wheel))
  await sendUploads({ url: server.url('ada/own/'), authorization, uploads, connections: 1 })
}

/** Where the project's page says that it is. */
const listed =
  (server: Pick<Contender, 'url'>): Find =>
  async ({ project, part }) => {
    using connection = new Connection()
    const page = server.url(`ada/own/+simple/${project}/`)
    const { body } = await connection.get(page, { accept: 'text/html' })
    const href = /href="([^"#]*\.whl)/.exec(body.toString())?.[1]
    if (!href) throw new Error(`${page} lists nothing: ${body.toString()}`)
    return new URL(href, page).href + (part === 'metadata' ? '.metadata' : '')
  }

/** Undefined where the server does not give what the others give. */
async function enter(
  { name, key, pids, find, connections }: Peer,
  one: Case,
): Promise<Entrant | undefined> {
  const { project, part, headers = {}, isLarge = false } = one
  const url = await find(one)
  if (url === undefined) return undefined
  using connection = new Connection()
  const answer = await connection.get(url, headers)
  const bytes = part === 'metadata' ? wheels[project]?.metadataBytes : wheels[project]?.bytes
  const expected = headers['range'] === undefined ? bytes : bytes?.subarray(middle, middle + PART)
  const isSame = answer.status < 300 && answer.body.length === expected?.length
  if (!isSame) return undefined
  const load = { url, headers, seconds: SECONDS }
  const run = isLarge
    ? () => loadOf(pids, () => readAgain({ ...load, connections: SLOW_CONNECTIONS }))
    : () => wrkLoad({ ...load, connections }, pids)
  const warmUp = key === 'ours' || key === 'node' ? UNTIL_COMPILED : 1
  return { name, key, warmUp, pids, run }
}
