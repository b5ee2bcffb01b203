/**
 * A process that the tests start: it writes to the ledger of a folder, which others have open too, and prints the
 * name of each thing once it is acknowledged, then the serials its follower has heard of.
 * Arguments: folder, name of this writer, how many writes (0: until it is killed).
 */
import { openLedger } from '#ledger/open-ledger'
import { counter, thing } from '#ledger/backends/contract/check'

const LANES = 4

const [folder = '', writer = '', writes = '0'] = process.argv.slice(2)
const ledger = await openLedger(folder)
const heard: number[] = []
ledger.follow(({ serial }) => heard.push(serial))
const begun = ledger.serial + 1

async function writeThing(name: string): Promise<void> {
  await ledger.write(writer, async (tx) => {
    tx.set(thing(name), name)
    tx.set(counter, ((await tx.get(counter)) ?? 0) + 1)
  })
  console.log(name)
}

async function writeLane(lane: number): Promise<void> {
  const last = Number(writes) === 0 ? Infinity : Number(writes) / LANES
  for (let i = 0; i < last; i++) await writeThing(`${writer}-${lane}-${i}`)
}

await Promise.all(Array.from({ length: LANES }, (_, lane) => writeLane(lane)))
await ledger.catchUp()
const isEachOnce = heard.every((serial, i) => serial === begun + i)
console.log(isEachOnce && heard.length === ledger.serial + 1 - begun ? 'heard all' : heard.join())
await ledger.close()
