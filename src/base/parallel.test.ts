/** Work on many things, a few at a time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapInParallel } from './parallel.ts'

test('results come in the order of the items, and no more run than allowed', async () => {
  let running = 0
  let most = 0

  const results = await mapInParallel([3, 1, 2, 5, 4], 2, async (item) => {
    most = Math.max(most, ++running)
    for (let turn = 0; turn < item; turn++) await Promise.resolve()
    running--
    return item * 10
  })

  assert.deepEqual(results, [30, 10, 20, 50, 40])
  assert.equal(most, 2)
})

test('after a failure nothing more is begun', async () => {
  const begun: number[] = []
  const work = mapInParallel([1, 2, 3, 4], 1, async (item) => {
    begun.push(item)
    if (item === 2) throw new Error('two')
  })

  await assert.rejects(work, /two/)
  assert.deepEqual(begun, [1, 2])
})
