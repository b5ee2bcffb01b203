/** Warm project pages of 200 and of 5,000 files, against all who can serve the same. */
import { startStaticIndex } from '../test/support/static-index.ts'
import { startPypiserver } from '../test/support/upstream.ts'
import { Connection, type WireAnswer } from './support/answers.ts'
import { startBare } from './support/bare.ts'
import { startDevpi, startWheelyard, type Contender } from './support/contenders.ts'
import { contest, UNTIL_COMPILED, type Entrant } from './support/contest.ts'
import { pinServer } from './support/cores.ts'
import type { Figure } from './support/figure.ts'
import { residentMemory } from './support/memory.ts'
import { FEW, fill, MANY, places, projects, upstreamFiles } from './support/page-world.ts'
import type { FileCount, Place } from './support/page-world.ts'
import { startNginx, startProxpi } from './support/peers.ts'
import { isQuick } from './support/quick.ts'
import { assertWrk, wrkLoad } from './support/wrk.ts'

const ROUNDS = 5
const SECONDS = 1
const CONNECTIONS = 16
/** They answer as many with four. */
const SLOW_CONNECTIONS = 4

const accepts = {
  json: { accept: 'application/vnd.pypi.simple.v1+json' },
  html: { accept: 'text/html' },
} as const
type Format = keyof typeof accepts

/** What a quick run looks at. */
const quick = ['page.own.json', 'page.mirror.html', 'unchanged']

