/** Where the boxes and arrows of a diagram lie: heirs left, bases right. The same graph always lies the same. */
import { Graph, layout } from '@dagrejs/dagre'
import type { GraphEdge, GraphNode, InheritanceGraph } from '#registry/inheritance-graph'
import { cutName, widthOf } from './text-width.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly node: GraphNode
  /** The name, cut where it is long. */
  readonly label: string
  readonly width: number
  readonly height: number
}

export interface Arrow {
  readonly edge: GraphEdge
  /** From the index to its base. */
  readonly points: readonly Point[]
}

/** `x` and `y` of a box are those of its middle. */
export interface Placement {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
}

const LINE_HEIGHT = 30
const TWO_LINES_HEIGHT = 42
const PADDING = 28
/** An order number on the outermost line fits in. */
const MARGIN = 12
/** Of the arrow of an index that is its own base. */
const LOOP_DEPTH = 15
/** With more nodes a quicker way to find the columns, which are then a little worse. */
const MANY_NODES = 40

export function placeGraph({ nodes, edges }: InheritanceGraph): Placement {
  const graph = new Graph({ directed: true })
  const ranker = nodes.length > MANY_NODES ? 'tight-tree' : 'network-simplex'
  graph.setGraph({ rankdir: 'LR', nodesep: 14, edgesep: 18, ranksep: 56, ranker })
  // By their numbers: a name may be anything.
  const numbers = new Map(nodes.map(({ name }, at) => [name, String(at)]))
  // All equally wide: else arrows to a narrow box would run behind the wide ones of its column.
  const width = nodes.reduce((widest, node) => Math.max(widest, widthOfBox(node)), 0)
  const sizeOf = ({ kind }: GraphNode) => ({
    width,
    height: kind === 'stage' ? LINE_HEIGHT : TWO_LINES_HEIGHT,
  })
  for (const node of nodes) graph.setNode(numbers.get(node.name) ?? '', sizeOf(node))
  for (const { index, base } of edges) {
    graph.setEdge(numbers.get(index) ?? '', numbers.get(base) ?? '', {})
  }
  layout(graph)
  const boxes = nodes.map((node) => {
    const { x = 0, y = 0 } = graph.node(numbers.get(node.name) ?? '') as Partial<Point>
    return { node, label: cutName(node.name), ...sizeOf(node), x, y }
  })
  const byName = new Map(boxes.map((box) => [box.node.name, box]))
  const arrows = edges.map((edge) => {
    const way = graph.edge(numbers.get(edge.index) ?? '', numbers.get(edge.base) ?? '') as {
      readonly points?: readonly Point[]
    }
    const { index, base } = edge
    return { edge, points: withPorts(way.points ?? [], byName.get(index), byName.get(base)) }
  })
  return moveInside(boxes, arrows)
}

function widthOfBox(node: GraphNode): number {
  const badges = badgeWidth(node.moreBases) + badgeWidth(node.moreHeirs)
  return Math.max(84, Math.ceil(widthOf(cutName(node.name))) + PADDING) + badges
}

/** Room for `+12` inside the box. */
export const badgeWidth = (count: number): number =>
  count === 0 ? 0 : 14 + 7 * String(count).length

/** Arrows leave and reach a box in the middle of a side, not wherever they happen to cross it. */
function withPorts(
  points: readonly Point[],
  from: Box | undefined,
  to: Box | undefined,
): readonly Point[] {
  if (from && from === to) return loopBelow(from)
  if (!from || !to || points.length < 2) return points
  const side = to.x >= from.x ? 1 : -1
  const start = { x: from.x + (side * from.width) / 2, y: from.y }
  const end = { x: to.x - (side * to.width) / 2, y: to.y }
  return [start, ...points.slice(1, -1), end]
}

/** Out of the box and back into it, in the room that dagre leaves there. */
function loopBelow({ x, y, width, height }: Box): readonly Point[] {
  const bottom = y + height / 2
  return [
    { x: x + width / 5, y: bottom },
    { x, y: bottom + LOOP_DEPTH },
    { x: x - width / 5, y: bottom },
  ]
}

/** With the margin on all sides: arrows may lead around everything, and dagre counts boxes alone. */
function moveInside(boxes: readonly Box[], arrows: readonly Arrow[]): Placement {
  const ends: Point[] = arrows.flatMap(({ points }) => points)
  for (const { x, y, width, height } of boxes) {
    ends.push({ x: x - width / 2, y: y - height / 2 }, { x: x + width / 2, y: y + height / 2 })
  }
  const least = (values: number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity)
  const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), -Infinity)
  const [xs, ys] = [ends.map(({ x }) => x), ends.map(({ y }) => y)]
  const [left, top] = [least(xs) - MARGIN, least(ys) - MARGIN]
  const move = <P extends Point>(point: P): P => ({ ...point, x: point.x - left, y: point.y - top })
  return {
    width: Math.ceil(most(xs) - left) + MARGIN,
    height: Math.ceil(most(ys) - top) + MARGIN,
    boxes: boxes.map(move),
    arrows: arrows.map(({ edge, points }) => ({ edge, points: points.map(move) })),
  }
}
