/**
 * A real tree installed straight from pypiserver, and through a mirror of it: an index server that people run. Servers are at
 * work for a while before it counts, also the one that knows nothing: with the same wheels as other files.
 */
import { realWheels, TREE_ROOT } from '../test/support/real-tree.ts'
import { startPypiserver } from '../test/support/upstream.ts'
import { makeMirror, startWheelyard, type Contender } from './support/contenders.ts'
import { pinServer } from './support/cores.ts'
import type { Figure } from './support/figure.ts'
import { runInstaller, type Tool } from './support/installers.ts'
import { useMemory } from './support/memory-folder.ts'
import { otherWheels } from './support/other-wheels.ts'
import { spentBy, type Spent } from './support/spent.ts'
import { takeTurns, tellThroughMirror, type Side } from './support/through-mirror.ts'

/** Installs with a server before one counts. */
const WARM_UP = 2
/** Metadata is made ahead, as it is for users. */
const settings = { WHEELYARD_NO_MAKE_AHEAD: 'no' }

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await useMemory(say)
  const wheels = await realWheels()
  await using upstream = await startPypiserver(wheels)
  await using other = await startPypiserver(otherWheels(wheels))
  for (const { pid } of [upstream, other]) pinServer(pid)
  const indexUrl = upstream.url('simple/')
  await using known = await startMirror(indexUrl)
  await install('uv', mirrorOf(known), (run) => run())
  const figures: Figure[] = []
  for (const tool of ['uv', 'pip'] as const) {
    const spent = await takeTurns((side) => work(tool, side))
    figures.push(
      ...tellThroughMirror(spent, {
        name: `install-pypiserver.${tool}`,
        does: `${tool} installs ${TREE_ROOT}, pypiserver upstream`,
        say,
      }),
    )
  }
  return figures

  async function work(tool: Tool, side: Side): Promise<Spent> {
    if (side === 'warm') return install(tool, mirrorOf(known), (run) => spend(known, run))
    if (side !== 'cold') return install(tool, indexUrl, (run) => spend(known, run))
    // Files are known by their hashes: only a server of its own knows nothing.
    await using fresh = await startMirror(indexUrl)
    await makeMirror(fresh, 'ada/other', other.url('simple/'))
    for (let times = 0; times < WARM_UP; times++) {
      await install('uv', fresh.url('ada/other/+simple/'), (run) => run())
    }
    return await install(tool, mirrorOf(fresh), (run) => spend(fresh, run))
  }

  function spend(server: Contender, run: () => Promise<void>): Promise<Spent> {
    return spentBy({ server, upstream: { worker: upstream.pid, requests: () => [] } }, run)
  }
}

async function startMirror(upstreamUrl: string) {
  const server = await startWheelyard([], settings)
  await makeMirror(server, 'ada/mirror', upstreamUrl)
  return server
}

const mirrorOf = (server: Contender): string => server.url('ada/mirror/+simple/')

const install = <T>(
  tool: Tool,
  indexUrl: string,
  timed: (run: () => Promise<void>) => Promise<T>,
): Promise<T> => runInstaller(tool, 'install', { requirement: TREE_ROOT, indexUrl }, timed)