interface Case {
  readonly name: string
  readonly what: string
  readonly place: Place
  readonly files: FileCount
  readonly format: Format
  /** Beside `accept`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: 304
}

interface World {
  readonly ours: Contender
  readonly devpi: Contender
  readonly proxpi: Contender
  readonly pypiserver: Contender
}

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  say('filling the servers …')
  await using upstream = await startStaticIndex(upstreamFiles(FEW, MANY))
  const upstreamUrl = upstream.url('simple/')
  await using ours = await startWheelyard()
  await using devpi = await startDevpi()
  await using proxpi = await startProxpi(upstreamUrl, say)
  await using pypiserver = await startPypiserver(upstreamFiles(FEW))
  pinServer(pypiserver.pid)
  await fill(ours, upstreamUrl, isQuick ? [FEW] : [FEW, MANY])
  // Its uploads of thousands of files would take minutes: of those it has the mirror alone.
  await fill(devpi, upstreamUrl, [FEW])
  const world: World = { ours, devpi, proxpi, pypiserver }

  using connection = new Connection()
  const cases = listCases(await etagOf(connection, ours)).filter(
    ({ name }) => !isQuick || quick.includes(name),
  )
  const captured: Record<string, WireAnswer> = {}
  for (const one of cases) captured[one.name] = await capture(connection, ours, one)
  await using bare = await startBare(captured)
  await using nginx = await startNginx(
    Object.fromEntries(
      cases.map(({ name, format }) => [`${name}.${format}`, captured[name]?.body ?? '']),
    ),
  )

  const figures: Figure[] = []
  for (const one of cases) {
    say(`${one.what} …`)
    const nginxPath = `${one.name}.${one.format}`
    const etag = one.status === 304 ? await etagAt(connection, nginx.url(nginxPath)) : ''
    const known = one.status === 304 ? { 'if-none-match': etag } : {}
    const others = othersFor(world, one)
    for (const { url } of others) await assertWhole(connection, url, one)
    figures.push(
      ...(await contest({
        name: one.name,
        what: one.what,
        rounds: ROUNDS,
        ours: entrant('Wheelyard', 'ours', ours, pathOf(one), one, CONNECTIONS),
        peers: [
          entrant('bare node', 'node', bare, one.name, one, CONNECTIONS),
          entrant('nginx', 'nginx', nginx, nginxPath, { ...one, headers: known }, CONNECTIONS),
          ...others,
        ],
      })),
    )
  }
  const memory = await residentMemory(ours.pid)
  const what = 'resident memory after all of these pages'
  return [...figures, { name: 'page.memory', what, unit: 'MB', ours: memory }]
}

function listCases(etag: string): Case[] {
  const counts: readonly FileCount[] = [FEW, MANY]
  const pages = counts.flatMap((files) =>
    (Object.keys(places) as Place[]).flatMap((place) =>
      (Object.keys(accepts) as Format[]).map((format): Case => {
        const name = files === FEW ? `page.${place}.${format}` : `page.${files}.${place}.${format}`
        const what = `page of ${files} files, ${places[place].what}, ${format.toUpperCase()}`
        return { name, what, place, files, format }
      }),
    ),
  )
  const own = { place: 'own', files: FEW, format: 'json' } as const
  const headers = { 'if-none-match': etag }
  return [
    ...pages,
    {
      ...own,
      name: 'unchanged',
      what: 'page of 200 files, 304 for who has it',
      headers,
      status: 304,
    },
    {
      ...own,
      name: 'gzip',
      what: 'page of 200 files, gzip',
      headers: { 'accept-encoding': 'gzip' },
    },
  ]
}

const pathOf = ({ place, files }: Pick<Case, 'place' | 'files'>): string =>
  `${places[place].index}/+simple/${projects[files]}/`

/** Who can serve the same page made from the same files. */
function othersFor({ devpi, proxpi, pypiserver }: World, one: Case): Reader[] {
  const { place, files, format, name } = one
  if (!name.startsWith('page.')) return []
  const project = projects[files]
  const others: Reader[] = []
  if (files === FEW || place === 'mirror')
    others.push(entrant('devpi-server', 'devpi', devpi, pathOf(one), one, SLOW_CONNECTIONS))
  if (place === 'mirror')
    others.push(entrant('proxpi', 'proxpi', proxpi, `index/${project}/`, one, SLOW_CONNECTIONS))
  if (place === 'own' && files === FEW && format === 'html') {
    const path = `simple/${project}/`
    others.push(entrant('pypiserver', 'pypiserver', pypiserver, path, one, SLOW_CONNECTIONS))
  }
  return others
}

interface Reader extends Entrant {
  readonly url: string
}

function entrant(
  name: string,
  key: string,
  server: Pick<Contender, 'pid' | 'url'>,
  path: string,
  { format, headers }: Pick<Case, 'format' | 'headers'>,
  connections: number,
): Reader {
  const url = server.url(path)
  const load = { url, headers: { ...accepts[format], ...headers }, connections, seconds: SECONDS }
  const warmUp = key === 'ours' || key === 'node' ? UNTIL_COMPILED : 1
  return { name, key, url, warmUp, pids: [server.pid], run: () => wrkLoad(load, [server.pid]) }
}

const etagOf = (connection: Connection, ours: Contender): Promise<string> =>
  etagAt(connection, ours.url(pathOf({ place: 'own', files: FEW })), accepts.json)

async function etagAt(connection: Connection, url: string, headers = {}): Promise<string> {
  const answer = await connection.get(url, headers)
  const etag = answer.headers.find(([name]) => name.toLowerCase() === 'etag')?.[1]
  if (!etag) throw new Error(`${url}: ${answer.status} without an ETag`)
  return etag
}

async function capture(connection: Connection, ours: Contender, one: Case): Promise<WireAnswer> {
  const url = ours.url(pathOf(one))
  if (one.name.startsWith('page.')) return assertWhole(connection, url, one)
  const answer = await connection.get(url, { ...accepts[one.format], ...one.headers })
  if (answer.status === (one.status ?? 200)) return answer
  throw new Error(`${url}: ${answer.status} ${answer.body.toString()}`)
}

/** A page must list all files, so that nobody is compared with an error. */
async function assertWhole(
  connection: Connection,
  url: string,
  { format, files }: Case,
): Promise<WireAnswer> {
  const answer = await connection.get(url, accepts[format])
  const count = new Set(answer.body.toString().match(/\w+-1\.\d+-py3-none-any\.whl/g)).size
  if (answer.status === 200 && count === files) return answer
  throw new Error(`${url}: ${answer.status}, lists ${count} of ${files} files`)
}
