/** How much moves from an upstream of plain HTML when a real tree is resolved, against the size of the tree's wheels. */
import { setTimeout as wait } from 'node:timers/promises'
import { makePip, makeUv } from '../test/support/clients.ts'
import { startCountingNginx, type CountingServer } from '../test/support/plain-index.ts'
import type { RunResult } from '../test/support/process.ts'
import { realWheels, TREE_ROOT } from '../test/support/real-tree.ts'
import { startYard } from '../test/support/yard.ts'
import type { Figure } from './support/figure.ts'
import { program } from './support/program.ts'

type Resolve = (indexUrl: string) => Promise<RunResult>

/** Each with an empty home: nothing that it has seen before counts. */
const tools: Readonly<Record<string, Resolve>> = {
  async pip(indexUrl) {
    await using pip = await makePip()
    return await pip.install(TREE_ROOT, indexUrl, '--dry-run')
  },
  async uv(indexUrl) {
    await using uv = await makeUv()
    return await uv.install(TREE_ROOT, indexUrl, '--dry-run')
  },
}

const QUIET_MS = 2000

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  const wheels = await realWheels()
  const total = wheels.reduce((sum, { bytes }) => sum + bytes.length, 0)
  say(`${wheels.length} wheels, ${(total / 1e6).toFixed(1)} MB …`)
  const figures: Figure[] = []
  for (const [tool, resolve] of Object.entries(tools)) {
    await using upstream = await startCountingNginx(wheels)
    const straight = await bytesMoved(upstream, () => resolve(upstream.url('simple/')))
    await using yard = await startYard({
      program,
      env: { WHEELYARD_NO_MAKE_AHEAD: 'no' },
      stages: [{ name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') }],
    })
    const from = yard.url('ada/mirror/+simple/')
    const cold = await bytesMoved(upstream, () => resolve(from))
    const warm = await bytesMoved(upstream, () => resolve(from))
    const percent = (bytes: number): number => (bytes / total) * 100
    const figure = (name: string, what: string, bytes: number): Figure => ({
      name: `resolve.${tool}.${name}`,
      what: `${tool}: bytes from upstream, of the tree's wheels, ${what}`,
      unit: '%',
      ours: percent(bytes),
      peer: { name: 'straight', value: percent(straight) },
    })
    figures.push(figure('cold', 'nothing known', cold), figure('warm', 'known', warm))
  }
  return figures
}

/** Also those that are fetched behind the answer: until upstream has been quiet for a while. */
async function bytesMoved(
  upstream: CountingServer,
  resolve: () => Promise<RunResult>,
): Promise<number> {
  const before = sent(upstream)
  const { code, output } = await resolve()
  if (code !== 0) throw new Error(output)
  for (let last = -1; last !== sent(upstream);) {
    last = sent(upstream)
    await wait(QUIET_MS)
  }
  return sent(upstream) - before
}

const sent = (upstream: CountingServer): number =>
  upstream.requests().reduce((sum, { bytes }) => sum + bytes, 0)
