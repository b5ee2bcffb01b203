/** How much of bodies is held in memory at a time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyRoom } from './body-room.ts'

test('bodies together get no more room than there is, and it is free again when they are done', () => {
  const room = new BodyRoom(300_000)
  const [one, two] = [room.enter(), room.enter()]
  one.add(200_000)

  assert.throws(() => two.add(200_000), { code: 'too-many-requests' })
  two.leave()
  one.leave()

  room.enter().add(200_000)
})

test('a small body gets its room, whatever others hold', () => {
  const room = new BodyRoom(300_000)
  room.enter().add(300_000 - 128)
  const small = room.enter()

  small.add(50_000)

  assert.throws(() => small.add(50_000), { code: 'too-many-requests' })
})

test('a body in very many pieces takes more room than its bytes', () => {
  const holding = new BodyRoom(100_000).enter()

  assert.throws(
    () => {
      for (let i = 0; i < 10_000; i++) holding.add(1)
    },
    { code: 'too-many-requests' },
  )
})
