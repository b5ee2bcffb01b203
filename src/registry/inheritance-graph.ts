/** The inheritance around an index: its bases and their bases, and who inherits from it, near ones first. */
import { findCycles } from './inheritance-cycles.ts'
import type { Bases } from './index-graph.ts'
import type { IndexName } from './indexes.ts'

export type GraphKind = 'stage' | 'mirror' | 'missing'

export interface GraphNode {
  readonly name: IndexName
  /** `missing`: some index names it as a base, and there is none of that name. */
  readonly kind: GraphKind
  /** Steps from the viewed index: below 0 for who inherits from it, 0 for itself; 0 for all where none is viewed. */
  readonly distance: number
  /** How many of its own bases, and of who inherits from it, belong to this graph and were left out. */
  readonly moreBases: number
  readonly moreHeirs: number
}

export interface GraphEdge {
  readonly index: IndexName
  readonly base: IndexName
  /** The place among the bases of the index, from 1 on. */
  readonly order: number
}

export interface InheritanceGraph {
  readonly viewed: IndexName | undefined
  /**
   * The viewed index, its bases in the order in which they are asked (mirrors after all else), then who inherits from
   * it. Without a viewed one: all by name, mirrors last.
   */
  readonly nodes: readonly GraphNode[]
  /** All between those nodes, up to the limit: of each index in the order of its bases. */
  readonly edges: readonly GraphEdge[]
  /** Indexes that inherit from each other, or from themselves. */
  readonly cycles: readonly (readonly IndexName[])[]
  /** How many more there are in the same directions. */
  readonly leftOut: number
  /** How many edges between the nodes were left out. */
  readonly edgesLeftOut: number
}

export interface GraphLimits {
  /** Steps in each direction. */
  readonly around: number
  readonly nodes: number
  readonly edges: number
  /** What somebody may not read is as if it were not there. Everybody may read all where this is left out. */
  readonly mayRead?: (index: IndexName) => boolean
}

/** Steps that are shown unless somebody asks for more. */
export const DEFAULT_AROUND = 2

/** The graph around an index; undefined where there is no such index for who is asking. */
export function graphAround(
  all: Bases,
  viewed: IndexName,
  limits: GraphLimits,
): InheritanceGraph | undefined {
  const bases = readable(all, limits.mayRead)
  if (kindOf(bases, viewed) === 'missing') return undefined
  const above = distances(viewed, (name) => basesOf(bases, name))
  const below = distances(viewed, (name) => bases.heirsOf(name))
  const found = nearest(above, below)
  const near = found
    .filter(([, distance]) => Math.abs(distance) <= limits.around)
    .toSorted(([, a], [, b]) => Math.abs(a) - Math.abs(b))
    .slice(0, Math.max(1, limits.nodes))
  const chosen = new Set(near.map(([name]) => name))
  const shown = inOrder(
    bases,
    found.filter(([name]) => chosen.has(name)),
  )
  return finish(bases, { viewed, shown, reached: { above, below } }, limits)
}

/** All indexes and missing bases. */
export function wholeGraph(all: Bases, limits: Omit<GraphLimits, 'around'>): InheritanceGraph {
  const bases = readable(all, limits.mayRead)
  const names = new Set<IndexName>()
  for (const name of all.indexes.keys()) if (bases.indexes.has(name)) names.add(name)
  for (const name of [...names]) for (const base of basesOf(bases, name)) names.add(base)
  const found = inOrder(
    bases,
    [...names].toSorted().map((name): Found => [name, 0]),
  )
  const everything = new Map(found)
  const reached = { above: everything, below: everything }
  const shown = found.slice(0, limits.nodes)
  return finish(bases, { viewed: undefined, shown, reached }, limits)
}

type Found = [name: IndexName, distance: number]

/** In a circle an index is on both sides: the shorter way counts, and else that along the bases. */
function nearest(
  above: ReadonlyMap<IndexName, number>,
  below: ReadonlyMap<IndexName, number>,
): Found[] {
  const isBase = ([name, distance]: Found): boolean => distance <= (below.get(name) ?? Infinity)
  const isHeir = ([name, distance]: Found): boolean => distance < (above.get(name) ?? Infinity)
  const heirs = [...below].filter(isHeir).map(([name, distance]): Found => [name, -distance])
  return [...[...above].filter(isBase), ...heirs]
}

