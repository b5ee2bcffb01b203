/** How long a new replica takes to get a ledger of a million entries, and how much memory both need for it. */
import { makeSharedSecret } from '../test/support/feed.ts'
import { makeMirror, startWheelyard } from './support/contenders.ts'
import type { Figure } from './support/figure.ts'
import { fillLedger } from './support/long-ledger.ts'
import { highestMemory, processorTime } from './support/memory.ts'
import { startReplica, statusOf, untilStatus } from './support/replicas.ts'

const ENTRIES = 1_000_000
const LOOK_MS = 250

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using secret = await makeSharedSecret()
  await using primary = await startWheelyard(['ada/own'], {}, ['--secret-file', secret.path])
  await makeMirror(primary, 'ada/mirror', 'http://127.0.0.1:1/')
  await primary.kill('SIGTERM')
  say(`filling a ledger with ${ENTRIES} entries …`)
  await fillLedger(primary.folder, ENTRIES)
  await primary.restart()
  const { serial } = await statusOf(primary)
  const before = await processorTime(primary.pid)

  say(`a new replica takes over ${serial + 1} changes …`)
  const begin = performance.now()
  await using replica = await startReplica(primary.url(), secret)
  await untilStatus(replica, (status) => status.serial >= serial, LOOK_MS)
  const seconds = (performance.now() - begin) / 1000
  const cpu = (await processorTime(replica.pid)) / 1000
  const primaryCpu = ((await processorTime(primary.pid)) - before) / 1000
  const memory = await highestMemory(replica.pid)
  const primaryMemory = await highestMemory(primary.pid)

  const figure = (name: string, what: string, unit: string, ours: number): Figure => {
    return { name: `replica-ledger.${name}`, what, unit, ours }
  }
  return [
    figure('time', `a new replica gets ${ENTRIES} entries in ${serial + 1} changes`, 's', seconds),
    figure('cpu', '  its processor time', 's', cpu),
    figure('cpu.primary', "  the primary's", 's', primaryCpu),
    figure('memory', '  its resident memory, at most', 'MB', memory),
    figure('memory.primary', "  the primary's", 'MB', primaryMemory),
  ]
}
