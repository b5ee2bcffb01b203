/**
 * `npm run bench [-- NAME… --json FILE --report --quick]`: runs the measures one after the other, each in a process of its own,
 * prints a table, and fails when a figure has slipped far past its limit in `limits.json`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { measures } from './measures.ts'
import { writeReport } from './report/report.ts'
import type { Results } from './report/results.ts'
import { canPin, NOT_PINNED, pinned } from './support/cores.ts'
import { judge, limitOf, type Figure } from './support/figure.ts'
import { packProgram, PROGRAM_VARIABLE } from './support/program.ts'
import { printTable } from './support/table.ts'
import { machine, versions } from './support/versions.ts'

const names = measures.map(({ name }) => name)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    report: { type: 'boolean' },
    quick: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})
const unknown = positionals.filter((name) => !names.includes(name))
if (values.help || unknown.length > 0) {
  for (const name of unknown) console.error(`Error: there is no measure '${name}'`)
  console.error('Usage: npm run bench -- [NAME…] [--quick] [--json FILE] [--report]')
  console.error(`Measures: ${names.join(', ')}`)
  process.exit(unknown.length > 0 ? 2 : 0)
}

const busy = loadavg()[0] ?? 0
if (busy > 1) console.error(`Others use this machine (load ${busy.toFixed(1)}): wait for calm.`)
console.error(canPin ? 'The server runs on one core, the load on another.' : NOT_PINNED)
const isProfiled = process.env['WHEELYARD_BENCH_PROFILE'] !== undefined
const program = isProfiled ? undefined : await packProgram()
/** The measures that are run when none is named: in a hurry those that show most within minutes. */
const usual = measures
  .filter((measure) => (values.quick ? measure.isQuick : !measure.isLong))
  .map(({ name }) => name)
const figures: Figure[] = []
const broken: string[] = []
for (const name of positionals.length > 0 ? positionals : usual) {
  console.error(name)
  const found = await runMeasure(name)
  if (found) figures.push(...found)
  else broken.push(name)
}

console.log(printTable(figures))
const results = await collectResults()
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`)
}
if (values.report) for (const path of await writeReport(results)) console.error(`wrote ${path}`)
const slipped = figures.filter((figure) => judge(figure) === 'SLIPPED')
for (const { name } of slipped) console.error(`${name} is past its limit by more than half.`)
for (const name of broken) console.error(`${name} did not run to its end.`)
process.exitCode = slipped.length + broken.length > 0 ? 1 : 0

/** `undefined` where it failed; it has said why. */
async function runMeasure(name: string): Promise<Figure[] | undefined> {
  const measure = join(import.meta.dirname, 'measure.ts')
  const { command, args } = pinned('load', process.execPath, [measure, name])
  const env = {
    ...process.env,
    ...(values.quick && { WHEELYARD_BENCH_QUICK: '1' }),
    ...(program !== undefined && { [PROGRAM_VARIABLE]: program }),
  }
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  const ended = once(child, 'close')
  const output = await text(child.stdout)
  const [code] = (await ended) as [number | null]
  return code === 0 ? (JSON.parse(output) as Figure[]) : undefined
}

async function collectResults(): Promise<Results> {
  return {
    machine: machine(),
    versions: await versions(),
    isPinned: canPin,
    isQuick: values.quick === true,
    busy,
    figures: figures.map((figure) => ({
      ...figure,
      limit: limitOf(figure),
      verdict: judge(figure),
    })),
  }
}
