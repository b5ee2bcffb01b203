/** A real tree resolved and installed straight from nginx, and through a mirror of it that knows nothing, then all. */
import { makePip, makeUv } from '../test/support/clients.ts'
import { startCountingNginx } from '../test/support/plain-index.ts'
import type { RunResult } from '../test/support/process.ts'
import { realWheels, TREE_ROOT } from '../test/support/real-tree.ts'
import { figureOf } from './support/compare.ts'
import { startWheelyard } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'

interface Tool {
  readonly name: string
  readonly rounds: number
  /** Each with an empty home and an empty environment. */
  readonly prepare: () => Promise<Prepared>
}

interface Prepared extends AsyncDisposable {
  install(what: string, indexUrl: string): Promise<RunResult>
}

const tools: readonly Tool[] = [
  { name: 'uv', rounds: 5, prepare: makeUv },
  { name: 'pip', rounds: 3, prepare: makePip },
]

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using upstream = await startCountingNginx(await realWheels())
  const figures: Figure[] = []
  for (const tool of tools) {
    const straight: number[] = []
    const cold: number[] = []
    const warm: number[] = []
    for (let round = 0; round < tool.rounds; round++) {
      await using yard = await startWheelyard([
        { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') },
      ])
      const mirrored = yard.url('ada/mirror/+simple/')
      straight.push(await secondsOf(tool, upstream.url('simple/')))
      cold.push(await secondsOf(tool, mirrored))
      warm.push(await secondsOf(tool, mirrored))
      say(
        `${tool.name}: ${[straight, cold, warm].map((all) => all.at(-1)?.toFixed(2)).join(', ')} s`,
      )
    }
    const names = (kind: string, what: string) => ({
      name: `install.${tool.name}.${kind}`,
      what: `${tool.name} installs ${TREE_ROOT} through a mirror, ${what}`,
      unit: 's',
      peerName: 'straight',
    })
    figures.push(
      figureOf(names('cold', 'nothing known'), cold, straight),
      figureOf(names('warm', 'known'), warm, straight),
    )
  }
  return figures
}

async function secondsOf(tool: Tool, indexUrl: string): Promise<number> {
  await using prepared = await tool.prepare()
  const begin = performance.now()
  const { code, output } = await prepared.install(TREE_ROOT, indexUrl)
  if (code !== 0) throw new Error(output)
  return (performance.now() - begin) / 1000
}
