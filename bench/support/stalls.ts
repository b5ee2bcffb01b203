/** For how long a server's event loop stands still while it is asked for something. */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Environment } from '../../test/support/process.ts'
import type { Yard } from '../../test/support/yard.ts'

/** The environment of a server whose stalls can be asked for. */
export const watchingLoop = (): Environment => ({
  NODE_OPTIONS: `--import=${join(import.meta.dirname, 'loop-monitor.ts')}`,
})

const LINE = /event loop stood still for ([\d.]+) ms/g
const LOOK_MS = 5

/** The longest stall in milliseconds while `work` goes on. */
export async function longestStall(yard: Yard, work: () => Promise<void>): Promise<number> {
  await ask(yard)
  await work()
  return ask(yard)
}

async function ask(yard: Yard): Promise<number> {
  const before = [...yard.log.matchAll(LINE)].length
  process.kill(yard.pid, 'SIGUSR2')
  for (;;) {
    const said = [...yard.log.matchAll(LINE)]
    if (said.length > before) return Number(said.at(-1)?.[1])
    await wait(LOOK_MS)
  }
}
