/** A process that the tests start on a small disk of its own: it fills it, makes room again, and fails where the ledger does not cope. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageFailure } from '#base/failure'
import { openLedger } from '#ledger/open-ledger'
import { listThings, setThings } from '#ledger/backends/contract/check'

const [folder = ''] = process.argv.slice(2)
const ballast = join(folder, 'ballast')
await writeFile(ballast, Buffer.alloc(1_000_000))
const ledger = await openLedger(folder)
const kept: Record<string, string> = {}

const isFull = (error: unknown): boolean => error instanceof StorageFailure && error.isFull

async function setThing(name: string, value: string): Promise<void> {
  await setThings(ledger, { [name]: value })
  kept[name] = value
}

async function fill(): Promise<void> {
  for (let i = 0; ; i++) await setThing(`big-${i}`, `${i} `.repeat(10_000))
}

await assert.rejects(fill(), isFull)
const big = 'x'.repeat(300_000)
await Promise.all(['a', 'b', 'c'].map((name) => assert.rejects(setThing(name, big), isFull)))
assert.deepEqual(await listThings(ledger), kept)

await rm(ballast)
await setThing('after', big)
assert.deepEqual(await listThings(ledger), kept)
const serials = Object.keys(kept).length
assert.deepEqual(await ledger.verify(), { serials, broken: undefined })
await ledger.close()

const again = await openLedger(folder)
assert.deepEqual(await listThings(again), kept)
assert.deepEqual(await again.verify(), { serials, broken: undefined })
await again.close()
console.log('copes')
