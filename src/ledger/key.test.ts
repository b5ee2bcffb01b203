import assert from 'node:assert/strict'
import { test } from 'node:test'
import { key, keyRange } from './key.ts'

test('a key is its segments, joined by slashes', () => {
  assert.equal(key('user', 'anna').path, 'user/anna')
  assert.equal(keyRange('user').prefix, 'user/')
})

test('a segment that would be read as something else is refused', () => {
  for (const segment of ['', 'a/b', 'a\0b', '\ud800', 'x\udc00y']) {
    assert.throws(() => key('user', segment), TypeError)
    assert.throws(() => keyRange(segment), TypeError)
  }
  assert.equal(key('user', '😀').path, 'user/😀')
})
