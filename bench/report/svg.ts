/** Small pictures for the page of results, as SVG that reads well on light and on dark. */

export interface Bar {
  readonly label: string
  readonly value: number
  /** How the value is written. */
  readonly text: string
  readonly isOurs: boolean
}

export interface BarGroup {
  readonly title: string
  readonly bars: readonly Bar[]
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Curve {
  readonly label: string
  readonly points: readonly Point[]
}

const WIDTH = 760
const LABEL = 180
const VALUE = 110
const ROW = 18
const FONT = 'font-family="system-ui, sans-serif" font-size="12"'
const OURS = '#0a7d55'
const PEER = '#8a94a6'
const INK = '#1c2330'
const FAINT = '#d8dde6'
const COLOURS = [OURS, '#b4541a', '#3b5bdb', '#8a3ffc', '#6b7280', '#b8860b']

/** Horizontal bars; those of a group share a scale that begins at nothing. */
export function drawBars(title: string, groups: readonly BarGroup[]): string {
  const room = WIDTH - LABEL - VALUE

  const lines: string[] = []
  let y = 34
  for (const group of groups) {
    lines.push(text(0, y, group.title, 'font-weight="600"'))
    y += 8
    const most = Math.max(...group.bars.map(({ value }) => value))
    const lengthOf = (value: number): number => Math.max(1, (value / most) * room)
    for (const { label, value, text: told, isOurs } of group.bars) {
      lines.push(
        text(LABEL - 8, y + 13, label, 'text-anchor="end"'),
        `<rect x="${LABEL}" y="${y + 3}" width="${round(lengthOf(value))}" height="${ROW - 5}" fill="${isOurs ? OURS : PEER}"/>`,
        text(LABEL + lengthOf(value) + 6, y + 13, told),
      )
      y += ROW
    }
    y += 22
  }
  return picture(title, y - 14, [text(0, 14, title, 'font-weight="700"'), ...lines])
}

const PLOT = { left: 70, right: 150, top: 34, bottom: 46, height: 300 }

export interface Axes {
  readonly x: string
  readonly y: string
  /** Powers of ten from left to right. */
  readonly isLog?: boolean
}

/** Lines through points, from zero upwards. */
export function drawCurves(title: string, curves: readonly Curve[], axes: Axes): string {
  const points = curves.flatMap((curve) => curve.points)
  const scale = (x: number): number => (axes.isLog ? Math.log10(Math.max(x, 1)) : x)
  const xs = points.map(({ x }) => scale(x))
  const [from, to] = [Math.min(...xs), Math.max(...xs)]
  const most = niceTop(Math.max(...points.map(({ y }) => y)))
  const width = WIDTH - PLOT.left - PLOT.right
  const height = PLOT.height - PLOT.top - PLOT.bottom
  const px = (x: number): number => PLOT.left + ((scale(x) - from) / (to - from || 1)) * width
  const py = (y: number): number => PLOT.top + height - (y / most) * height

  const lines = [text(0, 14, title, 'font-weight="700"')]
  for (let at = 0; at <= 4; at++) {
    const y = (most / 4) * at
    lines.push(
      `<line x1="${PLOT.left}" x2="${PLOT.left + width}" y1="${round(py(y))}" y2="${round(py(y))}" stroke="${FAINT}"/>`,
      text(PLOT.left - 8, py(y) + 4, told(y), 'text-anchor="end"'),
    )
  }
  const marks = axes.isLog
    ? [...new Set(points.map(({ x }) => x))]
    : [0, 0.5, 1].map((part) => from + (to - from) * part)
  for (const x of marks)
    lines.push(text(px(x), PLOT.top + height + 18, told(x), 'text-anchor="middle"'))
  lines.push(
    text(PLOT.left + width / 2, PLOT.top + height + 36, axes.x, 'text-anchor="middle"'),
    text(PLOT.left, PLOT.top - 8, axes.y),
  )
  for (const [at, { label, points: own }] of curves.entries()) {
    const colour = COLOURS[at % COLOURS.length] ?? INK
    const path = own.map(({ x, y }) => `${round(px(x))},${round(py(y))}`).join(' ')
    lines.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`)
    if (own.length <= 10) {
      for (const { x, y } of own)
        lines.push(`<circle cx="${round(px(x))}" cy="${round(py(y))}" r="3" fill="${colour}"/>`)
    }
    lines.push(text(PLOT.left + width + 10, PLOT.top + 12 + at * ROW, label, '', colour))
  }
  return picture(title, PLOT.height, lines)
}

function picture(title: string, height: number, lines: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="-10 0 ${WIDTH + 20} ${height}" role="img" ${FONT}>`,
    `<title>${escape(title)}</title>`,
    `<rect x="-10" width="${WIDTH + 20}" height="${height}" fill="#ffffff"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n')
}

const text = (x: number, y: number, content: string, more = '', fill = INK): string =>
  `<text x="${round(x)}" y="${round(y)}" fill="${fill}" ${more}>${escape(content)}</text>`

const round = (value: number): number => Math.round(value * 10) / 10

const escape = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const told = (value: number): string =>
  value >= 100 || value === 0
    ? Math.round(value).toLocaleString('en')
    : `${Number(value.toPrecision(2))}`

/** The next 1, 2, 2.5, 4, 5 or 8 times a power of ten. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1))
  return ([1, 2, 2.5, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10) * power
}
