/** What is understood of a query. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseQuery } from './query-parser.ts'
import type { QueryNode } from './query.ts'

/** A tree as a short text. */
function print(node: QueryNode): string {
  switch (node.kind) {
    case 'word':
      return `${node.word}${node.isPrefix ? '*' : ''}${node.boost === 1 ? '' : `^${node.boost}`}`
    case 'phrase':
      return `"${node.words.join(' ')}"`
    case 'and':
    case 'or':
      return `(${node.nodes.map(print).join(node.kind === 'and' ? ' & ' : ' | ')})`
    case 'not':
      return `!${print(node.node)}`
    case 'maybe':
      return `${print(node.node)} + ${print(node.optional)}`
    case 'field':
      return `${node.field}=${node.value}${node.isPrefix ? '*' : ''}`
    default:
      return node.kind
  }
}

const understood: readonly (readonly [query: string, tree: string])[] = [
  ['pytest', 'pytest'],
  ['pytest type:page', '(pytest & type=page)'],
  ['ValueError name:pytest', '(valueerror & name=pytest)'],
  ['name:devpi* path:/fschulze/*', '(name=devpi* & path=/fschulze/*)'],
  [
    "classifiers:'Programming Language :: Python :: 3'",
    'classifiers=Programming Language :: Python :: 3',
  ],
  ['devpi ANDNOT client', '(devpi & !client)'],
  ['devpi NOT client', '(devpi & !client)'],
  ['NOT client', '!client'],
  ['devpi ANDMAYBE client', 'devpi + client'],
  ['devpi REQUIRE client', '(devpi & client)'],
  ['alpha OR beta gamma', '((alpha | beta) & gamma)'],
  ['alpha AND beta OR gamma', '((alpha & beta) | gamma)'],
  ['alpha OR beta OR gamma', '(alpha | beta | gamma)'],
  ['alpha (beta OR gamma)', '(alpha & (beta | gamma))'],
  ['and or not', '(and & or & not)'],
  ['foo-bar', '(foo & bar)'],
  ['os.path', 'os.path'],
  ['foo_bar*', 'foo_bar*'],
  ['term^2 other', '(term^2 & other)'],
  ["'two words'", '(two & words)'],
  ['"two words"', '"two words"'],
  ['"word"', 'word'],
  ["don't", 'don + t'],
  ['c parser', 'parser + c'],
  ['c', 'c'],
  ['text:word', 'word'],
  ['serial:12', 'serial=12'],
  ['Größe', 'größe'],
]

for (const [query, tree] of understood) {
  test(`understood: ${query}`, () => assert.equal(print(parseQuery(query).node), tree))
}

const corrected: readonly (readonly [query: string, tree: string, note: RegExp])[] = [
  ['AND', 'nothing', /^AND has nothing to work on/],
  ['foo AND', 'foo', /^AND has nothing/],
  ['OR foo', 'foo', /^OR has nothing/],
  ['foo AND OR bar', '(foo | bar)', /has nothing/],
  ['(foo bar', '(foo & bar)', /not closed/],
  ['foo) bar', '(foo & bar)', /too many/],
  ['colour:red', '(colour & red)', /no field 'colour'/],
  ['name: foo', 'foo', /^name: needs a value/],
  ['serial:x', 'nothing', /^serial: needs a number/],
  ['!!! foo', 'foo', /without letters/],
  ['('.repeat(30) + 'foo', 'foo', /nested too deeply/],
  ['foo '.repeat(200), `(${'foo & '.repeat(59)}foo)`, /first 60 terms/],
  [`foo${' '.repeat(2000)}bar`, 'foo', /first 1000 characters/],
]

for (const [query, tree, note] of corrected) {
  test(`corrected, with a note: ${query.slice(0, 40)}`, () => {
    const { node, notes } = parseQuery(query)

    assert.equal(print(node), tree)
    assert.ok(
      notes.some((one) => note.test(one)),
      notes.join('\n'),
    )
  })
}

test('an empty query asks for nothing, without a note', () => {
  for (const query of ['', ' ', '\n', '()']) {
    assert.deepEqual(parseQuery(query), { node: { kind: 'nothing' }, notes: [] })
  }
})

test('whatever is typed is read, in short time', () => {
  const pieces = fc.constantFrom(
    ...['(', ')', '"', "'", 'AND', 'OR', 'NOT', 'ANDNOT', 'ANDMAYBE', 'REQUIRE', '*', '^', '^2'],
    ...['name:', 'path:/a/b', 'type:page', 'x:', ' ', 'foo', 'é', '\u{1F600}', '\0', '\ud800', ':'],
  )
  const query = fc.oneof(
    fc.array(pieces, { maxLength: 80 }).map((all) => all.join('')),
    fc.string(),
  )
  fc.assert(
    fc.property(query, (text) => {
      const { node, notes } = parseQuery(text)
      assert.ok(print(node).isWellFormed())
      assert.ok(notes.length < 20)
    }),
    { numRuns: 500 },
  )
})
