/** Load from Debian's `wrk`: one thread, a few connections, a few seconds. */
import { spawnSync } from 'node:child_process'
import { runProcess } from '../../test/support/process.ts'

export interface WrkOptions {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
}

export function assertWrk(): void {
  if (spawnSync('wrk', ['--version']).error === undefined) return
  throw new Error('This measure needs wrk. Try: apt-get install wrk')
}

/** Answers per second, all of them good. */
export async function wrk({
  url,
  headers = {},
  connections,
  seconds,
}: WrkOptions): Promise<number> {
  const { code, output } = await runProcess(
    'wrk',
    [
      ...['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`],
      ...['--timeout', '10s'],
      ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      url,
    ],
    { env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }, timeoutMs: (seconds + 20) * 1000 },
  )
  const rate = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(output)?.[1])
  const complaint = /^\s*(Non-2xx or 3xx responses|Socket errors): .*$/m.exec(output)?.[0]
  if (code !== 0 || complaint !== undefined || !(rate > 0)) {
    throw new Error(`wrk ${url}: ${complaint ?? output}`)
  }
  return rate
}
