import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { makeSdist, makeTar, makeWheel } from '../../test/support/wheel.ts'
import { ArchiveProblem } from './archive-problem.ts'
import { openArchive } from './archive-source.ts'
import { listTar, readTarMember } from './tar-listing.ts'
import { listZip, readZipMember } from './zip-listing.ts'

const never = () => false
const limits = { limit: 1000, isOver: never }

let seed = 7
const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below

/** With a few bytes changed, and sometimes cut short. */
function damage(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes)
  for (let changes = 1 + random(6); changes > 0; changes--) {
    const value = [0, 1, 0x7f, 0xff, random(256)][random(5)]!
    damaged[random(damaged.length)] = value
  }
  return random(4) === 0 ? damaged.subarray(0, random(damaged.length)) : damaged
}

async function onlyProblems(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => assert.ok(error instanceof ArchiveProblem, String(error)))
}

test('a zip that is damaged anywhere is listed as far as it can be', async () => {
  const { bytes } = makeWheel('anchor', '1.0')
  for (let round = 0; round < 1500; round++) {
    const file = await openArchive(damage(bytes))
    const { members } = await listZip(file, never)
    for (const member of members) await onlyProblems(readZipMember(file, member, limits))
  }
})

test('a tar that is damaged anywhere is listed as far as it can be', async () => {
  const { bytes: packed } = makeSdist('anchor', '1.0')
  const long = makeTar([
    { name: 'pax', type: 'pax', content: '20 path=some/long.py\n' },
    { name: 'x', content: 'text' },
    { name: 'link', type: 'symlink', linkTo: 'x' },
  ])
  for (const [whole, isGzipped] of [
    [packed, true],
    [gunzipSync(packed), false],
    [long, false],
  ] as const) {
    for (let round = 0; round < 500; round++) {
      const bytes = damage(whole)
      const open = () => ({ stream: Readable.from([bytes]), isGzipped })
      const { members } = await listTar(open(), never)
      for (const { at } of members.slice(0, 2)) {
        await onlyProblems(readTarMember(open(), { at, ...limits }))
      }
    }
  }
})
