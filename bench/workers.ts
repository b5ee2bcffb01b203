/** What several workers cost: answers per second of processor time of all processes, beside one that is alone. */
import { cpus } from 'node:os'
import type { Yard } from '../test/support/yard.ts'
import { basicAuth, startWheelyard } from './support/contenders.ts'
import { contest, UNTIL_COMPILED, type Entrant } from './support/contest.ts'
import { unpin } from './support/cores.ts'
import { median, type Figure } from './support/figure.ts'
import { listFamily } from './support/memory.ts'
import { makeUploads, sendUploads } from './support/uploads.ts'
import { assertWrk, wrkLoad } from './support/wrk.ts'

const ROUNDS = 7
const CONNECTIONS = 16
/** Two for the workers, and two for the load and whoever else. */
const CORES_FOR_RATE = 4

const works = [
  { name: 'page', what: 'warm page of 200 files', path: 'ada/own/+simple/anchor/' },
  { name: 'json', what: 'JSON of an index', path: 'ada/own?no_projects' },
] as const

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  assertWrk()
  await using one = await startWheelyard(['ada/own'])
  await using two = await startWheelyard(['ada/own'], {}, ['--workers', '2'])
  for (const yard of [one, two]) await fill(yard)
  const figures: Figure[] = []
  for (const { name, what, path } of works) {
    say(`${what} …`)
    const enter = (yard: Yard, key: string, told: string): Entrant => {
      const headers = { accept: 'application/vnd.pypi.simple.v1+json, application/json' }
      const load = { url: yard.url(path), headers, connections: CONNECTIONS, seconds: 1 }
      return {
        name: told,
        key,
        pids: [yard.pid],
        warmUp: UNTIL_COMPILED,
        run: () => wrkLoad(load, [yard.pid]),
      }
    }
    const sides = { ours: enter(two, 'two', '2 workers'), peers: [enter(one, 'one', '1 worker')] }
    const [figure] = await contest({
      name: `workers.${name}`,
      what,
      rounds: ROUNDS,
      ...sides,
    })
    if (figure) figures.push(byProcessorTime(figure))
    if (cpus().length < CORES_FOR_RATE) continue
    for (const pid of await listFamily(two.pid)) unpin(pid)
    const rate = { name: `workers.${name}.rate`, what: `${what}, a core each`, rounds: ROUNDS }
    figures.push(...(await contest({ ...rate, ...sides })))
  }
  return figures
}

async function fill(yard: Yard): Promise<void> {
  const authorization = await basicAuth(yard, 'ada', 'token')
  const uploads = makeUploads('anchor', 0, 200)
  await sendUploads({ url: yard.url('ada/own/'), authorization, uploads, connections: 2 })
}

/** On one core the rate says as much, but is disturbed more. */
function byProcessorTime(figure: Figure): Figure {
  const [own, peer] = figure.loads ?? []
  if (!own || !peer) throw new Error(`${figure.name} has no loads`)
  const of = (cpuPer1000: number): number => 1000 / cpuPer1000
  return {
    ...figure,
    name: figure.name.replace(/\.one$/, ''),
    what: `${figure.what}: answers per second of processor time of all processes`,
    ours: of(own.cpuPer1000),
    peer: { name: '1 worker', value: of(peer.cpuPer1000) },
    ratio: median([peer.cpuPer1000 / own.cpuPer1000]),
  }
}
