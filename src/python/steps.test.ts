/** Long work leaves others their turns. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachInTurn, sortInSteps } from './steps.ts'

test('between the members of a long list others have their turns', async () => {
  const told: string[] = []
  setImmediate(() => told.push('another'))
  const work = eachInTurn(['first', 'second', 'third'], (one) => {
    told.push(one)
    const begin = performance.now()
    while (performance.now() - begin < 10);
  })
  await work

  assert.deepEqual(told, ['first', 'another', 'second', 'third'])
})

test('what fails within a long list fails at once', async () => {
  await assert.rejects(
    eachInTurn([1, 2], (one) => assert.equal(one, 2)),
    /1 !== 2/,
  )
})

test('a list is sorted in steps, and what is equal stays as it came', () => {
  for (const count of [0, 1, 511, 512, 513, 3000]) {
    const items = Array.from({ length: count }, (_, at) => ({ at, rank: (at * 7919) % 100 }))
    const steps = sortInSteps(items, (a, b) => a.rank - b.rank)
    let pauses = 0
    let result = steps.next()
    while (!result.done) {
      pauses++
      result = steps.next()
    }

    assert.deepEqual(
      result.value,
      items.toSorted((a, b) => a.rank - b.rank),
    )
    assert.ok(pauses >= count / 512, `${pauses} pauses for ${count}`)
  }
})
