import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { textLimits, viewText, visibleName } from './visible-text.ts'

const partsOf = (text: string | Buffer, isWhole = true) =>
  viewText(Buffer.from(text as string), isWhole)?.lines.map(({ parts }) => parts)

test('text is shown by lines, however they end', () => {
  assert.deepEqual(partsOf('a\r\nb\rc\n\nd\n'), [['a'], ['b'], ['c'], [], ['d']])
  assert.deepEqual(partsOf(''), [])
})

test('UTF-8, UTF-16 by its mark, else Latin-1', () => {
  const utf16 = Buffer.from('\uFEFFé\n', 'utf16le')
  const big = Buffer.from(utf16).swap16()

  assert.equal(viewText(Buffer.from('\uFEFFé'))?.encoding, 'UTF-8')
  for (const bytes of [utf16, big]) assert.deepEqual(partsOf(bytes), [['é']])
  assert.deepEqual(partsOf(Buffer.from('caf\xe9', 'latin1')), [['café']])
})

test('what has a byte of zero, or many controls, is no text', () => {
  assert.equal(viewText(Buffer.from('a\0b')), undefined)
  assert.equal(viewText(Buffer.from('\x01\x02\x03\xff\xfe', 'latin1')), undefined)
  assert.equal(viewText(randomBytes(10_000)), undefined)
})

test('a character that is cut off at the end of a part spoils nothing', () => {
  const bytes = Buffer.from('naïve 🐍')

  for (let end = 1; end <= bytes.length; end++) {
    assert.equal(viewText(bytes.subarray(0, end), false)?.encoding, 'UTF-8')
  }
  assert.equal(viewText(bytes.subarray(0, -1), true)?.encoding, 'Latin-1')
})

test('what is unseen, or turns the direction, is marked', () => {
  assert.deepEqual(partsOf('if\u202E x\u200b:\x1b[31m\ttab\u2028'), [
    [
      'if',
      { mark: 'U+202E' },
      ' x',
      { mark: 'U+200B' },
      ':',
      { mark: 'U+001B' },
      '[31m\ttab',
      { mark: 'U+2028' },
    ],
  ])
  assert.deepEqual(partsOf('\u{E0041}'), [[{ mark: 'U+E0041' }]])
})

test('long lines, many lines and many marks are cut', () => {
  const [long] = viewText(Buffer.from('🐍'.repeat(textLimits.line)))?.lines ?? []
  const many = viewText(Buffer.from('\n'.repeat(textLimits.lines + 1)))
  const [marks] = viewText(Buffer.from('\u200b'.repeat(textLimits.marks + 1)))?.lines ?? []

  const marked = viewText(Buffer.from(`${'\u200b'.repeat(100)}\n`.repeat(1000)))

  assert.deepEqual([marked?.lines.length, marked?.isCut], [textLimits.allMarks / 100, true])
  assert.deepEqual(long, { parts: ['🐍'.repeat(textLimits.line / 2)], isCut: true })
  assert.equal(many?.lines.length, textLimits.lines)
  assert.equal(many.isCut, true)
  assert.equal(viewText(Buffer.from('\n'.repeat(textLimits.lines)))?.isCut, false)
  assert.equal(marks?.isCut, true)
})

test('a name is one text, with what is unseen in brackets', () => {
  assert.equal(visibleName('a\u202Egnp.\nexe'), 'a[U+202E]gnp.[U+000A]exe')
})
