/** Long JSON is the same as any other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printJson } from '#http/reply'
import { atOnce } from '#python/steps'
import { fuzzRuns } from '../../test/support/fuzz.ts'
import { LongObject, printLongJson } from './long-json.ts'

test('JSON that is printed in steps is that which is printed at once', () => {
  const anyLongList = fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 30, maxLength: 60 })
  const anyJson = fc.oneof(
    fc.jsonValue({ maxDepth: 9 }),
    anyLongList,
    fc.dictionary(fc.string(), anyLongList),
  )
  fc.assert(
    fc.property(anyJson, (value) =>
      assert.equal(atOnce(printLongJson(value)).toString(), printJson(value)),
    ),
    fuzzRuns(300),
  )
})

test('what is not defined is left out of objects, and each member is a step', () => {
  const value = {
    a: undefined,
    list: [1, 'é\n', { b: [] }],
    none: {},
    deep: [[[[[[[1]]]]]]],
    many: Array.from({ length: 99 }, () => undefined),
  }
  assert.equal(atOnce(printLongJson(value)).toString(), printJson(value))
  const nothing = Object.fromEntries(value.many.map((_, at) => [`${at}`, undefined]))
  assert.equal(atOnce(printLongJson(nothing)).toString(), printJson(nothing))
  const steps = printLongJson(Array.from({ length: 1000 }, () => ({ a: 1 })))
  let count = 0
  while (steps.next().done !== true) count++
  assert.ok(count >= 1000, `${count} steps`)
})

test('the members of a long object are made one by one, as they are printed', () => {
  const made: number[] = []
  const members = () =>
    [3, 1, 2].values().map((at) => {
      made.push(at)
      return [`v${at}`, { at }] as const
    })
  const steps = printLongJson({ result: new LongObject(members), type: 'x' })
  const before = made.length
  steps.next()

  assert.equal(
    atOnce(printLongJson({ result: new LongObject(members), type: 'x' })).toString(),
    printJson({ result: { v3: { at: 3 }, v1: { at: 1 }, v2: { at: 2 } }, type: 'x' }),
  )
  assert.equal(atOnce(printLongJson(new LongObject(() => []))).toString(), printJson({}))
  assert.equal(before, 0)
})
