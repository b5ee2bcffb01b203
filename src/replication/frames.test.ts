import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Change } from '#ledger/change'
import { parseChange, printChange, WireProblem } from './change-text.ts'
import { FrameReader, FrameWriter, type Frame } from './frames.ts'

const key = randomBytes(32)

const told = (frames: readonly Frame[]): string[] =>
  frames.map(({ kind, payload }) => `${kind} ${payload.toString()}`)

function writeSome(): Buffer[] {
  const writer = new FrameWriter(key)
  return [writer.write('H', '{}'), writer.write('C', 'a change, größer'), writer.write('B', '')]
}

test('frames are read as they were written, in pieces of any size', () => {
  const stream = Buffer.concat(writeSome())

  for (let size = 1; size <= stream.length; size++) {
    const reader = new FrameReader(key)
    const frames: Frame[] = []
    for (let start = 0; start < stream.length; start += size) {
      frames.push(...reader.push(stream.subarray(start, start + size)))
      assert.equal(
        reader.isBetweenFrames,
        [39, 94, 131].includes(start + size) || start + size > 130,
      )
    }
    assert.deepEqual(told(frames), ['H {}', 'C a change, größer', 'B '])
  }
})

test('whatever byte is altered, the frame is refused', () => {
  const stream = Buffer.concat(writeSome())

  for (let place = 0; place < stream.length; place++) {
    const altered = Buffer.from(stream)
    altered[place]! ^= 1
    const read = (): void => {
      const reader = new FrameReader(key)
      reader.push(altered)
      // a frame that now says it is longer waits for what never comes
      if (reader.isBetweenFrames) throw new Error('it was taken as it is')
      throw new WireProblem('')
    }
    assert.throws(read, WireProblem, `byte ${place}`)
  }
})

test('frames that are left out, repeated, swapped or of another stream are refused', () => {
  const [hello, change, beat] = writeSome() as [Buffer, Buffer, Buffer]
  const other = new FrameWriter(randomBytes(32)).write('H', '{}')

  for (const stream of [[change], [hello, beat], [hello, hello], [change, hello], [other]]) {
    assert.throws(() => new FrameReader(key).push(Buffer.concat(stream)), WireProblem)
  }
})

test('what is no frame at all is refused before much of it has come', () => {
  for (const wrong of ['<!DOCTYPE html><title>A proxy says no</title>', `C${'\xff'.repeat(60)}`]) {
    assert.throws(() => new FrameReader(key).push(Buffer.from(wrong, 'latin1')), WireProblem)
  }
})

test('a change is parsed to what was printed', () => {
  const path = fc.string({ unit: 'binary', minLength: 1 })
  const value = fc.option(fc.json().map((text) => JSON.stringify(JSON.parse(text))))
  const plain = { noNullPrototype: true }
  const change: fc.Arbitrary<Change> = fc.record(
    {
      serial: fc.nat(),
      at: fc.nat(),
      actor: fc.string({ unit: 'grapheme' }),
      epoch: fc.nat(),
      format: fc.nat(),
      hash: fc.string(),
      entries: fc.array(fc.record({ path, value }, plain), { maxLength: 4 }),
    },
    plain,
  )

  fc.assert(fc.property(change, (one) => assert.deepEqual(parseChange(printChange(one)), one)))
})

test('text that is no change is refused', () => {
  const head = '[1,0,0,"root",1,"abc"]\n'

  for (const wrong of [
    '',
    head.trim(),
    '{}\n',
    '[1,0,0,"root",1]\n',
    '[1,"0",0,"root",1,"abc"]\n',
    `${head}"a"\t1`,
    `${head}"a" 1\n`,
    `${head}a\t1\n`,
    `${head}"a\n"\t1\n`,
  ]) {
    assert.throws(() => parseChange(wrong), WireProblem, JSON.stringify(wrong))
  }
})
