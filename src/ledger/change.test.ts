import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { comparePaths, hashChange } from './change.ts'

const change = {
  serial: 3,
  at: 1_700_000_000_000,
  actor: 'root',
  epoch: 1,
  format: 1,
  entries: [
    { path: 'a/b', value: '{"x":1}' },
    { path: 'a/c', value: null },
  ],
}

test('the hash of a change is fixed: other programs must come to the same', () => {
  assert.equal(
    hashChange('ab'.repeat(32), change),
    'c218886e7844d139c1bd8f221b46caf0be11b4a06fe9d7bded07bf148dbcdfdc',
  )
})

test('every part of a change, and the change before it, is in its hash', () => {
  const hashes = new Set([
    hashChange('', change),
    hashChange('ab', change),
    hashChange('', { ...change, serial: 4 }),
    hashChange('', { ...change, at: 1 }),
    hashChange('', { ...change, actor: 'eve' }),
    hashChange('', { ...change, epoch: 2 }),
    hashChange('', { ...change, format: 2 }),
    hashChange('', { ...change, entries: change.entries.slice(1) }),
    hashChange('', { ...change, entries: [] }),
    hashChange('', { ...change, entries: [{ path: 'a/b', value: '"-"' }] }),
    hashChange('', { ...change, entries: [{ path: 'a/b', value: null }] }),
    hashChange('', { ...change, entries: [{ path: 'a/b\t-\n"a/c', value: null }] }),
  ])

  assert.equal(hashes.size, 12)
})

test('paths are in the order of their UTF-8 bytes', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '/', '-', '0', 'é', '\uffee', '😀', '𝔸', '\u{10ffff}'),
  })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b))
      assert.equal(Math.sign(comparePaths(a, b)), expected)
    }),
    { numRuns: 1000 },
  )
})
