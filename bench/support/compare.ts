/**
 * Two contenders in turns, so that what disturbs the machine disturbs both. They share a core: who is not
 * measured stands still, whatever it still has to do.
 */
import { median, type Figure } from './figure.ts'

export interface Contest {
  readonly name: string
  readonly what: string
  readonly unit: string
  readonly peerName: string
  readonly rounds: number
  readonly ours: Side
  readonly peer: Side
}

interface Side {
  readonly pid: number
  readonly measure: (round: number) => Promise<number>
}

export async function compare(contest: Contest): Promise<Figure> {
  const ours: number[] = []
  const peer: number[] = []
  for (let round = 0; round < contest.rounds; round++) {
    const turns = [
      async () => ours.push(await alone(contest.ours, contest.peer, round)),
      async () => peer.push(await alone(contest.peer, contest.ours, round)),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  return figureOf(contest, ours, peer)
}

async function alone(side: Side, other: Side, round: number): Promise<number> {
  process.kill(other.pid, 'SIGSTOP')
  try {
    return await side.measure(round)
  } finally {
    process.kill(other.pid, 'SIGCONT')
  }
}

/** The figure of rounds that were run elsewhere: round by round, or one value of the peer for all. */
export function figureOf(
  { name, what, unit, peerName }: Pick<Contest, 'name' | 'what' | 'unit' | 'peerName'>,
  ours: readonly number[],
  peer: readonly number[],
): Figure {
  const value = median(peer)
  return {
    name,
    what,
    unit,
    ours: median(ours),
    peer: { name: peerName, value },
    ratio: median(ours.map((own, round) => own / (peer.length > 1 ? peer[round]! : value))),
    rounds: { ours, peer },
  }
}
