import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAllowedName, isKeySegment } from './names.ts'

test('names have letters of any script, digits and - . @ _', () => {
  for (const name of ['a', 'A9', 'a.b-c_d@e', '.a', 'éva', '日本', '🐍', 'x'.repeat(128)]) {
    assert.doesNotThrow(() => assertAllowedName('user', name), name)
  }
})

test('no other symbol of ASCII, no control character and no blank is in a name', () => {
  const symbols = '!"#$%&\'()*+,/:;<=>?[\\]^`{|}~ \t\n\0\x7f\x85\u00a0\u2028\u3000'.split('')
  for (const name of ['', '\ud800', ...symbols.map((symbol) => `a${symbol}b`)]) {
    assert.throws(() => assertAllowedName('user', name), { code: 'user-name-invalid' }, name)
    assert.throws(() => assertAllowedName('index', name), { code: 'index-name-invalid' }, name)
  }
})

test('nothing that nobody sees is in a name', () => {
  for (const name of ['root\u200b', 'ro\u00adot', '\u202etoor', '\ufeffroot', 'ro\u2060ot']) {
    assert.throws(() => assertAllowedName('user', name), { code: 'user-name-invalid' })
  }
})

test('a name of dots, or a long one, is refused for what it is', () => {
  assert.throws(() => assertAllowedName('user', '..'), /username '\.\.' has dots only/)
  assert.throws(() => assertAllowedName('index', 'x'.repeat(129)), /longer than 128 characters/)
})

test('what cannot be part of a key is the name of nothing', () => {
  assert.deepEqual(['', 'a/b', 'a\0', '\ud800'].map(isKeySegment), [false, false, false, false])
  assert.equal(isKeySegment('a:b+c'), true)
})
