/**
 * A real tree resolved and installed straight from nginx, through a mirror of it that knows nothing, and through one that
 * knows all: in turns, with twice the straight way, which shows how far two of the same differ.
 */
import { realWheels, TREE_ROOT } from '../test/support/real-tree.ts'
import { makeMirror, startWheelyard, type Contender } from './support/contenders.ts'
import { median, type Figure } from './support/figure.ts'
import { runInstaller, type Tool, type Work } from './support/installers.ts'
import { useMemory } from './support/memory-folder.ts'
import { spentBy, tellSpent, type Scene, type Spent } from './support/spent.ts'
import { startTreeUpstream, type Kind } from './support/tree-upstream.ts'

interface Case {
  readonly tool: Tool
  readonly work: Work
  readonly kind: Kind
}

/** What differs between the upstreams is over once files are fetched. */
const cases: readonly Case[] = [
  { tool: 'uv', work: 'resolve', kind: 'bare' },
  { tool: 'uv', work: 'resolve', kind: 'full' },
  { tool: 'uv', work: 'install', kind: 'bare' },
  { tool: 'pip', work: 'resolve', kind: 'bare' },
  { tool: 'pip', work: 'resolve', kind: 'full' },
  { tool: 'pip', work: 'install', kind: 'bare' },
]

const sides = ['straight', 'cold', 'warm', 'straight again'] as const
type Side = (typeof sides)[number]

/** Rounds of one case go on for so long. */
const CASE_MS = 20_000
const LEAST_ROUNDS = 3
const MOST_ROUNDS = 12

interface Stage extends Scene {
  readonly server: Contender
}

const known = (kind: Kind): string => `ada/known-${kind}`

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await useMemory(say)
  await using upstream = await startTreeUpstream(await realWheels())
  // Metadata is made ahead, as it is for users.
  await using server = await startWheelyard([], { WHEELYARD_NO_MAKE_AHEAD: 'no' })
  const stage: Stage = { server, upstream }
  for (const kind of ['bare', 'full'] as const) {
    await makeMirror(server, known(kind), upstream.simple(kind))
    for (const tool of ['uv', 'pip'] as const)
      await run(stage, { tool, work: 'install', kind }, pageOf(stage, known(kind)))
  }
  const figures: Figure[] = []
  for (const one of cases) figures.push(...(await measureCase(stage, one, say)))
  return figures
}

async function measureCase(
  stage: Stage,
  one: Case,
  say: (line: string) => void,
): Promise<Figure[]> {
  const { tool, work, kind } = one
  const begin = performance.now()
  const spent: Record<Side, Spent[]> = { straight: [], cold: [], warm: [], 'straight again': [] }
  const isLate = (round: number): boolean =>
    round >= LEAST_ROUNDS && performance.now() - begin > CASE_MS
  for (let round = 0; round < MOST_ROUNDS && !isLate(round); round++) {
    const turn = round % sides.length
    for (const side of [...sides.slice(turn), ...sides.slice(0, turn)]) {
      const indexUrl = await addressFor(stage, one, { side, round })
      spent[side].push(await run(stage, one, indexUrl))
    }
  }
  const lines = tellSpent(spent)
  say(`${tool} ${work}, ${kind} upstream:`)
  for (const line of lines) say(`  ${line}`)
  return figuresOf(`install.${kind}.${tool}.${work}`, one, spent, lines)
}

async function addressFor(
  stage: Stage,
  { tool, work, kind }: Case,
  { side, round }: { side: Side; round: number },
): Promise<string> {
  const { server, upstream } = stage
  if (side === 'warm') return pageOf(stage, known(kind))
  if (side !== 'cold') return upstream.simple(kind)
  const name = `${kind}-${tool}-${work}-${round}`
  await makeMirror(server, `ada/${name}`, upstream.simple(kind, name))
  return pageOf(stage, `ada/${name}`)
}

const pageOf = ({ server }: Stage, index: string): string => server.url(`${index}/+simple/`)

const run = (stage: Stage, { tool, work }: Case, indexUrl: string): Promise<Spent> =>
  runInstaller(tool, work, { requirement: TREE_ROOT, indexUrl }, (go) => spentBy(stage, go))

/** Each round against the mean of its two straight ways. */
function figuresOf(
  name: string,
  { tool, work, kind }: Case,
  spent: Readonly<Record<Side, readonly Spent[]>>,
  evidence: readonly string[],
): Figure[] {
  const walls = (side: Side): number[] => spent[side].map(({ wall }) => wall)
  const again = walls('straight again')
  const peer = walls('straight').map((wall, round) => (wall + again[round]!) / 2)
  const floor = walls('straight').map((wall, round) => again[round]! / wall)
  const noise = median(floor.map((ratio) => Math.abs(ratio - 1)))
  const does = `${tool} ${work}s ${TREE_ROOT}, ${kind} upstream`
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
