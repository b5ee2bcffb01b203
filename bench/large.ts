/**
 * A site where something of everything is very large, in turns with one where all is small: what an operation does not touch must
 * not count, and what it does touch must not hold up others for longer than 20 ms.
 */
import { chunked, namesPage, startFakeUpstream } from '../test/support/fake-upstream.ts'
import { devpiAuth, logIn, PASSWORD } from '../test/support/devpi-api.ts'
import type { Yard } from '../test/support/yard.ts'
import { Connection } from './support/answers.ts'
import { figureOf } from './support/compare.ts'
import { basicAuth, makeMirror, startWheelyard } from './support/contenders.ts'
import { pinServer } from './support/cores.ts'
import { median, type Figure } from './support/figure.ts'
import { fillSite, large, siteStages, small, type Sizes } from './support/large-site.ts'
import { rounds } from './support/quick.ts'
import { send } from './support/requests.ts'
import { longestStall, watchingLoop } from './support/stalls.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'

const ROUNDS = 7
const WARM_UP = 3
/** Of each operation in a round, where it does not take long. */
const TIMES = 20

interface Site {
  readonly yard: Yard
  readonly authorization: string
  readonly token: string
}

interface Operation {
  readonly name: string
  readonly what: string
  /** It has to do with what is large: it may take longer, and only its stalls count. */
  readonly touches?: boolean
  run(site: Site, at: number): Promise<unknown>
}

const json = { accept: 'application/json' }
const simple = { accept: 'application/vnd.pypi.simple.v1+json' }
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const operations: readonly Operation[] = [
  uploading(
    'upload.projects',
    'ada/projects',
    'small',
    'an upload into an index of 100,000 projects',
  ),
  uploading('upload.files', 'ada/files', 'big', 'an upload into a project of 20,000 files'),
  uploading('upload.beside', 'ada/files', 'small', 'an upload beside a project of 20,000 files'),
  reading(
    'page.projects',
    'ada/projects/+simple/small/',
    simple,
    'the page of a project among 100,000',
  ),
  reading(
    'page.beside',
    'ada/files/+simple/small/',
    simple,
    'the page of a project beside 20,000 files',
  ),
  reading(
    'index',
    'ada/projects?no_projects',
    json,
    'an index of 100,000 projects without their names',
  ),
  reading('release', 'ada/projects/small', json, 'JSON of a project among 100,000'),
  {
    name: 'made',
    what: 'a new index of a user with 1,000',
    run: ({ yard, token }, at) => change(yard, token, 'PUT', `/eve/new-${at}`, { bases: [] }),
  },
  {
    name: 'changed',
    what: 'a change of an index of 100,000 projects',
    run: ({ yard, token }, at) => change(yard, token, 'PATCH', '/eve/first', { title: `${at}` }),
  },
  { name: 'login', what: 'a login', run: ({ yard }) => logIn(yard.url(), 'ada', PASSWORD) },
  touching('touch.page', 'ada/files/+simple/big/', simple, 'page of 20,000 files, made anew'),
  touching(
    'touch.page.html',
    'ada/files/+simple/big/',
    { accept: 'text/html' },
    'page of 20,000 files, HTML, made anew',
  ),
  touching('touch.json', 'ada/files/big', json, 'JSON of a project of 20,000 files, made anew'),
  touching('touch.names', 'ada/projects/+simple/', simple, 'list of 100,000 names, made anew'),
  touching('touch.index', 'ada/projects', json, 'JSON of an index of 100,000 projects, made anew'),
  touching('touch.user', 'eve', json, 'JSON of a user with 1,000 indexes, made anew'),
  touching(
    'touch.web.index',
    'ada/projects',
    html,
    'page for people of an index of 100,000 projects',
  ),
  touching(
    'touch.web.project',
    'ada/files/big',
    html,
    'page for people of a project of 20,000 files',
  ),
  touching('touch.web.user', 'eve', html, 'page for people of a user with 1,000 indexes'),
  touching('touch.mirror', 'ada/mirror/+simple/', simple, 'list of 700,000 names of a mirror'),
]

