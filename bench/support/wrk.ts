/** Load from Debian's `wrk`: one thread, a few connections, a few seconds. */
import { spawnSync } from 'node:child_process'
import { runProcess } from '../../test/support/process.ts'
import type { Load } from './figure.ts'
import { loadOf, type Answered } from './load.ts'
import { processorTime } from './memory.ts'

export interface WrkOptions {
  /** The server's. */
  readonly pid: number
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
}

export function assertWrk(): void {
  if (spawnSync('wrk', ['--version']).error === undefined) return
  throw new Error('This measure needs wrk. Try: apt-get install wrk')
}

export interface Rate {
  readonly perSecond: number
  /** Per second of the server's processor time: others on the machine disturb this least. */
  readonly perCpuSecond: number
}

/** Good answers; another answer is an error. */
export async function wrk(options: WrkOptions): Promise<Rate> {
  const before = await processorTime(options.pid)
  const { answers, perSecond } = await run(options)
  const cpuSeconds = ((await processorTime(options.pid)) - before) / 1000
  return { perSecond, perCpuSecond: answers / cpuSeconds }
}

/** The same with all that it cost the server, whose processes may be several. */
export const wrkLoad = (options: Omit<WrkOptions, 'pid'>, pids: readonly number[]): Promise<Load> =>
  loadOf(pids, () => run(options))

async function run({
  url,
  headers = {},
  connections,
  seconds,
}: Omit<WrkOptions, 'pid'>): Promise<Required<Answered>> {
  const { code, output } = await runProcess(
    'wrk',
    [
      ...['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`],
      ...['--timeout', '10s', '--latency'],
      ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      url,
    ],
    { env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }, timeoutMs: (seconds + 20) * 1000 },
  )
  const answers = Number(/^\s*(\d+) requests in /m.exec(output)?.[1])
  const perSecond = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(output)?.[1])
  const complaint = /^\s*(Non-2xx or 3xx responses|Socket errors): .*$/m.exec(output)?.[0]
  if (code !== 0 || complaint !== undefined || !(answers > 0 && perSecond > 0)) {
    throw new Error(`wrk ${url}: ${complaint ?? output}`)
  }
  return { answers, perSecond, median: latency(output, 50), p99: latency(output, 99) }
}

const MS = { us: 0.001, ms: 1, s: 1000, m: 60_000 } as const

/** Milliseconds. */
function latency(output: string, percent: 50 | 99): number {
  const [, value, unit = 'ms'] =
    new RegExp(`^\\s*${percent}%\\s+([\\d.]+)(us|ms|s|m)`, 'm').exec(output) ?? []
  return Number(value) * MS[unit as keyof typeof MS]
}
