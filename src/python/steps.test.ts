/** Long work leaves others their turns. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachInTurn } from './steps.ts'

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
