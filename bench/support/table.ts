/** The figures as a person reads them. */
import { judge, limitOf, type Figure, type NamedLoad } from './figure.ts'

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
  const loads = figures.flatMap((figure) => (figure.loads ? ['', ...printLoads(figure)] : []))
  return [...lines, ...loads, ...evidence].join('\n')
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

export const withUnit = (value: number, unit: string): string =>
  unit === '' || unit.startsWith('/') ? `${short(value)}${unit}` : `${short(value)} ${unit}`

const LOAD_HEAD = ['', 'rate', 'median', '99th percentile', 'CPU s per 1,000', 'memory at most']

/** What each server gave and needed for it; in brackets what we gave and needed to that. */
function printLoads({ what, unit, loads = [] }: Figure): string[] {
  const [ours] = loads
  if (!ours) return []
  const columns = [
    { unit: unit.includes('/s') ? unit : '/s', of: (load: NamedLoad) => load.perSecond },
    { unit: 'ms', of: (load: NamedLoad) => load.median },
    { unit: 'ms', of: (load: NamedLoad) => load.p99 },
    { unit: 's', of: (load: NamedLoad) => load.cpuPer1000 },
    { unit: 'MB', of: (load: NamedLoad) => load.memory },
  ]
  const rows = loads.map((load) => [
    load.name,
    ...columns.map((column) => {
      const [value, own] = [column.of(load), column.of(ours)]
      if (value === undefined) return '–'
      const told = withUnit(value, column.unit)
      return load === ours || own === undefined ? told : `${told} (${short(own / value)}×)`
    }),
  ])
  const all = [LOAD_HEAD, ...rows]
  const widths = LOAD_HEAD.map((_, at) => Math.max(...all.map((cells) => cells[at]!.length)))
  const lines = all.map((cells) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!))),
  )
  return [`${what}:`, ...lines.map((cells) => `  ${cells.join('  ')}`)]
}

/** Three digits are all that a measurement is good for. */
export function short(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toString()
  return Number(value.toPrecision(3)).toString()
}
