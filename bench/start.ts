/** From the command to the line that says it is ready, and what the process then holds while idle. */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startProcess } from '../test/support/process.ts'
import { makeTempFolder } from '../test/support/temp.ts'
import { pinned, pinServer } from './support/cores.ts'
import { startDevpi } from './support/contenders.ts'
import { median, type Figure } from './support/figure.ts'
import { familyMemory, processorTime } from './support/memory.ts'

const ROUNDS = 7
const DEVPI_ROUNDS = 2
const SETTLE_MS = 5000
const PROGRAM = join(import.meta.dirname, '..', 'bin', 'wheelyard.ts')

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  say('devpi-init and devpi-server …')
  const devpi = await startDevpis()
  const devpiSeconds = median(devpi.seconds)
  const peer = { name: 'devpi-server', value: devpiSeconds }

  const figures: Figure[] = []
  const idle: number[] = []
  for (const kind of kinds) {
    say(`${kind.what} …`)
    const seconds: number[] = []
    const busy: number[] = []
    for (let round = 0; round < (kind.rounds ?? ROUNDS); round++) {
      const isLast = round === ROUNDS - 1
      const { took, cpu, memory } = await startOnce(kind.args, kind.isFirst, isLast)
      seconds.push(took)
      busy.push(cpu)
      if (memory !== undefined) idle.push(memory)
    }
    const ours = median(seconds)
    figures.push({
      name: `start.${kind.name}`,
      what: kind.what,
      unit: 's',
      ours,
      peer,
      ratio: ours / devpiSeconds,
      rounds: { ours: seconds, peer: devpi.seconds },
    })
    figures.push({
      name: `start.${kind.name}.cpu`,
      what: '  its processor time until then',
      unit: 's',
      ours: median(busy),
      rounds: { ours: busy },
    })
  }
  figures.push({
    name: 'start.memory',
    what: 'resident memory 5 s after the start',
    unit: 'MB',
    ours: Math.max(...idle),
    peer: { name: 'devpi-server', value: devpi.memory },
    ratio: Math.max(...idle) / devpi.memory,
    rounds: { ours: idle },
  })
  return figures
}

const what = 'from the command to ready, empty data folder'
const kinds: readonly {
  readonly name: string
  readonly what: string
  readonly args: readonly string[]
  readonly isFirst: boolean
  readonly rounds?: number
}[] = [
  { name: 'plain', what, args: [], isFirst: false },
  { name: 'empty', what: `${what}, no root/pypi`, args: ['--no-root-pypi'], isFirst: false },
  // Nothing compiled before is kept in a home that is new.
  { name: 'first', what: `${what}, new home too`, args: [], isFirst: true, rounds: 5 },
]

const home = await makeTempFolder('start-home')

async function startOnce(
  extra: readonly string[],
  isFirst: boolean,
  isMeasured: boolean,
): Promise<{ took: number; cpu: number; memory: number | undefined }> {
  await using data = await makeTempFolder('start')
  await using ownHome = await makeTempFolder('start-home')
  const env = {
    HOME: isFirst ? ownHome.path : home.path,
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    PIP_CONFIG_FILE: '/dev/null',
    UV_NO_CONFIG: '1',
  }
  const serve = ['serve', '--dir', data.join('data'), '--port', '0', ...extra]
  const { command, args } = pinned('server', process.execPath, [PROGRAM, ...serve])

  const begin = performance.now()
  await using child = startProcess(command, args, { env, cwd: ownHome.path })
  await child.until(() => (child.stdout.includes('http://') ? true : undefined))
  const took = (performance.now() - begin) / 1000

  const cpu = (await processorTime(child.pid)) / 1000

  if (!isMeasured) return { took, cpu, memory: undefined }
  await wait(SETTLE_MS)
  return { took, cpu, memory: await familyMemory(child.pid) }
}

async function startDevpis(): Promise<{ seconds: number[]; memory: number }> {
  const seconds: number[] = []
  let memory = 0
  for (let round = 0; round < DEVPI_ROUNDS; round++) {
    const begin = performance.now()
    await using server = await startDevpi()
    seconds.push((performance.now() - begin) / 1000)
    pinServer(server.pid)
    if (round < DEVPI_ROUNDS - 1) continue
    await wait(SETTLE_MS)
    memory = await familyMemory(server.pid)
  }
  return { seconds, memory }
}
