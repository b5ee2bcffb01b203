import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotDevpi, type PythonValue } from './values.ts'
import { readValue, ValueReader } from './value-reader.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')

/** devpi-replication, section 10.1: written by devpi itself. */
const ENTRY =
  '4a4e000000072e636f6e6669674e00000008555345524c49535446ffffffff4e00000004726f6f744f00000001' +
  '4000000003504b00000000400000000251'
const examples: readonly (readonly [hex: string, value: PythonValue])[] = [
  [
    '4a 4e00000001 61 4b00000002 4600000000 4600000001 50 4600000001 4c 50 50 4e00000001 62' +
      '52 43 44 3ff8000000000000 48 0000000a 32313437343833363438 46 ffffffff 4000000005 50 51',
    new Map<PythonValue, PythonValue>([
      ['a', [1, null]],
      ['b', [true, false, 1.5, 2147483648, -1]],
    ]),
  ],
  [ENTRY, [new Map([['.config', ['USERLIST', -1, new Set(['root'])]]]), []]],
  ['4b0000000051', []],
  ['4a4b00000000400000000251', [new Map(), []]],
  ['467fffffff51', 2147483647],
  ['468000000051', -2147483648],
  ['4e00000002c3a451', 'ä'],
  ['46000000014500000001 51', new Set([1])],
  ['543ff0000000000000c00000000000000051', [1, -2]],
  ['4d0000000161 51', 'a'],
]

test('values are read as devpi writes them', () => {
  for (const [hex, value] of examples) assert.deepEqual(readValue(bytes(hex)), value, hex)
})

test('values come in any portions', () => {
  const stream = Buffer.concat(examples.map(([hex]) => bytes(hex)))
  for (const size of [1, 2, 3, 7, 64, 1000]) {
    const reader = new ValueReader()
    const values: PythonValue[] = []
    for (let at = 0; at < stream.length; at += size) {
      values.push(...reader.push(stream.subarray(at, at + size)))
    }

    assert.deepEqual(
      values,
      examples.map(([, value]) => value),
    )
    assert.ok(reader.isBetweenValues)
  }
})

test('a stream that is cut is noticed', () => {
  const reader = new ValueReader()
  reader.push(bytes(ENTRY).subarray(0, -1))

  assert.equal(reader.isBetweenValues, false)
})

test('what devpi does not write is refused', () => {
  const wrong = ['42', '4151', '51', '4c4c51', '5051', '4000000001 51', 'ff', '46000000014c50']
  for (const hex of ['4e ffffffff', '4e 7fffffff', '4b 7fffffff', '4800000001 61 51', ...wrong]) {
    assert.throws(() => readValue(bytes(hex)), NotDevpi, hex)
  }
})
