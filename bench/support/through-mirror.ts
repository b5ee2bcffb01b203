/** The same work straight, through a mirror that knows nothing and one that knows all: in turns, and told as ratios. */
import { median, type Figure } from './figure.ts'
import { tellSpent, type Spent } from './spent.ts'

export const sides = ['straight', 'cold', 'warm', 'straight again'] as const
export type Side = (typeof sides)[number]

export type Rounds = Readonly<Record<Side, readonly Spent[]>>

/** Rounds of one case go on for so long. */
const CASE_MS = 20_000
const LEAST_ROUNDS = 3
const MOST_ROUNDS = 12

/** Every round begins with another side. */
export async function takeTurns(
  work: (side: Side, round: number) => Promise<Spent>,
): Promise<Rounds> {
  const begin = performance.now()
  const spent: Record<Side, Spent[]> = { straight: [], cold: [], warm: [], 'straight again': [] }
  const isLate = (round: number): boolean =>
    round >= LEAST_ROUNDS && performance.now() - begin > CASE_MS
  for (let round = 0; round < MOST_ROUNDS && !isLate(round); round++) {
    const turn = round % sides.length
    for (const side of [...sides.slice(turn), ...sides.slice(0, turn)]) {
      spent[side].push(await work(side, round))
    }
  }
  return spent
}

export interface Telling {
  readonly name: string
  /** Who does what. */
  readonly does: string
  readonly say: (line: string) => void
}

/** Each round against the mean of its two straight ways. */
export function tellThroughMirror(spent: Rounds, { name, does, say }: Telling): Figure[] {
  const evidence = tellSpent(spent)
  say(`${does}:`)
  for (const line of evidence) say(`  ${line}`)
  const walls = (side: Side): number[] => spent[side].map(({ wall }) => wall)
  const again = walls('straight again')
  const peer = walls('straight').map((wall, round) => (wall + again[round]!) / 2)
  const floor = walls('straight').map((wall, round) => again[round]! / wall)
  const noise = median(floor.map((ratio) => Math.abs(ratio - 1)))
  const figure = (side: Side, what: string, ratios: readonly number[]): Figure => ({
    name: `${name}.${side.replace('straight ', '')}`,
    what: `${does}: ${what}`,
    unit: 'ms',
    ours: median(walls(side)),
    peer: { name: 'straight', value: median(peer) },
    ratio: median(ratios),
    noise,
    rounds: { ours: walls(side), peer },
  })
  const through = (side: Side): number[] => walls(side).map((wall, round) => wall / peer[round]!)
  return [
    figure('warm', 'mirror that knows it', through('warm')),
    figure('cold', 'mirror that knows nothing', through('cold')),
    { ...figure('straight again', 'straight, once more', floor), evidence },
  ]
}
