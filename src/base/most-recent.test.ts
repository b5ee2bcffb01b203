import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostRecent } from './most-recent.ts'

test('keeps no more than so many, and the ones used last', () => {
  const cache = mostRecent<string, number>(3)
  for (const [at, name] of ['a', 'b', 'c'].entries()) cache.set(name, at)
  cache.get('a')
  cache.set('d', 3)
  assert.deepEqual([...cache.keys()].toSorted(), ['a', 'c', 'd'])
})
