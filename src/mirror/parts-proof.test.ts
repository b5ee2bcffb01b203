/** A file that passes by is held against the parts that were read of it before. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { PartsCheck, witnessed, type PartsProof } from './parts-proof.ts'

const bytes = randomBytes(10_000)

/** Reads the end of a file, and then these parts of it. */
async function prove(file: Buffer, ...parts: [number, number][]): Promise<PartsProof> {
  const read = async (position: number, length: number): Promise<Buffer> =>
    file.subarray(position, position + length)
  const witness = witnessed({ size: file.length, tail: file.subarray(-1000), read })
  for (const [position, length] of parts) await witness.file.read(position, length)
  return witness.prove()
}

function holds(proof: PartsProof, file: Buffer, chunk: number): boolean {
  const check = new PartsCheck(proof)
  for (let at = 0; at < file.length; at += chunk) check.update(file.subarray(at, at + chunk))
  return check.holds()
}

for (const chunk of [1, 7, 500, 1000, 4096, 20_000]) {
  test(`parts are found in a file that comes in pieces of ${chunk} bytes`, async () => {
    const proof = await prove(bytes, [7000, 2000], [100, 400], [0, 0])

    assert.equal(holds(proof, bytes, chunk), true)
    for (const place of [100, 499, 7000, 8999, 9000, 9999]) {
      const other = Buffer.from(bytes)
      other[place]! ^= 1
      assert.equal(holds(proof, other, chunk), false, `byte ${place}`)
    }
    const unseen = Buffer.from(bytes)
    for (const place of [0, 99, 500, 6999]) unseen[place]! ^= 1
    assert.equal(holds(proof, unseen, chunk), true)
    assert.equal(holds(proof, bytes.subarray(0, -1), chunk), false)
  })
}
