/**
 * Several contenders at the same work, in turns, so that what disturbs the machine disturbs all. They share a core: who is
 * not measured stands still, with all of its processes.
 */
import { figureOf } from './compare.ts'
import type { Figure, Load } from './figure.ts'
import { medianLoad } from './load.ts'
import { listFamily } from './memory.ts'
import { isQuick, rounds as roundsOf } from './quick.ts'

export interface Entrant {
  /** As it stands in the table. */
  readonly name: string
  /** What follows the contest's name in that of a figure. */
  readonly key: string
  /** Each stands for all below it too. */
  readonly pids: readonly number[]
  readonly run: (round: number) => Promise<Load>
  /** Rounds before one counts: Node goes on compiling for some ten thousand requests. Default: one. */
  readonly warmUp?: number
}

/** For what Node compiles, where a round has some thousand requests. */
export const UNTIL_COMPILED = isQuick ? 4 : 8

export interface Contest {
  readonly name: string
  readonly what: string
  /** Default: answers per second. */
  readonly unit?: string
  readonly rounds: number
  readonly ours: Entrant
  readonly peers: readonly Entrant[]
}

/** A figure for each peer, `NAME.KEY`; the first has the loads of all. */
export async function contest({
  name,
  what,
  unit = '/s',
  rounds,
  ours,
  peers,
}: Contest): Promise<Figure[]> {
  const entrants = [ours, ...peers]
  const loads = new Map<Entrant, Load[]>(entrants.map((entrant) => [entrant, []]))
  const pids = [...new Set(entrants.flatMap((entrant) => entrant.pids))]
  await halt(pids)
  try {
    const warmUps = entrants.map(({ warmUp = 1 }) => warmUp)
    for (let round = -Math.max(...warmUps); round < roundsOf(rounds); round++) {
      const turn = Math.max(0, round) % entrants.length
      for (const entrant of [...entrants.slice(turn), ...entrants.slice(0, turn)]) {
        if (round < -(entrant.warmUp ?? 1)) continue
        const load = await alone(entrant, round)
        if (round >= 0) loads.get(entrant)?.push(load)
      }
    }
  } finally {
    await resume(pids)
  }

  const rates = (entrant: Entrant): number[] =>
    (loads.get(entrant) ?? []).map((load) => load.perSecond)
  const all = entrants.map((entrant) => ({
    name: entrant.name,
    ...medianLoad(loads.get(entrant) ?? []),
  }))
  if (peers.length === 0) {
    const own = { name, what, unit, ours: all[0]?.perSecond ?? NaN, rounds: { ours: rates(ours) } }
    return [{ ...own, loads: all }]
  }
  return peers.map((peer, at) => {
    const facts = { name: `${name}.${peer.key}`, what: at === 0 ? what : '  the same', unit }
    const figure = figureOf({ ...facts, peerName: peer.name }, rates(ours), rates(peer))
    return at === 0 ? { ...figure, loads: all } : figure
  })
}

async function alone(entrant: Entrant, round: number): Promise<Load> {
  await resume(entrant.pids)
  try {
    return await entrant.run(round)
  } finally {
    await halt(entrant.pids)
  }
}

const halt = (pids: readonly number[]): Promise<void> => signal(pids, 'SIGSTOP')
const resume = (pids: readonly number[]): Promise<void> => signal(pids, 'SIGCONT')

async function signal(pids: readonly number[], name: NodeJS.Signals): Promise<void> {
  const families = await Promise.all(pids.map((pid) => listFamily(pid).catch(() => [])))
  for (const pid of families.flat()) {
    try {
      process.kill(pid, name)
    } catch {
      // it ended in this moment
    }
  }
}
