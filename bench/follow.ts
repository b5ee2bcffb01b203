/**
 * Following a devpi-server from an empty folder: 2,000 mixed changes, and the files that they bring, against devpi's own
 * replica. Both are behind the same wire; when something is here is seen by what is asked for next.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startDevpiPrimary, type DevpiPrimary } from '../test/support/devpi-primary.ts'
import { makeBusyIndexes, makeChanges } from '../test/support/mixed-changes.ts'
import { differences } from '../test/support/moved-site.ts'
import { startRelay, type Relay } from '../test/support/relay.ts'
import { startDevpiReplica, type IndexServer } from '../test/support/upstream.ts'
import { startYard } from '../test/support/yard.ts'
import { pinServer } from './support/cores.ts'
import { figureOf } from './support/compare.ts'
import type { Figure } from './support/figure.ts'
import { program } from './support/program.ts'

const CHANGES = 2000
const ROUNDS = 2
const LOOK_MS = 2

export async function measure(say: (line: string) => void): Promise<Figure[]> {
  await using primary = await startDevpiPrimary()
  pinServer(primary.server.pid)
  say(`making ${CHANGES} changes …`)
  await makeBusyIndexes(primary.client)
  await makeChanges(primary.client, CHANGES)
  const serial = await primary.serial()
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [
      async () => ours.push(await followOnce(primary, serial, say)),
      async () => theirs.push(await replicateOnce(primary, serial)),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const what = `following a devpi-server, ${serial + 1} changes`
  const named = { name: 'follow', what, unit: 'ms', peerName: 'devpi replica' }
  return [figureOf(named, ours, theirs)]
}

async function followOnce(
  primary: DevpiPrimary,
  serial: number,
  say: (line: string) => void,
): Promise<number> {
  await using wire = await startRelay(primary.server.url())
  await using yard = await startYard({
    program,
    follows: { url: wire.url(), secretFile: primary.secretFile },
  })
  pinServer(yard.pid)
  const took = await watch(wire, serial)
  while ((await missingAt(yard.url('+status'))) > 0) await sleep(100)
  const found = await differences(primary.server.url(), yard.url(), { withFiles: false })
  say(`${found.length} differences`)
  return took
}

async function replicateOnce(primary: DevpiPrimary, serial: number): Promise<number> {
  await using wire = await startRelay(primary.server.url())
  await using replica: IndexServer = await startDevpiReplica(wire.url(), primary.secretFile)
  pinServer(replica.pid)
  return await watch(wire, serial)
}

/** Files that are still to come. */
async function missingAt(status: string): Promise<number> {
  const answer = await fetch(status, { headers: { accept: 'application/json' } })
  const { result } = (await answer.json()) as {
    result: { blobs: { 'changes-to-look-at': number } }
  }
  return result.blobs['changes-to-look-at']
}

/** Milliseconds from the first question for changes until that for the one after the last: then all before it are here. */
async function watch(wire: Relay, serial: number): Promise<number> {
  const begin = await asked(wire, '/+changelog/')
  const end = await asked(wire, `/+changelog/${serial + 1}-`)
  return end - begin
}

async function asked(wire: Relay, start: string): Promise<number> {
  while (!wire.requests.some(({ path }) => path.startsWith(start))) await sleep(LOOK_MS)
  return performance.now()
}
