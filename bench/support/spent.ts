/** What a piece of work took: time, processor time of all who take part, and what moved from upstream. */
import { setTimeout as wait } from 'node:timers/promises'
import { median } from './figure.ts'
import { endedChildrenTime, processorTime } from './memory.ts'

/** Milliseconds, but for the last two. */
export interface Spent {
  readonly wall: number
  readonly client: number
  readonly server: number
  readonly upstream: number
  readonly bytes: number
  readonly requests: number
}

/** Who is at work, beside clients. */
export interface Scene {
  readonly server: { readonly pid: number }
  readonly upstream: {
    /** The process that answers. */
    readonly worker: number
    requests(): readonly { readonly bytes: number }[]
  }
}

const CALM_MS = 100
const MOST_WAITS = 50

export async function spentBy(scene: Scene, work: () => Promise<void>): Promise<Spent> {
  await untilCalm(scene)
  const before = await countersOf(scene)
  const begin = performance.now()
  await work()
  const wall = performance.now() - begin
  const after = await countersOf(scene)
  return {
    wall,
    client: after.client - before.client,
    server: after.server - before.server,
    upstream: after.upstream - before.upstream,
    bytes: after.bytes - before.bytes,
    requests: after.requests - before.requests,
  }
}

/** What earlier answers have left to do is theirs. */
async function untilCalm({ server: { pid } }: Scene): Promise<void> {
  for (let waits = 0; waits < MOST_WAITS; waits++) {
    const before = await processorTime(pid)
    await wait(CALM_MS)
    if ((await processorTime(pid)) - before < CALM_MS / 20) return
  }
}

async function countersOf({ server, upstream }: Scene): Promise<Omit<Spent, 'wall'>> {
  const requests = upstream.requests()
  return {
    client: await endedChildrenTime(),
    server: await processorTime(server.pid),
    upstream: await processorTime(upstream.worker),
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
    requests: requests.length,
  }
}

/** A line per side: the medians of its rounds, and the spread of its time. */
export function tellSpent(sides: Readonly<Record<string, readonly Spent[]>>): string[] {
  const head = ['', 'wall (min–max)', 'client', 'server', 'upstream', 'moved', 'requests']
  const rows = Object.entries(sides).map(([side, rounds]) => {
    const of = (field: keyof Spent): number => median(rounds.map((round) => round[field]))
    const walls = rounds.map(({ wall }) => wall)
    const spread = `${Math.round(Math.min(...walls))}–${Math.round(Math.max(...walls))}`
    return [
      side,
      `${Math.round(of('wall'))} ms (${spread})`,
      ...(['client', 'server', 'upstream'] as const).map((who) => `${Math.round(of(who))} ms`),
      `${(of('bytes') / 1e6).toFixed(2)} MB`,
      `${of('requests')}`,
    ]
  })
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column]!.length)))
  return all.map((cells) => cells.map((cell, at) => cell.padStart(widths[at]!)).join('  '))
}
