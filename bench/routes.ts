/** Each route that answers in JSON, on the same data as devpi-server's. */
import { devpiAuth, logIn, makeStages, PASSWORD } from '../test/support/devpi-api.ts'
import { compare } from './support/compare.ts'
import { basicAuth, startDevpi, startWheelyard, type Contender } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { requestRate, send, type Sent } from './support/requests.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'
import { assertWrk, wrk } from './support/wrk.ts'

const USERS = 20
const INDEXES = 4
const RELEASES = 50
const PROJECTS = 200
const ROUNDS = 3
const SECONDS = 1
const CONNECTIONS = 16
const DEVPI_CONNECTIONS = 4

/** What is the same on both servers but for its address. */
interface Read {
  readonly name: string
  readonly path: string | ((facts: Facts) => string)
}

interface Facts {
  /** The path of an uploaded file. */
  readonly file: string
}

const reads: readonly Read[] = [
  { name: 'users', path: '/' },
  { name: 'user', path: '/ada' },
  { name: 'index', path: '/ada/own' },
  { name: 'index.brief', path: '/ada/own?no_projects' },
  { name: 'api', path: '/+api' },
  { name: 'index.api', path: '/ada/own/+api' },
  { name: 'status', path: '/+status' },
  { name: 'project', path: '/ada/own/anchor' },
  { name: 'project.over', path: '/ada/over/anchor' },
  { name: 'project.own', path: '/ada/own/anchor?ignore_bases' },
  { name: 'release', path: '/ada/own/anchor/0.7' },
  { name: 'release.over', path: '/ada/over/anchor/0.7' },
  { name: 'file', path: ({ file }) => file },
]

/** Changes, one after the other on each connection: `at` counts over all rounds. */
interface Write {
  readonly name: string
  readonly what: string
  readonly next: (at: number) => Omit<Sent, 'headers'>
}

const writes: readonly Write[] = [
  {
    name: 'login',
    what: 'POST /+login',
    next: () => sentJson('POST', '/+login', { user: 'ada', password: PASSWORD }),
  },
  {
    name: 'user.patch',
    what: 'PATCH /ada',
    next: (at) => sentJson('PATCH', '/ada', { title: `title ${at}` }),
  },
  {
    name: 'index.put',
    what: 'PUT /ada/made-N',
    next: (at) => sentJson('PUT', `/ada/made-${at}`, { bases: [] }),
  },
  {
    name: 'index.patch',
    what: 'PATCH /ada/own',
    next: (at) => sentJson('PATCH', '/ada/own', { title: `title ${at}` }),
  },
]

const sentJson = (method: string, path: string, body: unknown) => ({
  method,
  path,
  body: JSON.stringify(body),
})

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using ours = await startWheelyard()
  await using devpi = await startDevpi()
  say('filling both servers …')
  const facts = new Map<Contender, Facts>()
  for (const server of [ours, devpi]) facts.set(server, await fill(server))

  const figures: Figure[] = []
  for (const read of reads) {
    const pathOn = (server: Contender): string =>
      typeof read.path === 'string' ? read.path : read.path(facts.get(server)!)
    const path = typeof read.path === 'string' ? read.path : 'a file by its path'
    say(`GET ${path} …`)
    figures.push(
      await compare({
        name: `routes.${read.name}`,
        what: `GET ${path}`,
        unit: '/s',
        peerName: 'devpi-server',
        rounds: ROUNDS,
        ours: reader(ours, pathOn(ours), CONNECTIONS),
        peer: reader(devpi, pathOn(devpi), DEVPI_CONNECTIONS),
      }),
    )
  }
  for (const write of writes) {
    say(`${write.what} …`)
    figures.push(
      await compare({
        name: `routes.${write.name}`,
        what: write.what,
        unit: '/s',
        peerName: 'devpi-server',
        rounds: ROUNDS,
        ours: await writer(ours, write, CONNECTIONS),
        peer: await writer(devpi, write, DEVPI_CONNECTIONS),
      }),
    )
  }
  return figures
}

/** Users with indexes, a project with many releases, and an index with many projects. */
async function fill(server: Contender): Promise<Facts> {
  const others = Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: INDEXES }, (_unused, index) => `user-${user}/index-${index}`),
  )
  const over = { name: 'ada/over', bases: ['ada/own'] }
  await makeStages(server.url(), ['ada/own', over, ...others.flat()])
  const authorization = await basicAuth(server, 'ada', 'token')
  const target = { url: server.url('ada/own/'), authorization, connections: 2 }
  await sendUploads({ ...target, uploads: makeUploads('anchor', 0, RELEASES) })
  const projects = Array.from({ length: PROJECTS }, (_, at) => makeUploads(`project-${at}`, 0, 1))
  await sendUploads({ ...target, uploads: projects.flat() })

  const release = { method: 'GET', path: '/ada/own/anchor/0.7' }
  const { result } = JSON.parse(await send(undefined, server.url(), release)) as {
    result: { '+links': { href: string }[] }
  }
  return { file: new URL(result['+links'][0]!.href).pathname }
}

function reader(server: Contender, path: string, connections: number) {
  const headers = { accept: 'application/json' }
  const load = { pid: server.pid, url: server.url(path), headers, connections, seconds: SECONDS }
  return { pid: server.pid, measure: async () => (await wrk(load)).perSecond }
}

async function writer(server: Contender, { next }: Write, connections: number) {
  const headers = devpiAuth({ user: 'ada', secret: await logIn(server.url(), 'ada', PASSWORD) })
  let at = 0
  return {
    pid: server.pid,
    measure: () =>
      requestRate({
        url: server.url(),
        connections,
        seconds: SECONDS,
        next: () => ({ ...next(at++), headers }),
      }),
  }
}
