/** Writes the page of results, with its pictures, from what runs have left: `node bench/report/report.ts FILE.json…`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withUnit, short } from '../support/table.ts'
import { mergeResults, type Result, type Results } from './results.ts'
import { drawBars, drawCurves, type BarGroup } from './svg.ts'

const root = join(import.meta.dirname, '..', '..')
const PAGE = 'docs/bench-results.md'
const IMAGES = 'docs/images'

interface Picture {
  readonly name: string
  readonly title: string
  readonly svg: string
}

/** Returns the paths that it wrote, below the repository. */
export async function writeReport(results: Results): Promise<string[]> {
  const pictures = drawPictures(results.figures)
  await mkdir(join(root, IMAGES), { recursive: true })
  const written: string[] = []
  for (const { name, svg } of pictures) {
    const path = `${IMAGES}/bench-${name}.svg`
    await writeFile(join(root, path), svg)
    written.push(path)
  }
  await writeFile(join(root, PAGE), printPage(results, pictures))
  return [PAGE, ...written]
}

/** Contests by the first parts of their names. */
const families = [
  {
    name: 'pages',
    title: 'Warm pages of 200 files, answers per second',
    of: /^(page\.(?!5000)|unchanged|gzip)/,
  },
  { name: 'pages-5000', title: 'Warm pages of 5,000 files, answers per second', of: /^page\.5000/ },
  { name: 'files', title: 'Downloads, answers (or megabytes) per second', of: /^file\./ },
  { name: 'uploads', title: 'Durable uploads per second', of: /^upload\./ },
  { name: 'names', title: 'Lists of 1,000 names, answers per second', of: /^names\.(own|mirror)/ },
] as const

function drawPictures(figures: readonly Result[]): Picture[] {
  const bars = families.flatMap(({ name, title, of }) => {
    const groups = figures.filter((figure) => of.test(figure.name)).flatMap(barGroup)
    return groups.length === 0 ? [] : [{ name, title, svg: drawBars(title, groups) }]
  })
  return [...bars, ...drawGrowth(figures), ...drawSoak(figures)]
}

function barGroup({ what, unit, loads = [] }: Result): BarGroup[] {
  if (loads.length < 2) return []
  const bars = loads.map(({ name, perSecond }, at) => ({
    label: name,
    value: perSecond,
    text: withUnit(perSecond, unit),
    isOurs: at === 0,
  }))
  return [{ title: what, bars }]
}

/** Each as how many times what it was at the smallest size, so that all fit one picture. */
function drawGrowth(figures: readonly Result[]): Picture[] {
  const grown = figures.filter(({ name, curve }) => name.startsWith('entries.') && curve)
  const curves = grown.map(({ what, curve }) => {
    const first = curve?.points[0]?.y ?? 1
    return {
      label: labelOf(what),
      points: (curve?.points ?? []).map(({ x, y }) => ({ x, y: y / first })),
    }
  })
  if (curves.length === 0) return []
  const title = 'The same work as the ledger grows'
  const axes = { x: 'entries in the ledger', y: 'times what it is at the fewest', isLog: true }
  return [{ name: 'growth', title, svg: drawCurves(title, curves, axes) }]
}

/** What fits beside a picture. */
const labelOf = (what: string): string => {
  const words = what
    .replace('of 200 files', '')
    .replace('of a 4 KB wheel, ', '')
    .replaceAll(/\s+/g, ' ')
  return words.length <= 24 ? words : `${words.slice(0, 22).trim()} …`
}

function drawSoak(figures: readonly Result[]): Picture[] {
  const points = figures.find(({ name }) => name === 'soak.memory')?.curve?.points
  if (!points) return []
  const title = 'Memory under mixed load'
  const axes = { x: 'seconds', y: 'MB resident' }
  return [{ name: 'soak', title, svg: drawCurves(title, [{ label: 'server', points }], axes) }]
}

function printPage(results: Results, pictures: readonly Picture[]): string {
  const { machine, versions, busy, isPinned, isQuick, figures } = results
  const shown = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const pinned = isPinned
    ? 'The server had one core, the load another.'
    : 'Server and load shared all cores.'
  const calm = `The load average was ${busy.toFixed(1)} before it began.`
  const hurry = isQuick ? ' It was a quick run, of two rounds each.' : ''
  const judged = figures.filter(({ verdict }) => verdict !== '')
  const met = judged.filter(({ verdict }) => verdict === 'ok').length
  return [
    '# Results of a run',
    '',
    `Made by \`npm run bench\`; [how it is measured](bench.md).`,
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory} GB, ${machine.kernel}. ${pinned} ${calm}${hurry}`,
    '',
    `${shown.join(', ')}.`,
    '',
    `Of ${judged.length} figures with a limit ${met} are within it.`,
    '',
    ...pictures.flatMap(({ name, title }) => [`![${title}](images/bench-${name}.svg)`, '']),
    '## Figures',
    '',
    '| measure | ours | peer | ratio | limit | |',
    '|---|---:|---|---:|---|---|',
    ...figures.map(row),
    '',
    '## What each server needed',
    '',
    'Medians of all rounds, and the most memory. In brackets ours to theirs.',
    '',
    ...figures.flatMap(printLoads),
  ].join('\n')
}

function row({ what, unit, ours, peer, ratio, limit, verdict }: Result): string {
  const told = peer ? `${peer.name} ${withUnit(peer.value, unit)}` : ''
  const value = limit?.atLeast ?? limit?.atMost ?? NaN
  const bound = limit?.of === 'ratio' ? `${short(value)}×` : withUnit(value, unit)
  const limited = limit ? `${limit.atLeast === undefined ? '≤' : '≥'} ${bound}` : ''
  const shownRatio = ratio === undefined ? '' : `${short(ratio)}×`
  return `| ${what.trim()} | ${withUnit(ours, unit)} | ${told} | ${shownRatio} | ${limited} | ${verdict} |`
}

function printLoads({ what, unit, loads = [] }: Result): string[] {
  const [ours] = loads
  if (!ours) return []
  const rate = unit.includes('/s') ? unit : '/s'
  const cell = (
    value: number | undefined,
    own: number | undefined,
    of: string,
    isOurs: boolean,
  ) => {
    if (value === undefined || own === undefined) return '–'
    return isOurs ? withUnit(value, of) : `${withUnit(value, of)} (${short(own / value)}×)`
  }
  return [
    `**${what.trim()}**`,
    '',
    '| | rate | median | 99th percentile | CPU s per 1,000 | memory |',
    '|---|---:|---:|---:|---:|---:|',
    ...loads.map((load) => {
      const isOurs = load === ours
      const cells = [
        cell(load.perSecond, ours.perSecond, rate, isOurs),
        cell(load.median, ours.median, 'ms', isOurs),
        cell(load.p99, ours.p99, 'ms', isOurs),
        cell(load.cpuPer1000, ours.cpuPer1000, 's', isOurs),
        cell(load.memory, ours.memory, 'MB', isOurs),
      ]
      return `| ${load.name} | ${cells.join(' | ')} |`
    }),
    '',
  ]
}

if (import.meta.main) {
  const files = process.argv.slice(2)
  if (files.length === 0) throw new Error('Usage: node bench/report/report.ts FILE.json…')
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const results = mergeResults(texts.map((text) => JSON.parse(text) as Results))
  for (const path of await writeReport(results)) console.log(path)
}
