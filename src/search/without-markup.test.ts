/** Pieces of descriptions as text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainAround, withoutMarkup } from './without-markup.ts'

const pieces: readonly (readonly [markup: string, text: string])[] = [
  ['# Anchor Drops *anchors*, and **weighs** them', 'Anchor Drops anchors, and weighs them'],
  [
    '[![build](https://a.example/b.svg)](https://a.example) see [docs](x_(y).html "D")',
    'build see docs',
  ],
  ['![shot][1] and [text][ref] [ref]: https://a.example "T" end', 'shot and text end'],
  [
    'call `a_b_c(*args)` and ``x`` and snake_case_name, 2 * 3 * 4',
    'call a_b_c(*args) and x and snake_case_name, 2 * 3 * 4',
  ],
  ['```python import anchor # now ``` done', 'import anchor # now done'],
  ['| Kind | Weight | |:-----|-------:| | Danforth | 12 kg |', 'Kind Weight Danforth 12 kg'],
  [
    '<p align="center"> <b>Hi</b> vector<int> <!-- not this --> &amp; more </p>',
    'Hi vector<int> & more',
  ],
  ['> [!NOTE] > Heavy. - [x] drop Term[^1] [^1]: A note', 'Heavy. - drop Term A note'],
  ['<https://a.example> is \\*not\\* bold', 'https://a.example is *not* bold'],
  [
    'Anchor ====== See `the docs <https://a.example>`_ or :ref:`usage`, as in::',
    'Anchor See the docs or usage, as in:',
  ],
  [
    '.. image:: https://a.example/b.svg :target: https://a.example .. code-block:: python import a',
    'import a',
  ],
  ['.. _docs: https://a.example Read docs_ and `more`_', 'Read docs_ and more'],
  ['a[i][j] = b - c', 'a[i][j] = b - c'],
]

for (const [markup, text] of pieces) {
  test(`without markup: ${markup.slice(0, 40)}`, () => {
    assert.equal(withoutMarkup(markup), text)
  })
}

test('marks are gone whose other half lies outside the piece that is shown', () => {
  const text = `${'before '.repeat(300)}[${'a long title '.repeat(20)} anchor](https://a.example) ${'behind '.repeat(300)}`

  const plain = plainAround(text, text.indexOf('anchor'))

  assert.match(plain, /^… before .* a long title anchor behind .* …$/)
})

test('whatever stands there, it is done in no time and is no longer than it was', () => {
  const unit = fc.constantFrom(
    ...[
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      '*',
      '_',
      '`',
      '~',
      '|',
      '#',
      '!',
      ':',
      '.',
      ' ',
      '-',
      '=',
      '\\',
    ],
    ...['a', 'b', '"', '^', '![', '](', '**', '.. ', '<!--', '\ud800'],
  )
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 2000 }), fc.nat(2000), (marks, at) => {
      const text = marks.join('')
      const start = performance.now()
      const plain = plainAround(text, Math.min(at, text.length))
      assert.ok(performance.now() - start < 500)
      assert.ok(plain.isWellFormed() && plain.length <= text.length + 4)
    }),
  )
})