function reading(
  name: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  what: string,
): Operation {
  return {
    name,
    what,
    run: async ({ yard }) => {
      using connection = new Connection()
      return await connection.time(yard.url(path), headers)
    },
  }
}

/** After a change that drops what was kept of it. */
function touching(
  name: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  what: string,
): Operation {
  const read = reading(name, path, headers, what)
  return {
    ...read,
    touches: true,
    run: async (site, at) => {
      const project = path.startsWith('ada/files')
        ? 'big'
        : `new-${name.replaceAll('.', '-')}-${at}`
      const index = path.split('/').slice(0, 2).join('/')
      if (index === 'ada/files' || index === 'ada/projects') await upload(site, index, project, at)
      else await change(site.yard, site.token, 'PATCH', '/eve/first', { title: `${name} ${at}` })
      await read.run(site, at)
    },
  }
}

function uploading(name: string, index: string, project: string, what: string): Operation {
  return { name, what, run: (site, at) => upload(site, index, project, at) }
}

let sent = 0

async function upload(
  { yard, authorization }: Site,
  index: string,
  project: string,
  _at: number,
): Promise<void> {
  const uploads = makeUploads(project, 1_000_000 + sent++, 1)
  await sendUploads({ url: yard.url(`${index}/`), authorization, uploads, connections: 1 })
}

const change = (yard: Yard, token: string, method: string, path: string, body: unknown) =>
  send(undefined, yard.url(), {
    method,
    path,
    headers: { 'content-type': 'application/json', ...devpiAuth({ user: 'eve', secret: token }) },
    body: JSON.stringify(body),
  })

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  say('filling a large site and a small one …')
  await using upstreamOfLarge = await startFakeUpstream(chunked([...namesPage(large.names)]))
  await using upstreamOfSmall = await startFakeUpstream(chunked([...namesPage(small.names)]))
  await using largeYard = await startSite(large, upstreamOfLarge.url('simple/'))
  await using smallYard = await startSite(small, upstreamOfSmall.url('simple/'))
  const [ours, peer] = [await enter(largeYard), await enter(smallYard)]
  const figures: Figure[] = []
  let at = 0
  for (const operation of operations) {
    say(`${operation.what} …`)
    const [own, other, stalls]: [number[], number[], number[]] = [[], [], []]
    const times = operation.touches ? 1 : TIMES
    const warmUp = operation.touches ? 1 : WARM_UP
    for (let round = -warmUp; round < rounds(operation.touches ? 3 : ROUNDS); round++) {
      const stall = await longestStall(largeYard, async () => {
        const took = await timeOf(() => repeat(times, () => operation.run(ours, at++)))
        if (round >= 0) own.push(took / times)
      })
      const took = await timeOf(() => repeat(times, () => operation.run(peer, at++)))
      if (round < 0) continue
      other.push(took / times)
      stalls.push(stall)
    }
    const names = {
      name: `large.${operation.name}`,
      what: operation.what,
      unit: 'ms',
      peerName: 'small site',
    }
    figures.push(figureOf(names, own, other), {
      name: `large.${operation.name}.stall`,
      what: '  the longest that others waited',
      unit: 'ms',
      ours: median(stalls),
      rounds: { ours: stalls },
    })
  }
  return figures
}

async function startSite(sizes: Sizes, upstreamUrl: string): Promise<Yard> {
  const yard = await startWheelyard(siteStages, watchingLoop())
  await makeMirror(yard, 'ada/mirror', upstreamUrl)
  await yard.kill('SIGTERM')
  await fillSite(yard.folder, sizes)
  await yard.restart()
  pinServer(yard.pid)
  const site = await enter(yard)
  for (const index of ['ada/files', 'ada/projects']) await upload(site, index, 'small', 0)
  await (await fetch(yard.url('ada/mirror/+simple/'), { headers: simple })).arrayBuffer()
  return yard
}

async function enter(yard: Yard): Promise<Site> {
  const authorization = await basicAuth(yard, 'ada', 'token')
  return { yard, authorization, token: await logIn(yard.url(), 'eve', PASSWORD) }
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

async function repeat(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < times; time++) await work()
}
