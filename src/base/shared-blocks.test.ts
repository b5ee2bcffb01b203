import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SMALL_PIECE } from './pieces.ts'
import { SharedBlocks } from './shared-blocks.ts'

interface File {
  readonly blocks: SharedBlocks
  readonly reads: number[]
  bytes: Buffer
}

function fileOf(bytes: Buffer): File {
  const reads: number[] = []
  const file = { bytes, reads, blocks: new SharedBlocks(read) }
  return file

  async function read(into: Uint8Array, position: number): Promise<number> {
    reads.push(position)
    await nextTurn()
    return file.bytes.copy(into, 0, position)
  }
}

test('what many ask for at once is read once, and is in memory for those who come later', async () => {
  const { blocks, reads, bytes } = fileOf(randomBytes(3 * SMALL_PIECE))
  const before = blocks.at(SMALL_PIECE, 10)

  const parts = await Promise.all(
    [0, 1, 999].map((from) => blocks.load(SMALL_PIECE + from, SMALL_PIECE - from)),
  )

  assert.equal(before, undefined)
  for (const [at, from] of [0, 1, 999].entries()) {
    assert.ok(bytes.subarray(SMALL_PIECE + from, 2 * SMALL_PIECE).equals(parts[at]!))
  }
  assert.ok(
    bytes.subarray(SMALL_PIECE + 5, SMALL_PIECE + 15).equals(blocks.at(SMALL_PIECE + 5, 10)!),
  )
  assert.deepEqual(reads, [SMALL_PIECE])
})

test('the end of a file that grows is read again when there is more', async () => {
  const all = randomBytes(1000)
  const file = fileOf(all.subarray(0, 400))

  const first = await file.blocks.load(0, 400)
  file.bytes = all
  const [known, more] = [file.blocks.at(400, 600), await file.blocks.load(400, 600)]

  assert.ok(all.subarray(0, 400).equals(first))
  assert.equal(known, undefined)
  assert.ok(all.subarray(400).equals(more))
  assert.deepEqual(file.reads, [0, 0])
})

test('who asks for more while less is being read waits for its own', async () => {
  const file = fileOf(randomBytes(1000))

  const [less, more] = await Promise.all([file.blocks.load(0, 400), file.blocks.load(400, 600)])

  assert.ok(file.bytes.subarray(0, 400).equals(less))
  assert.ok(file.bytes.subarray(400).equals(more))
})

test('a file that is shorter gives nothing, and a failure is told to each and forgotten', async () => {
  const file = fileOf(Buffer.alloc(0))
  let fails = true
  const flaky = new SharedBlocks(async (into) => {
    if (fails) throw new Error('unreadable')
    return into.length
  })

  const none = await file.blocks.load(0, 10)
  for (const one of [flaky.load(0, 10), flaky.load(0, 10)]) await assert.rejects(one, /unreadable/)
  fails = false

  assert.equal(none.length, 0)
  assert.equal((await flaky.load(0, 10)).length, 10)
})

test('memory is used again when all have given it back, and not before', async () => {
  const { blocks, bytes } = fileOf(randomBytes(4 * SMALL_PIECE))
  const first = await blocks.load(0, SMALL_PIECE)
  const same = blocks.at(0, SMALL_PIECE)!
  await nextTurn()
  blocks.clear() // nobody else gets it

  blocks.giveBack(first)
  const [second] = [await blocks.load(SMALL_PIECE, SMALL_PIECE)]
  const isKept = bytes.subarray(0, SMALL_PIECE).equals(same)
  blocks.giveBack(same)
  const third = await blocks.load(2 * SMALL_PIECE, SMALL_PIECE)

  assert.ok(isKept)
  assert.notEqual(second.buffer, first.buffer)
  assert.equal(third.buffer, first.buffer)
})
