import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  HUGE_PIECE,
  LARGE_PIECE,
  mayTakeHuge,
  takesHugeNoMore,
  recyclePiece,
  SMALL_PIECE,
  takePiece,
} from './pieces.ts'

for (const length of [5000, SMALL_PIECE, LARGE_PIECE, HUGE_PIECE]) {
  test(`a piece of ${length} bytes is used again once it is given back, and only once`, () => {
    const piece = takePiece(length)
    const memory = piece.buffer
    assert.equal(piece.length, length)
    assert.notEqual(takePiece(length).buffer, memory)

    recyclePiece(piece.subarray(1, 2))
    recyclePiece(piece)
    const next = [takePiece(length), takePiece(length)]

    assert.equal(next.filter(({ buffer }) => buffer === memory).length, 1)
    assert.equal(next[0]!.length, length)
  })
}

test('huge pieces are for a few at a time', () => {
  let users = 0
  while (mayTakeHuge()) users++

  assert.ok(users > 1 && users < 20, `${users}`)
  takesHugeNoMore()
  assert.equal(mayTakeHuge(), true)
  assert.equal(mayTakeHuge(), false)
  for (; users > 0; users--) takesHugeNoMore()
})

test('memory of others is never taken', () => {
  const foreign = [Buffer.alloc(SMALL_PIECE), takePiece(100), Buffer.from('shared')]
  for (const chunk of foreign) recyclePiece(chunk)

  for (const length of [SMALL_PIECE, LARGE_PIECE]) {
    const { buffer } = takePiece(length)
    assert.ok(foreign.every((chunk) => chunk.buffer !== buffer))
  }
})
