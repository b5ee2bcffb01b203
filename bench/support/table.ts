/** The figures as a person reads them. */
import { judge, limitOf, type Figure } from './figure.ts'

const HEAD = ['measure', 'ours', 'peer', 'ratio', 'limit', '']

export function printTable(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(row)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => align(cell, widths[column]!, column))
      .join('  ')
      .trimEnd(),
  )
  const evidence = figures.flatMap(({ name, evidence: shown = [] }) =>
    shown.length === 0 ? [] : ['', `${name}:`, ...shown.map((line) => `  ${line}`)],
  )
  return [...lines, ...evidence].join('\n')
}

/** Numbers to the right, words to the left. */
const align = (cell: string, width: number, column: number): string =>
  column === 1 || column === 3 ? cell.padStart(width) : cell.padEnd(width)

function row(figure: Figure): string[] {
  const { what, unit, ours, peer, ratio, noise } = figure
  const give = noise === undefined ? '' : ` ±${short(noise)}`
  return [
    what,
    withUnit(ours, unit),
    peer ? `${peer.name} ${withUnit(peer.value, unit)}` : '',
    ratio === undefined ? '' : `${short(ratio)}×${give}`,
    limitText(figure),
    judge(figure),
  ]
}

function limitText(figure: Figure): string {
  const limit = limitOf(figure)
  if (!limit) return ''
  const value = limit.atLeast ?? limit.atMost ?? NaN
  const text = limit.of === 'ratio' ? `${short(value)}×` : withUnit(value, figure.unit)
  return `${limit.atLeast === undefined ? '≤' : '≥'} ${text}`
}

const withUnit = (value: number, unit: string): string =>
  unit === '' || unit.startsWith('/') ? `${short(value)}${unit}` : `${short(value)} ${unit}`

/** Three digits are all that a measurement is good for. */
function short(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toString()
  return Number(value.toPrecision(3)).toString()
}
