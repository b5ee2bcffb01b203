/** A placed diagram as SVG. Colours come from the page's style sheet; without one everything has the text's colour. */
import { escapeHtml } from '#python/html-escape'
import type { GraphKind, GraphNode } from '#registry/inheritance-graph'
import type { IndexName } from '#registry/indexes'
import { badgeWidth, type Arrow, type Box, type Placement, type Point } from './placement.ts'

export interface SvgOptions {
  readonly viewed: IndexName | undefined
  readonly title: string
  readonly description: string
  /** Begins the ids: only one diagram of a page may have it. */
  readonly id: string
  readonly address: (index: IndexName) => string
}

export function printSvg(placement: Placement, options: SvgOptions): string {
  const { width, height, boxes, arrows } = placement
  const { id, title, description } = options
  const counts = Map.groupBy(arrows, ({ edge }) => edge.index)
  const isOrdered = ({ edge }: Arrow): boolean =>
    (counts.get(edge.index)?.length ?? 0) > 1 || edge.order > 1
  return [
    `<svg class="diagram" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"`,
    ` width="${width}" height="${height}" role="group" aria-labelledby="${id}-title ${id}-desc"`,
    ` font-size="13" color="currentColor">\n`,
    `<title id="${id}-title">${escapeHtml(title)}</title>\n`,
    `<desc id="${id}-desc">${escapeHtml(description)}</desc>\n`,
    printMarkers(id),
    ...arrows.map((arrow) => printArrow(arrow, options)),
    ...arrows.filter(isOrdered).map(printOrder),
    ...boxes.map((box) => printBox(box, options)),
    '</svg>',
  ].join('')
}

/** A head for the arrows of the viewed index, and one for all others: a marker has no part in its line's colour. */
function printMarkers(id: string): string {
  const marker = (name: string): string =>
    `<marker id="${id}-${name}" class="${name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" ` +
    'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">' +
    '<path d="M0 .5 8 4 0 7.5z" fill="currentColor"/></marker>'
  return `<defs>${marker('head')}${marker('own-head')}</defs>\n`
}

function printArrow({ edge, points }: Arrow, { id, viewed }: SvgOptions): string {
  const isOwn = edge.index === viewed
  const way = edge.index === edge.base ? printLoop(points) : printWay(points)
  const head = `${id}-${isOwn ? 'own-head' : 'head'}`
  return (
    `<path class="edge${isOwn ? ' own' : ''}" d="${way}" fill="none" ` +
    `stroke="currentColor" marker-end="url(#${head})"/>\n`
  )
}

/** Through all points, level at each. */
function printWay([start, ...rest]: readonly Point[]): string {
  if (!start) return 'M0 0'
  let way = `M${at(start)}`
  let before = start
  for (const point of rest) {
    const bend = (point.x - before.x) / 2
    way += `C${at({ ...before, x: before.x + bend })} ${at({ ...point, x: point.x - bend })} ${at(point)}`
    before = point
  }
  return way
}

/** Upright where it leaves and where it ends, and through the point between these. */
function printLoop([start, lowest, end]: readonly Point[]): string {
  if (!start || !lowest || !end) return 'M0 0'
  // A curve comes three quarters of the way to what pulls it.
  const pull = start.y + ((lowest.y - start.y) * 4) / 3
  return `M${at(start)}C${at({ ...start, y: pull })} ${at({ ...end, y: pull })} ${at(end)}`
}

const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`
const round = (value: number): number => Math.round(value * 10) / 10

/** Beside the index whose base it is. */
function printOrder({ edge, points }: Arrow): string {
  const point = points[1] ?? points[0]
  if (!point) return ''
  const { x, y } = point
  return (
    `<g class="order" aria-hidden="true"><circle cx="${round(x)}" cy="${round(y)}" r="8" ` +
    `fill="Canvas" stroke="currentColor"/><text x="${round(x)}" y="${round(y + 3.7)}" ` +
    `text-anchor="middle" font-size="10.5" fill="currentColor">${edge.order}</text></g>\n`
  )
}

function printBox(box: Box, { viewed, id, address }: SvgOptions): string {
  const { node } = box
  const isViewed = node.name === viewed
  const names = `node ${node.kind}${isViewed ? ' viewed' : ''}`
  const full = `<title>${escapeHtml(describe(node, isViewed))}</title>`
  const inside = `${full}${printShape(box, isViewed)}${printTexts(box, isViewed)}`
  if (node.kind === 'missing') return `<g class="${names}">${inside}</g>\n`
  const current = isViewed ? ` id="${id}-viewed" aria-current="page"` : ''
  return `<a class="${names}" href="${escapeHtml(address(node.name))}"${current}>${inside}</a>\n`
}

function describe({ name, kind, moreBases, moreHeirs }: GraphNode, isViewed: boolean): string {
  const more = [
    ...(moreBases > 0 ? [`${moreBases} more to the right`] : []),
    ...(moreHeirs > 0 ? [`${moreHeirs} more to the left`] : []),
  ]
  return [`${name} (${isViewed ? 'this ' : ''}${kind})`, ...more].join(', ')
}

const strokes: Readonly<Record<GraphKind, string>> = {
  stage: '',
  mirror: ' stroke-dasharray="5 3"',
  missing: ' stroke-dasharray="1.5 3"',
}

function printShape({ node, x, y, width, height }: Box, isViewed: boolean): string {
  const round5 = node.kind === 'mirror' ? height / 2 : 5
  return (
    `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${width}" ` +
    `height="${height}" rx="${round5}" fill="Canvas" stroke="currentColor" ` +
    `stroke-width="${isViewed ? 2.5 : 1.2}"${strokes[node.kind]}/>`
  )
}

function printTexts({ node, label, x, y, width }: Box, isViewed: boolean): string {
  const { moreBases, moreHeirs, kind } = node
  const middle = x + (badgeWidth(moreHeirs) - badgeWidth(moreBases)) / 2
  const text = (name: string, left: number, top: number, words: string, more = ''): string =>
    `<text class="${name}" x="${round(left)}" y="${round(top)}" text-anchor="middle" ` +
    `fill="currentColor"${more}>${escapeHtml(words)}</text>`
  const small = ' font-size="10.5"'
  const hasTwoLines = kind !== 'stage'
  return [
    text(
      'name',
      middle,
      y + (hasTwoLines ? -1.5 : 4.5),
      label,
      isViewed ? ' font-weight="700"' : '',
    ),
    hasTwoLines ? text('kind-name', middle, y + 12.5, kind, small) : '',
    moreHeirs > 0
      ? text('more', x - width / 2 + badgeWidth(moreHeirs) / 2 + 4, y + 4, `+${moreHeirs}`, small)
      : '',
    moreBases > 0
      ? text('more', x + width / 2 - badgeWidth(moreBases) / 2 - 4, y + 4, `+${moreBases}`, small)
      : '',
  ].join('')
}
