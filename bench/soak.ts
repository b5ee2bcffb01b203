/** Everything at once for twenty minutes, with workers that are restarted meanwhile: nothing goes wrong, and memory stays as it is. */
import { setTimeout as wait } from 'node:timers/promises'
import { soak, soakFiles, soakStages } from '../test/support/soak.ts'
import { startStaticIndex } from '../test/support/static-index.ts'
import { startWheelyard } from './support/contenders.ts'
import { unpin } from './support/cores.ts'
import type { CurvePoint, Figure } from './support/figure.ts'
import { listFamily, residentMemory } from './support/memory.ts'
import { slopeOf } from './support/slope.ts'

const SECONDS = Number(process.env['WHEELYARD_BENCH_SOAK_SECONDS'] ?? 20 * 60)
const SAMPLES = 120
const WORKERS = 2
/** The workers are restarted so often, one after the other. */
const RESTARTS = 10
/** What a server grows by while its caches fill is no leak: the slope is that of the second half. */
const SETTLED = 0.5

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using upstream = await startStaticIndex(soakFiles())
  const args = ['--workers', `${WORKERS}`, '--log-level', 'warn']
  await using ours = await startWheelyard(soakStages(upstream.url('simple/')), {}, args)
  for (const pid of await listFamily(ours.pid)) unpin(pid)
  say(`${SECONDS} seconds of everything …`)
  const begin = performance.now()
  const seconds = (): number => (performance.now() - begin) / 1000
  const isOver = (): boolean => seconds() > SECONDS

  const points: CurvePoint[] = []
  const watching = (async () => {
    while (!isOver()) {
      points.push({ x: seconds(), y: await memoryOf(ours.pid) })
      await wait((SECONDS / SAMPLES) * 1000)
    }
  })()
  const restarting = (async () => {
    for (let at = 1; at < RESTARTS; at++) {
      await wait((SECONDS / RESTARTS) * 1000)
      process.kill(ours.pid, 'SIGHUP')
    }
  })()
  const { errors, ...counts } = await soak({ url: (path) => ours.url(path), isOver })
  await Promise.all([watching, restarting])

  const perHour = slopeOf(points.slice(points.length * SETTLED)) * 3600
  const memory = points.map(({ y }) => y)
  const restarts = `${RESTARTS - 1} restarts of ${WORKERS} workers`
  const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  return [
    {
      name: 'soak.errors',
      what: `errors in ${SECONDS} s of mixed load`,
      unit: '',
      ours: errors.length,
      evidence: [[...told, restarts].join(', '), ...errors],
    },
    {
      name: 'soak.memory',
      what: '  resident memory of a worker, at most',
      unit: 'MB',
      ours: Math.max(...memory),
      rounds: { ours: memory },
      curve: { over: 'seconds', points },
    },
    {
      name: 'soak.slope',
      what: '  by how much it grows in an hour, second half',
      unit: 'MB',
      ours: perHour,
    },
  ]
}

/** Of the largest worker: while they are replaced there are more of them, and the process of the search index comes and goes. */
async function memoryOf(pid: number): Promise<number> {
  const all = await Promise.all(
    (await listFamily(pid)).map((one) => residentMemory(one).catch(() => 0)),
  )
  return Math.max(...all)
}
