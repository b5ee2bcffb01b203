import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDocument } from 'htmlparser2'
import { graphAround, type InheritanceGraph } from '#registry/inheritance-graph'
import { drawGraph, printDiagram, type Diagram } from './diagram.ts'

type Table = Readonly<Record<string, readonly string[] | undefined>>

/** Stages with their bases; undefined makes a mirror. */
function graphOf(table: Table, viewed: string): InheritanceGraph {
  const indexes = new Map(
    Object.entries(table).map(([name, bases]) => [
      name,
      { kind: bases ? ('stage' as const) : ('mirror' as const), bases: bases ?? [] },
    ]),
  )
  const heirsOf = (base: string): string[] =>
    [...indexes].filter(([, { bases }]) => bases.includes(base)).map(([name]) => name)
  const graph = graphAround({ indexes, heirsOf }, viewed, { around: 9, nodes: 150, edges: 400 })
  assert.ok(graph)
  return graph
}

const address = (index: string): string => `/yard/${index}`
const print = (table: Table, viewed: string): Diagram =>
  printDiagram(drawGraph(graphOf(table, viewed)), { address })

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length

test('boxes are links, kinds differ, and the viewed one stands out', () => {
  const { svg } = print(
    { 'ada/dev': ['ada/prod', 'root/pypi', 'x/gone'], 'ada/prod': [], 'root/pypi': undefined },
    'ada/dev',
  )

  assert.match(
    svg,
    /<a class="node stage viewed" href="\/yard\/ada\/dev" id="inheritance-viewed" aria-current="page">/,
  )
  assert.match(svg, /<a class="node mirror" href="\/yard\/root\/pypi">/)
  assert.match(svg, /<g class="node missing"><title>x\/gone \(missing\)<\/title>/)
  assert.match(svg, /role="group" aria-labelledby="inheritance-title inheritance-desc"/)
  assert.match(svg, /<desc id="inheritance-desc">On the right 3 bases, on the left 0 indexes/)
})

test('arrows have numbers where an index has several bases', () => {
  const table = { a: ['b', 'c'], b: ['d'], c: [], d: [] }

  const { svg } = print(table, 'a')

  assert.equal(count(svg, /class="edge/g), 3)
  assert.deepEqual(
    [...svg.matchAll(/<g class="order".*?>(\d)<\/text>/g)].map(([, order]) => order),
    ['1', '2'],
  )
})

test('the arrow of an index that is its own base leaves it below and comes back', () => {
  const { placement } = drawGraph(graphOf({ a: ['b', 'a'], b: [], c: ['a'] }, 'a'))
  const box = placement.boxes.find(({ node }) => node.name === 'a')
  const loop = placement.arrows.find(({ edge }) => edge.base === 'a' && edge.index === 'a')

  assert.ok(box && loop)
  const bottom = box.y + box.height / 2
  const [start, lowest, end] = loop.points
  assert.deepEqual([start?.y, end?.y, lowest?.x], [bottom, bottom, box.x])
  for (const { x, y } of loop.points) {
    assert.ok(Math.abs(x - box.x) < box.width / 2 && y - bottom < 20)
  }
})

test('the lists say the same as the diagram, each index opened once', () => {
  const table = { a: ['b', 'c'], b: ['d'], c: ['d'], d: ['e'], e: undefined, ci: ['a'] }

  const { list } = print(table, 'a')

  assert.equal(
    list.replaceAll(/<a href="[^"]*">|<\/a>|\n/g, ''),
    '<p>Bases, in their order:</p><ol><li>b (stage)<ol><li>d (stage)<ol><li>e (mirror)</li></ol></li></ol></li>' +
      '<li>c (stage)<ol><li>d (stage, see above)</li></ol></li></ol>' +
      '<p>Inherited by:</p><ul><li>ci (stage)</li></ul>',
  )
})

test('a long name is cut, and whole where the pointer rests', () => {
  const name = `${'long'.repeat(20)}/development`

  const { svg } = print({ [name]: [] }, name)

  assert.match(svg, />longlongl…evelopment</)
  assert.ok(svg.includes(`<title>${name} (this stage)</title>`))
})

test('names cannot break out of the drawing or the list', () => {
  const evil = `"><script>alert(1)</script>&'`

  const { svg, list } = print({ [evil]: [`${evil}/base`, 'b'], b: [] }, evil)

  for (const text of [svg, list]) assert.doesNotMatch(text, /<script|"><s/)
})

const names = fc.constantFrom(
  'a/a',
  'b/b',
  'c/c',
  'd/d',
  '"<&>/ü',
  '__proto__/x',
  '日本/語'.repeat(9),
)
const tables = fc.dictionary(
  names,
  fc.option(fc.uniqueArray(fc.oneof(names, fc.constantFrom('x/x', 'y/y'))), { nil: undefined }),
  { minKeys: 1, noNullPrototype: true },
)

test('whatever inherits from whatever is drawn: each index once, each edge, well-formed, always the same', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const [viewed = ''] = Object.keys(table)
      const graph = graphOf(table, viewed)

      const { svg } = printDiagram(drawGraph(graph), { address })

      assert.equal(count(svg, /class="node /g), graph.nodes.length)
      assert.equal(count(svg, /class="edge/g), graph.edges.length)
      assert.doesNotMatch(svg, /NaN|undefined|Infinity/)
      assertWellFormed(svg)
      assert.equal(svg, printDiagram(drawGraph(graph), { address }).svg)
    }),
    { numRuns: 60 },
  )
})

/** Every element is closed by its own end: parsed as XML and printed again, nothing is lost or added. */
function assertWellFormed(svg: string): void {
  const open: string[] = []
  for (const [, slash = '', name = '', rest = ''] of svg.matchAll(
    /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*\s*\/?)>/gi,
  )) {
    if (slash !== '') assert.equal(open.pop(), name)
    else if (!rest.endsWith('/')) open.push(name)
  }
  assert.deepEqual(open, [])
  assert.doesNotMatch(svg.replaceAll(/<\/?[a-z]+((?:\s+[\w:-]+="[^"<]*")*\s*\/?)>/gi, ''), /[<>]/)
  assert.doesNotMatch(svg, /&(?!(amp|lt|gt|quot|#39);)/)
  assert.equal(parseDocument(svg, { xmlMode: true }).children.length, 1)
}
