/** From the command to the line that says it is ready, and what the process then holds while idle. */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startProcess } from '../test/support/process.ts'
import { makeTempFolder } from '../test/support/temp.ts'
import { pinned, pinServer } from './support/cores.ts'
import { startDevpi } from './support/contenders.ts'
import { median, type Figure } from './support/figure.ts'
import { fillLedger } from './support/long-ledger.ts'
import { familyMemory, processorTime } from './support/memory.ts'
import { packProgram, program } from './support/program.ts'
import { rounds } from './support/quick.ts'

const ROUNDS = 7
const DEVPI_ROUNDS = 2
/** The process of the search index ends ten seconds after its last work. */
const SETTLE_MS = 15_000
const ENTRIES = 1_000_000
const root = join(import.meta.dirname, '..')
const SOURCE = join(root, 'bin', 'wheelyard.ts')
/** The JavaScript that is published. */
const PACKED = program ?? (await packProgram())

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  say('devpi-init and devpi-server …')
  const devpi = await startDevpis()
  const devpiSeconds = median(devpi.seconds)
  const peer = { name: 'devpi-server', value: devpiSeconds }

  say(`a ledger with ${ENTRIES} entries …`)
  await using long = await makeTempFolder('start-long')
  await startOnce({ ...kinds[0]!, folder: long.join('data') }, false)
  await fillLedger(long.join('data'), ENTRIES)

  const figures: Figure[] = []
  const idle: number[] = []
  for (const kind of kinds.map((one) =>
    one.isLong ? { ...one, folder: long.join('data') } : one,
  )) {
    say(`${kind.what} …`)
    const seconds: number[] = []
    const busy: number[] = []
    const count = rounds(kind.rounds ?? ROUNDS)
    for (let round = 0; round < count; round++) {
      const isMeasured = round === count - 1 && kind.name === 'packed'
      const { took, cpu, memory } = await startOnce(kind, isMeasured)
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
    what: 'resident memory at rest, packed build',
    unit: 'MB',
    ours: Math.max(...idle),
    peer: { name: 'devpi-server', value: devpi.memory },
    ratio: Math.max(...idle) / devpi.memory,
    rounds: { ours: idle },
  })
  return figures
}

interface Kind {
  readonly name: string
  readonly what: string
  readonly args: readonly string[]
  /** The program. */
  readonly command?: string
  /** Nothing compiled before is kept in a home that is new. */
  readonly isFirst?: boolean
  /** On the long ledger. */
  readonly isLong?: boolean
  readonly rounds?: number
  /** A data folder that is there already. */
  readonly folder?: string
}

const what = 'from the command to ready, empty data folder'
const kinds: readonly Kind[] = [
  { name: 'plain', what: `${what}, from source`, args: [] },
  { name: 'empty', what: `${what}, from source, no root/pypi`, args: ['--no-root-pypi'] },
  { name: 'first', what: `${what}, from source, new home too`, args: [], isFirst: true, rounds: 5 },
  { name: 'packed', what: `${what}, packed build`, args: [], command: PACKED },
  {
    ...{ name: 'million', args: [], command: PACKED, isLong: true },
    what: 'from the command to ready, 1,000,000 entries, packed build',
  },
]

const home = await makeTempFolder('start-home')

async function startOnce(
  { args: extra, command: own = SOURCE, isFirst = false, folder }: Kind,
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
  const serve = ['serve', '--dir', folder ?? data.join('data'), '--port', '0', ...extra]
  const { command, args } = pinned('server', process.execPath, [own, ...serve])

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
