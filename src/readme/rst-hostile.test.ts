/** Texts that want to cost much, or to get markup of their own into the page. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Parser } from 'htmlparser2'
import { renderRst } from './rst.ts'

const pieces = [
  ...[
    '*',
    '**',
    '`',
    '``',
    '_',
    '__',
    '|',
    '[',
    ']',
    ':',
    '::',
    '.. ',
    '\\',
    '<',
    '>',
    '"',
    "'",
    '&',
    '@',
    '.',
    '--',
  ],
  ...[
    '- ',
    '1. ',
    '#. ',
    '(a) ',
    '| ',
    '>>> ',
    '+--+',
    '====',
    '== ==',
    '----',
    '\n',
    '\n\n',
    '\n  ',
    '\n   ',
    '   ',
  ],
  ...[
    'a',
    'b',
    'x_',
    '`x`_',
    '[1]_',
    '[#]_',
    '|x|',
    ':a: ',
    '-a  ',
    'http://a.b',
    '<script>',
    'javascript:a',
    'é',
    '漢',
  ],
  ...[
    '.. _x: http://a',
    '.. |x| replace:: y',
    '.. [1] z',
    '.. note:: n',
    '.. image:: i',
    '.. contents::',
    '.. code:: c',
  ],
  ...[
    '.. list-table::',
    '   * - a\n     - b',
    '.. class:: c',
    '.. role:: r',
    ':r:`t`',
    '__ http://b',
    'Title\n=====\n',
  ],
]
const markup = fc
  .array(fc.constantFrom(...pieces), { maxLength: 40 })
  .map((parts) => parts.join(''))
const anyText = fc.oneof(markup, fc.string({ unit: 'binary', maxLength: 200 }))

test('any text is rendered or refused, and never throws', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { html, warnings, failed } = renderRst(text)

      assert.equal(failed === true, html === '')
      assert.equal(failed === true, warnings.length > 0)
    }),
    { numRuns: 3000 },
  )
})

test('the HTML is well-formed, and no tag and no attribute in it is from the text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assertWellFormed(renderRst(text).html)
    }),
    { numRuns: 3000 },
  )
})

const allowedTags = new Set([
  ...[
    'a',
    'abbr',
    'aside',
    'b',
    'bdi',
    'blockquote',
    'br',
    'caption',
    'cite',
    'code',
    'dd',
    'del',
    'dfn',
    'div',
  ],
  ...[
    'dl',
    'dt',
    'em',
    'figcaption',
    'figure',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'i',
    'img',
    'ins',
    'kbd',
  ],
  ...[
    'li',
    'mark',
    'nav',
    'ol',
    'p',
    'pre',
    'q',
    's',
    'samp',
    'section',
    'small',
    'span',
    'strong',
    'sub',
    'sup',
  ],
  ...['table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul', 'var'],
])
const allowedAttributes = new Set([
  ...['alt', 'class', 'colspan', 'height', 'href', 'id', 'rowspan', 'src', 'start', 'width'],
])
const empty = new Set(['br', 'hr', 'img'])

function assertWellFormed(html: string): void {
  const open: string[] = []
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        assert.ok(allowedTags.has(name), `${name} in ${html}`)
        for (const key of Object.keys(attributes)) assert.ok(allowedAttributes.has(key), html)
        if (!empty.has(name)) open.push(name)
      },
      onclosetag(name, isImplied) {
        if (empty.has(name)) return
        assert.equal(isImplied, false, html)
        assert.equal(open.pop(), name, html)
      },
    },
    { xmlMode: false },
  )
  parser.end(html)
  assert.deepEqual(open, [], html)
}

test('nesting ends where nobody could read it any more', () => {
  const deep = Array.from({ length: 10_000 }, (_, i) => `${' '.repeat(i)}- a`)

  for (const text of [
    '- '.repeat(4000) + 'a',
    deep.slice(0, 3000).join('\n\n'),
    deep.join('\n\n'),
  ]) {
    assert.equal(renderRst(text).failed, true)
  }
})

test('substitutions cannot make a text huge', () => {
  const laughs = Array.from(
    { length: 40 },
    (_, i) => `.. |a${i}| replace:: |a${i + 1}| |a${i + 1}|`,
  )

  const { warnings } = renderRst([...laughs, '.. |a40| replace:: ha', '', '|a0|'].join('\n'))

  assert.match(warnings[0] ?? '', /is too long|is too complicated/)
  assert.equal(renderRst('|a|\n\n.. |a| replace:: |b|\n.. |b| replace:: |a|').failed, true)
})

test('lines of ten megabytes are refused', () => {
  assert.deepEqual(renderRst('a'.repeat(10_000_000)).warnings, ['Line 1: This line is too long.'])
})

test('a table cannot have more cells than its text has room for', () => {
  const border = '= '.repeat(2500) + '='

  const { warnings } = renderRst(`${border}\n${'a\n'.repeat(100_000)}${border}`)

  assert.deepEqual(warnings, ['Line 1: This table is too large.'])
})
