import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pythonRepr, pythonText } from './python-text.ts'

test('values are shown as Python shows them', () => {
  const shown: [value: unknown, repr: string][] = [
    [null, 'None'],
    [true, 'True'],
    [false, 'False'],
    [1.5, '1.5'],
    ['a', "'a'"],
    ["it's", '"it\'s"'],
    [`"it's"`, `'"it\\'s"'`],
    ['a\\b\n', "'a\\\\b\\n'"],
    [[1, 'a', []], "[1, 'a', []]"],
    [{ a: { b: null } }, "{'a': {'b': None}}"],
  ]

  for (const [value, repr] of shown) assert.equal(pythonRepr(value), repr)
  assert.equal(pythonText("it's"), "it's")
  assert.equal(pythonText([1]), '[1]')
})

test('long values are cut', () => {
  assert.ok(pythonText('x'.repeat(100_000)).length < 300)
  assert.ok(pythonRepr(Array.from({ length: 10_000 }, () => 'xxx')).length < 300)
})
