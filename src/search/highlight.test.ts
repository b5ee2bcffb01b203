/** Pieces of texts around what was found. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { highlight, highlightMarkup } from './highlight.ts'
import type { TextPart } from './search.ts'

const print = (parts: readonly TextPart[]): string =>
  parts.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join('')

const marked: readonly (readonly [text: string, words: readonly string[], expected: string])[] = [
  ['A boat, a Boat', ['boat'], 'A [boat], a [Boat]'],
  ['underwater water', ['water', 'under'], '[under][water] [water]'],
  ['pytest tests', ['test', 'pytest'], '[pytest] [test]s'],
  ['Big_Boat', ['big.boat'], '[Big_Boat]'],
  ['a+b (c)', ['a'], '[a]+b (c)'],
  ['nothing', ['boat'], 'nothing'],
  ['nothing', [], 'nothing'],
  ['', ['boat'], ''],
]

for (const [text, words, expected] of marked) {
  test(`marked in '${text}': ${words.join(', ')}`, () => {
    assert.equal(print(highlight(text, words)), expected)
  })
}

test('of a long text a piece is shown, around a whole word where there is one', () => {
  const text = `${'underwater '.repeat(100)}water ${'lorem '.repeat(100)}`

  const shown = print(highlight(text, ['water']))

  assert.match(shown, /^… .*under\[water\] \[water\] lorem .* …$/)
  assert.ok(shown.length < 260, String(shown.length))
})

test('of a description the text is shown, and a mark with what stands in it alone', () => {
  const text = '# Boats [![ci](https://ci.example/b.svg)](https://ci.example) A **fast** boat'

  assert.equal(print(highlightMarkup(text, ['boat'])), '[Boat]s ci A fast [boat]')
  assert.equal(print(highlightMarkup(text, ['svg'])), text.replace('svg', '[svg]'))
})

test('whatever the text, the parts are a piece of it, and well-formed', () => {
  const text = fc.string({ unit: 'binary', maxLength: 600 })
  fc.assert(
    fc.property(
      text,
      fc.array(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 4 }),
      (of, words) => {
        const joined = highlight(of.toWellFormed(), words)
          .map((part) => part.text)
          .join('')
        assert.ok(joined.isWellFormed())
        assert.ok(
          of.toWellFormed().includes(joined.replace(/^… /, '').replace(/ …$/, '')) ||
            joined.includes('\ufffd'),
        )
      },
    ),
  )
})