function finish(
  bases: Bases,
  { viewed, shown, reached }: Shown,
  limits: Pick<GraphLimits, 'edges'>,
): InheritanceGraph {
  const names = new Set(shown.map(([name]) => name))
  const countMore = (others: readonly IndexName[], among: ReadonlyMap<IndexName, number>): number =>
    others.filter((name) => among.has(name) && !names.has(name)).length
  const nodes = shown.map(([name, distance]) => ({
    name,
    distance,
    kind: kindOf(bases, name),
    moreBases: reached.above.has(name) ? countMore(basesOf(bases, name), reached.above) : 0,
    moreHeirs: reached.below.has(name) ? countMore(bases.heirsOf(name), reached.below) : 0,
  }))
  const edges = edgesBetween(bases, names)
  const total = new Set([...reached.above.keys(), ...reached.below.keys()]).size
  const kept = firstOnes(edges, limits.edges)
  return {
    viewed,
    nodes,
    edges: kept,
    cycles: findCycles([...names], kept),
    leftOut: total - nodes.length,
    edgesLeftOut: edges.length - kept.length,
  }
}

interface Shown {
  readonly viewed: IndexName | undefined
  readonly shown: readonly Found[]
  readonly reached: {
    readonly above: ReadonlyMap<IndexName, number>
    readonly below: ReadonlyMap<IndexName, number>
  }
}

/** Breadth first; each index once, at its shortest distance. */
function distances(
  start: IndexName,
  next: (name: IndexName) => readonly IndexName[],
): Map<IndexName, number> {
  const found = new Map<IndexName, number>([[start, 0]])
  for (const [name, distance] of found) {
    for (const other of next(name)) if (!found.has(other)) found.set(other, distance + 1)
  }
  return found
}

/** Mirrors stand behind the other bases, and before who inherits from the viewed index. */
function inOrder(bases: Bases, found: readonly Found[]): Found[] {
  const rank = ([name, distance]: Found): number => {
    if (distance < 0) return 3
    return kindOf(bases, name) === 'mirror' && distance > 0 ? 2 : 1
  }
  const isWhole = found.every(([, distance]) => distance === 0)
  const wholeRank = ([name]: Found): number => Number(kindOf(bases, name) === 'mirror')
  const rankOf = isWhole ? wholeRank : rank
  return found.toSorted((a, b) => rankOf(a) - rankOf(b))
}

function edgesBetween(bases: Bases, names: ReadonlySet<IndexName>): GraphEdge[] {
  return [...names].flatMap((index) =>
    basesOf(bases, index)
      .map((base, at) => ({ index, base, order: at + 1 }))
      .filter(({ base }) => names.has(base)),
  )
}

/** Where there are too many, the first bases of every index before the second ones. */
function firstOnes(edges: readonly GraphEdge[], most: number): readonly GraphEdge[] {
  if (edges.length <= most) return edges
  const chosen = new Set(edges.toSorted((a, b) => a.order - b.order).slice(0, most))
  return edges.filter((edge) => chosen.has(edge))
}

const kindOf = (bases: Bases, name: IndexName): GraphKind =>
  bases.indexes.get(name)?.kind ?? 'missing'

const basesOf = (bases: Bases, name: IndexName): readonly IndexName[] =>
  bases.indexes.get(name)?.bases ?? []

/** Without what may not be read: neither it nor what only it leads to, and nobody's base has a gap where it stood. */
function readable(all: Bases, mayRead: GraphLimits['mayRead']): Bases {
  if (!mayRead) return all
  const isShown = (name: IndexName): boolean => !all.indexes.has(name) || mayRead(name)
  const indexes = new Map(
    [...all.indexes]
      .filter(([name]) => mayRead(name))
      .map(([name, { kind, bases }]) => [name, { kind, bases: bases.filter(isShown) }]),
  )
  return { indexes, heirsOf: (name) => all.heirsOf(name).filter((heir) => indexes.has(heir)) }
}
