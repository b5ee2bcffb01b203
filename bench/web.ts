/** Pages for people: how often they are sent, against devpi-web; how long the first takes; how much a browser loads, and how soon one can read it. */
import { launchChromium } from '../test/support/chromium.ts'
import { Connection } from './support/answers.ts'
import { compare } from './support/compare.ts'
import { basicAuth, startDevpi, startWheelyard, type Contender } from './support/contenders.ts'
import { onAllCores } from './support/cores.ts'
import { median, type Figure } from './support/figure.ts'
import { makeSmallWheel, sendUploads, uploadBody, type UploadBody } from './support/uploads.ts'
import { usableFigures } from './support/usable.ts'
import { assertWrk, wrk } from './support/wrk.ts'

const COUNT = 200
const ROUNDS = 3
const SECONDS = 5
const CONNECTIONS = 4
const FIRST_RENDERS = 15

const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

const pages = [
  {
    name: 'release',
    what: `release page, project of ${COUNT} releases`,
    path: 'ada/big/anchor/1.7',
  },
  { name: 'project', what: `project page of ${COUNT} releases`, path: 'ada/big/anchor' },
  { name: 'index', what: `index page of ${COUNT} releases`, path: 'ada/many' },
] as const

/** About 6 KB, as many readmes have. */
const readme = Array.from(
  { length: 20 },
  (_, at) =>
    `## Part ${at}\n\nSome *words* about [it](https://example.com/${at}), then a list:\n\n- one\n- two\n\n` +
    '```python\nimport anchor\n\nfor link in anchor.chain(12):\n    print(link)\n```\n',
).join('\n')

const fields = {
  summary: 'Drops anchors, and weighs them again',
  description: readme,
  description_content_type: 'text/markdown',
  author: 'Ada',
  classifiers: 'Programming Language :: Python :: 3',
}

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using ours = await startWheelyard(['ada/big', 'ada/many'])
  await using devpi = await startDevpi(['ada/big', 'ada/many'])
  await using browser = await onAllCores(launchChromium)
  say(`${COUNT} releases of one project, and ${COUNT} projects …`)
  for (const server of [ours, devpi]) await fill(server)

  const figures: Figure[] = []
  for (const page of pages) {
    say(`${page.what} …`)
    figures.push(await rate(ours, devpi, page))
    figures.push(await firstRender(ours, page))
    figures.push(await weight(ours, page))
    const addresses = { url: ours.url(page.path), before: ours.url() }
    figures.push(...(await usableFigures(browser, `web.${page.name}`, addresses)))
  }
  return figures
}

async function fill(server: Contender): Promise<void> {
  const authorization = await basicAuth(server, 'ada', 'token')
  const send = (index: string, uploads: readonly UploadBody[]) =>
    sendUploads({ url: server.url(`ada/${index}/`), authorization, uploads, connections: 2 })
  await send(
    'big',
    Array.from({ length: COUNT }, (_, at) => upload('anchor', `1.${at}`)),
  )
  await send(
    'many',
    Array.from({ length: COUNT }, (_, at) => upload(`project${at}`, '1.0')),
  )
}

const upload = (project: string, version: string): UploadBody =>
  uploadBody(project, version, makeSmallWheel(project, version), fields)

async function rate(
  ours: Contender,
  devpi: Contender,
  page: (typeof pages)[number],
): Promise<Figure> {
  for (const server of [ours, devpi]) await warmUp(server, page.path)
  const side = (server: Contender) => ({
    pid: server.pid,
    measure: async () => {
      const load = { headers: { accept }, connections: CONNECTIONS, seconds: SECONDS }
      return (await wrk({ ...load, pid: server.pid, url: server.url(page.path) })).perSecond
    },
  })
  return compare({
    name: `web.${page.name}`,
    what: page.what,
    unit: '/s',
    peerName: 'devpi-web',
    rounds: ROUNDS,
    ours: side(ours),
    peer: side(devpi),
  })
}

async function warmUp(server: Contender, path: string): Promise<void> {
  using connection = new Connection()
  for (let at = 0; at < 5; at++) await connection.time(server.url(path), { accept })
}

/** After an upload to its index, which makes the page stale. Its readme was rendered before. */
async function firstRender(ours: Contender, page: (typeof pages)[number]): Promise<Figure> {
  using connection = new Connection()
  const index = page.path.split('/')[1] ?? ''
  const authorization = await basicAuth(ours, 'ada', 'token')
  const rounds: number[] = []
  for (let round = -FIRST_RENDERS; round < FIRST_RENDERS; round++) {
    const project = page.name === 'index' ? 'project0' : 'anchor'
    const uploads = [upload(project, `0.${performance.now().toFixed(4).replace('.', '')}`)]
    await sendUploads({ url: ours.url(`ada/${index}/`), authorization, uploads, connections: 1 })
    const took = await connection.time(ours.url(page.path), { accept })
    if (round >= 0) rounds.push(took)
  }
  return {
    name: `web.${page.name}.first`,
    what: '  first render after an upload',
    unit: 'ms',
    ours: median(rounds),
    rounds: { ours: rounds },
  }
}

/** With its styles, scripts and pictures, as a browser that takes Brotli gets them. */
async function weight(ours: Contender, page: (typeof pages)[number]): Promise<Figure> {
  using connection = new Connection()
  const headers = { accept, 'accept-encoding': 'br' }
  const plain = await connection.get(ours.url(page.path), { accept })
  const html = plain.body.toString()
  const parts = [...html.matchAll(/(?:src|href)="(\/\+static[^"]+)"/g)].map(([, path = '']) => path)
  let bytes = (await connection.get(ours.url(page.path), headers)).body.length
  for (const path of new Set(parts)) {
    bytes += (await connection.get(ours.url(path.slice(1)), headers)).body.length
  }
  return {
    name: `web.${page.name}.weight`,
    what: '  with all that it loads, compressed',
    unit: 'KB',
    ours: bytes / 1000,
  }
}
