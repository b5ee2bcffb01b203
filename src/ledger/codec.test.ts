import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeValue, encodeValue } from './codec.ts'

test('equal values are equal text, whatever the order of their members', () => {
  assert.equal(
    encodeValue({ b: [1, null], a: { d: 'x', c: true } }),
    '{"a":{"c":true,"d":"x"},"b":[1,null]}',
  )
  assert.equal(encodeValue({ b: undefined, a: 1 }), encodeValue({ a: 1 }))
  assert.equal(encodeValue([undefined, 1]), '[null,1]')
  assert.equal(encodeValue(Array(2)), '[null,null]')
})

test('what was encoded is decoded to the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = encodeValue(value)

      assert.deepEqual(decodeValue(text), JSON.parse(JSON.stringify(value)))
      assert.equal(encodeValue(decodeValue(text)), text)
      assert.ok(!text.includes('\n'))
    }),
  )
})

test('what JSON cannot say is refused, not changed into something else', () => {
  for (const value of [
    undefined,
    NaN,
    Infinity,
    1n,
    Symbol('x'),
    () => 1,
    new Date(0),
    new Map(),
    new Uint8Array(2),
    { deep: [new Set()] },
  ]) {
    assert.throws(() => encodeValue(value), TypeError)
  }
})
