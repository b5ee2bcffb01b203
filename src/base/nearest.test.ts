import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findNearest } from './nearest.ts'

const names = ['port', 'host', 'log-level', 'outside-url']

for (const [typed, meant] of [
  ['prot', 'port'],
  ['hosst', 'host'],
  ['loglevel', 'log-level'],
  ['outside-uri', 'outside-url'],
  ['port', 'port'],
] as const) {
  test(`who types ${typed} meant ${meant}`, () => {
    assert.equal(findNearest(typed, names), meant)
  })
}

for (const typed of ['x', 'ab', 'colour', 'inside']) {
  test(`${typed} is like nothing that is known`, () => {
    assert.equal(findNearest(typed, names), undefined)
  })
}

test('of several that are near the nearest is meant, however the letters stand', () => {
  assert.equal(findNearest('abcdefghi', ['abcdxxghi', 'bacdefghi', 'bacdefgih']), 'bacdefghi')
})

test('two swaps are two steps, three are too many', () => {
  assert.equal(findNearest('abcdefghi', ['badcefghi']), 'badcefghi')
  assert.equal(findNearest('abcdefghi', ['badcfeghi']), undefined)
})
