/**
 * A real tree resolved and installed straight from nginx, through a mirror of it that knows nothing, and through one that
 * knows all: in turns, with twice the straight way, which shows how far two of the same differ.
 */
import { realWheels, TREE_ROOT } from '../test/support/real-tree.ts'
import { makeMirror, startWheelyard, type Contender } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { runInstaller, type Tool, type Work } from './support/installers.ts'
import { useMemory } from './support/memory-folder.ts'
import { spentBy, type Spent } from './support/spent.ts'
import { takeTurns, tellThroughMirror, type Side } from './support/through-mirror.ts'
import { startTreeUpstream, type Kind, type TreeUpstream } from './support/tree-upstream.ts'

interface Case {
  readonly tool: Tool
  readonly work: Work
  readonly kind: Kind
}

/** Through a mirror clients read metadata and check hashes, which a bare upstream straight does not have them do. */
const cases: readonly Case[] = [
  { tool: 'uv', work: 'resolve', kind: 'bare' },
  { tool: 'uv', work: 'resolve', kind: 'full' },
  { tool: 'uv', work: 'install', kind: 'bare' },
  { tool: 'uv', work: 'install', kind: 'full' },
  { tool: 'pip', work: 'resolve', kind: 'bare' },
  { tool: 'pip', work: 'resolve', kind: 'full' },
  { tool: 'pip', work: 'install', kind: 'bare' },
  { tool: 'pip', work: 'install', kind: 'full' },
]

interface Stage {
  readonly server: Contender
  readonly upstream: TreeUpstream
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
  const spent = await takeTurns(async (side, round) =>
    run(stage, one, await addressFor(stage, one, { side, round })),
  )
  return tellThroughMirror(spent, {
    name: `install.${kind}.${tool}.${work}`,
    does: `${tool} ${work}s ${TREE_ROOT}, ${kind} upstream`,
    say,
  })
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
