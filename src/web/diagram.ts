/** An inheritance diagram as a page prints it: SVG whose boxes are links, and the same as lists. */
import type { InheritanceGraph } from '#registry/inheritance-graph'
import type { IndexName } from '#registry/indexes'
import { placeGraph, type Placement } from './diagram/placement.ts'
import { printList } from './diagram/print-list.ts'
import { printSvg } from './diagram/print-svg.ts'

/** A graph, and where its parts lie. The same object as long as nothing in it changes. */
export interface Drawing {
  readonly graph: InheritanceGraph
  readonly placement: Placement
}

export interface DiagramOptions {
  /** The page of an index, from the root of the server on. */
  readonly address: (index: IndexName) => string
  /** Begins the ids in the SVG; `inheritance` unless a page has several. */
  readonly id?: string
}

export interface Diagram {
  /** To be printed as it is. Its classes: `diagram`, `edge`, `order`, `node`, and `stage`, `mirror`, `missing`, `viewed`. */
  readonly svg: string
  /** HTML lists that tell the same. */
  readonly list: string
  /** Indexes that are drawn. */
  readonly count: number
  readonly leftOut: number
  readonly edgesLeftOut: number
  readonly missing: readonly IndexName[]
  readonly cycles: readonly (readonly IndexName[])[]
}

export const drawGraph = (graph: InheritanceGraph): Drawing => ({
  graph,
  placement: placeGraph(graph),
})

export function printDiagram({ graph, placement }: Drawing, options: DiagramOptions): Diagram {
  const { address, id = 'inheritance' } = options
  const { viewed, nodes, leftOut, edgesLeftOut, cycles } = graph
  const title = viewed === undefined ? 'Inheritance of all indexes' : `Inheritance of ${viewed}`
  const description = describe(graph)
  return {
    svg: printSvg(placement, { viewed, title, description, id, address }),
    list: printList(graph, address),
    count: nodes.length,
    missing: nodes.filter(({ kind }) => kind === 'missing').map(({ name }) => name),
    ...{ leftOut, edgesLeftOut, cycles },
  }
}

function describe({ viewed, nodes, leftOut, cycles }: InheritanceGraph): string {
  const more = leftOut > 0 ? `, ${leftOut} more are left out` : ''
  const circles = cycles.map((names) => ` In a circle: ${names.slice(0, 10).join(', ')}.`).join('')
  if (viewed === undefined) {
    return `Arrows lead from indexes to their bases. ${nodes.length} are shown${more}.${circles}`
  }
  const bases = nodes.filter(({ distance }) => distance > 0).length
  const heirs = nodes.filter(({ distance }) => distance < 0).length
  return `On the right ${count(bases, 'base')}, on the left ${count(heirs, 'index', 'indexes')} that inherit${heirs === 1 ? 's' : ''} from it${more}.${circles}`
}

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`
