import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WindowReader } from './window-reader.ts'

const KB = 1024
const content = Buffer.from(Array.from({ length: 1024 * KB }, (_, at) => (at * 7) % 251))

function countingFile() {
  const reads: number[] = []
  return {
    reads,
    size: content.length,
    async bytesAt(position: number, length: number) {
      reads.push(length)
      return Buffer.from(content.subarray(position, position + length))
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function readEach(reader: WindowReader, positions: readonly number[]): Promise<void> {
  for (const position of positions) {
    const bytes = await reader.bytes(position, 30)
    assert.deepEqual(bytes, content.subarray(position, position + 30))
  }
}

const every = (step: number): number[] =>
  Array.from({ length: Math.floor(content.length / step) }, (_, number) => number * step)

test('small reads straight ahead cost few large ones, which grow no larger than allowed', async () => {
  const file = countingFile()

  await readEach(new WindowReader(file, 4 * KB, 256 * KB), every(8 * KB))

  assert.ok(file.reads.length <= 12, `${file.reads.length} reads`)
  assert.equal(Math.max(...file.reads), 256 * KB)
})

test('reads here and there take no more than they need', async () => {
  const shuffled = every(16 * KB).map((_, number) => ((number * 37) % 64) * 16 * KB)
  const sparse = every(128 * KB)
  for (const positions of [shuffled, sparse]) {
    const file = countingFile()

    await readEach(new WindowReader(file, 4 * KB, 256 * KB), positions)

    const total = file.reads.reduce((sum, length) => sum + length, 0)
    assert.ok(total <= positions.length * 8 * KB, `${total} bytes`)
  }
})

test('a window that may not grow stays as it is', async () => {
  const file = countingFile()

  await readEach(new WindowReader(file, 4 * KB), every(4 * KB))

  assert.equal(Math.max(...file.reads), 4 * KB)
})
