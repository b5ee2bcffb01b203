import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Bases, Inheriting } from './index-graph.ts'
import {
  graphAround,
  wholeGraph,
  type GraphLimits,
  type InheritanceGraph,
} from './inheritance-graph.ts'
import type { IndexName } from './indexes.ts'

/** `a: 'b c'` is a stage with two bases; `m: undefined` a mirror. */
function makeBases(table: Readonly<Record<string, string | undefined>>): Bases {
  const indexes = new Map<IndexName, Inheriting>(
    Object.entries(table).map(([name, bases]) => [
      name,
      {
        kind: bases === undefined ? 'mirror' : 'stage',
        bases: bases === undefined || bases === '' ? [] : bases.split(' '),
      },
    ]),
  )
  const heirsOf = (base: IndexName): IndexName[] =>
    [...indexes].filter(([, { bases }]) => bases.includes(base)).map(([name]) => name)
  return { indexes, heirsOf }
}

const wide: GraphLimits = { around: Infinity, nodes: 1000, edges: 1000 }

function around(bases: Bases, name: string, limits: Partial<GraphLimits> = {}): InheritanceGraph {
  const graph = graphAround(bases, name, { ...wide, ...limits })
  assert.ok(graph)
  return graph
}

const namesOf = ({ nodes }: InheritanceGraph): string[] => nodes.map(({ name }) => name)
const edgesOf = ({ edges }: InheritanceGraph): string[] =>
  edges.map(({ index, base, order }) => `${index} ${order} ${base}`)

test('bases stand in the order in which they are asked, mirrors behind them, heirs last', () => {
  const bases = makeBases({
    dev: 'pypi prod',
    prod: 'common',
    common: '',
    pypi: undefined,
    ci: 'dev',
  })

  const graph = around(bases, 'dev')

  assert.deepEqual(namesOf(graph), ['dev', 'prod', 'common', 'pypi', 'ci'])
  assert.deepEqual(
    graph.nodes.map(({ distance }) => distance),
    [0, 1, 2, 1, -1],
  )
  assert.deepEqual(edgesOf(graph), ['dev 1 pypi', 'dev 2 prod', 'prod 1 common', 'ci 1 dev'])
})

test('what else inherits from a base is not shown, and no index by that name has no graph', () => {
  const bases = makeBases({ dev: 'pypi', other: 'pypi', pypi: undefined })

  const graph = around(bases, 'dev')

  assert.deepEqual(namesOf(graph), ['dev', 'pypi'])
  assert.equal(graph.leftOut, 0)
  assert.equal(graphAround(bases, 'nobody', wide), undefined)
})

test('far ones are left out and counted, where they begin and altogether', () => {
  const bases = makeBases({ a: 'b', b: 'c d', c: 'e', d: '', e: '', h: 'a', i: 'h', j: 'h' })

  const graph = around(bases, 'a', { around: 1 })

  assert.deepEqual(namesOf(graph), ['a', 'b', 'h'])
  assert.equal(graph.leftOut, 5)
  assert.deepEqual(
    graph.nodes.map(({ moreBases, moreHeirs }) => [moreBases, moreHeirs]),
    [
      [0, 0],
      [2, 0],
      [0, 2],
    ],
  )
})

test('with too many, near ones are shown', () => {
  const bases = makeBases({ a: 'b c d', b: 'e', c: '', d: '', e: '' })

  const graph = around(bases, 'a', { nodes: 3 })

  assert.deepEqual(namesOf(graph), ['a', 'b', 'c'])
  assert.equal(graph.leftOut, 2)
})

test('with too many edges, first bases go before second ones', () => {
  const bases = makeBases({ a: 'b c', b: 'c', c: '' })

  const graph = around(bases, 'a', { edges: 2 })

  assert.deepEqual(edgesOf(graph), ['a 1 b', 'b 1 c'])
  assert.equal(graph.edgesLeftOut, 1)
})

test('missing bases, circles and an index that is its own base are shown', () => {
  const bases = makeBases({ a: 'a b gone', b: 'c', c: 'b' })

  const graph = around(bases, 'a')

  assert.deepEqual(graph.cycles, [['a'], ['b', 'c']])
  assert.equal(graph.nodes.find(({ name }) => name === 'gone')?.kind, 'missing')
  assert.deepEqual(namesOf(graph), ['a', 'b', 'gone', 'c'])
})

test('in a circle the shorter way counts', () => {
  const bases = makeBases({ a: 'b', b: 'c', c: 'd', d: 'a' })

  const graph = around(bases, 'a', { around: 1 })

  assert.deepEqual(namesOf(graph), ['a', 'b', 'd'])
})

test('what may not be read appears nowhere', () => {
  const bases = makeBases({ a: 'secret b', b: '', secret: 'behind', behind: '', spy: 'a' })
  const mayRead = (name: string): boolean => name !== 'secret' && name !== 'spy'

  const graph = around(bases, 'a', { mayRead })

  assert.deepEqual(namesOf(graph), ['a', 'b'])
  assert.deepEqual(edgesOf(graph), ['a 1 b'])
  assert.equal(graph.leftOut, 0)
  assert.equal(graphAround(bases, 'secret', { ...wide, mayRead }), undefined)
  assert.deepEqual(namesOf(wholeGraph(bases, { ...wide, mayRead })), ['a', 'b', 'behind'])
})

test('the whole graph has all by name, mirrors last, with missing bases', () => {
  const bases = makeBases({ z: 'gone m', m: undefined, a: '' })

  const graph = wholeGraph(bases, { ...wide, nodes: 3 })

  assert.deepEqual(namesOf(graph), ['a', 'gone', 'z'])
  assert.equal(graph.leftOut, 1)
})

const anyTable = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'x', 'y')), {
    nil: undefined,
  }),
  { minKeys: 1, noNullPrototype: true },
)

test('whatever inherits from whatever, each index in reach stands there once, with all edges', () => {
  fc.assert(
    fc.property(anyTable, fc.integer({ min: 0, max: 4 }), (table, steps) => {
      const bases = makeBases(
        Object.fromEntries(Object.entries(table).map(([name, list]) => [name, list?.join(' ')])),
      )
      const [viewed = ''] = Object.keys(table)

      const graph = around(bases, viewed, { around: steps })

      const names = new Set(namesOf(graph))
      assert.equal(names.size, graph.nodes.length)
      const reach = (next: (name: string) => readonly string[]): Set<string> => {
        let found = new Set([viewed])
        for (let i = 0; i < steps; i++) found = new Set([...found, ...[...found].flatMap(next)])
        return found
      }
      const basesOf = (name: string) => bases.indexes.get(name)?.bases ?? []
      assert.deepEqual(names, reach(basesOf).union(reach((name) => bases.heirsOf(name))))
      const expected = [...names].flatMap((name) => basesOf(name).filter((base) => names.has(base)))
      assert.equal(graph.edges.length, expected.length)
    }),
  )
})
