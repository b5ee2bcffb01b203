/** Parts of READMEs with lines lost, moved, indented and put in: what people send who do not look at the result. */
import fc from 'fast-check'

const pieces = [
  ...[
    '*',
    '**',
    '`',
    '``',
    '_',
    '__',
    '|',
    '[1]_',
    '[#]_',
    '::',
    '.. ',
    '\\',
    ' <',
    '>',
    '- ',
    '* ',
    '1. ',
    '#. ',
  ],
  ...[
    'a. ',
    '| ',
    '>>> ',
    '  ',
    '    ',
    '====',
    '----',
    '~~~',
    '.. note::',
    '.. code:: python',
    '.. image:: x.png',
  ],
  ...[
    '   :alt: y',
    '.. _a: b_',
    '.. |x| replace:: y',
    '|x|',
    'x_',
    'http://a.b/c?d#e',
    'a@b.co',
    ':a: b',
    '-a  b',
  ],
  ...[
    '--x=Y  z',
    '"q"',
    "it's",
    '...',
    '--',
    '(i) ',
    'A. ',
    '.. [1] z',
    '.. class:: k',
    '.. contents::',
    'term : c',
  ],
  ...[
    '   def',
    '__ http://a',
    'x__',
    '`a <b>`_',
    '`a <b>`__',
    ':sub:`2`',
    '+--+--+',
    '|a |b |',
    '== ==',
    'a  b',
  ],
  ...[
    '.. list-table::',
    '.. csv-table::',
    '.. figure:: f.png',
    '.. epigraph::',
    '.. math:: x',
    '-- me',
    '.. _x:',
  ],
  ...['é', '漢字', '😀', '.. |u| unicode:: 0xA9', '.. sectnum::', '[a]_', '.. [a] c', '..', ''],
]

const mistake = fc.record({
  kind: fc.constantFrom('lose', 'insert', 'blank', 'indent', 'unindent', 'inside', 'apart'),
  /** Where it happens, as a part of the whole. */
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  column: fc.double({ min: 0, max: 1, noNaN: true }),
  piece: fc.constantFrom(...pieces),
})

type Mistake = typeof mistake extends fc.Arbitrary<infer Value> ? Value : never

export function mistakenReadme(
  readmes: readonly { readonly text: string }[],
): fc.Arbitrary<string> {
  return fc
    .record({
      text: fc.constantFrom(...readmes.map(({ text }) => text)),
      from: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      length: fc.integer({ min: 5, max: 60 }),
      mistakes: fc.array(mistake, { maxLength: 3 }),
    })
    .map(({ text, from, length, mistakes }) => {
      const all = text.split(/\r?\n/)
      const start = Math.floor(from * Math.max(1, all.length - length))
      const lines = all.slice(start, start + length)
      for (const each of mistakes) make(lines, each)
      return lines.join('\n')
    })
}

function make(lines: string[], { kind, place, column, piece }: Mistake): void {
  const at = Math.floor(place * lines.length)
  const line = lines[at] ?? ''
  const middle = Math.floor(column * line.length)
  if (kind === 'lose') lines.splice(at, 1)
  else if (kind === 'insert') lines.splice(at, 0, piece)
  else if (kind === 'apart') lines.splice(at, 0, '', piece, '')
  else if (kind === 'blank') lines.splice(at, 0, '')
  else if (kind === 'indent') lines[at] = `  ${line}`
  else if (kind === 'unindent') lines[at] = line.trimStart()
  else lines[at] = line.slice(0, middle) + piece + line.slice(middle)
}
