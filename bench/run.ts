/**
 * `npm run bench [-- NAME… --json FILE]`: runs the measures one after the other, each in a process of its own,
 * prints a table, and fails when a figure has slipped far past its limit in `limits.json`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { measures } from './measures.ts'
import { canPin, NOT_PINNED, pinned } from './support/cores.ts'
import { judge, limitOf, type Figure } from './support/figure.ts'
import { printTable } from './support/table.ts'

const names = measures.map(({ name }) => name)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
})
const unknown = positionals.filter((name) => !names.includes(name))
if (values.help || unknown.length > 0) {
  for (const name of unknown) console.error(`Error: there is no measure '${name}'`)
  console.error(`Usage: npm run bench -- [NAME…] [--json FILE]\nMeasures: ${names.join(', ')}`)
  process.exit(unknown.length > 0 ? 2 : 0)
}

const busy = loadavg()[0] ?? 0
if (busy > 1) console.error(`Others use this machine (load ${busy.toFixed(1)}): wait for calm.`)
console.error(canPin ? 'The server runs on one core, the load on another.' : NOT_PINNED)
const figures: Figure[] = []
const broken: string[] = []
for (const name of positionals.length > 0 ? positionals : names) {
  console.error(name)
  const found = await runMeasure(name)
  if (found) figures.push(...found)
  else broken.push(name)
}

console.log(printTable(figures))
if (values.json !== undefined) await writeFile(values.json, rawNumbers())
const slipped = figures.filter((figure) => judge(figure) === 'SLIPPED')
for (const { name } of slipped) console.error(`${name} is past its limit by more than half.`)
for (const name of broken) console.error(`${name} did not run to its end.`)
process.exitCode = slipped.length + broken.length > 0 ? 1 : 0

/** `undefined` where it failed; it has said why. */
async function runMeasure(name: string): Promise<Figure[] | undefined> {
  const program = join(import.meta.dirname, 'measure.ts')
  const { command, args } = pinned('load', process.execPath, [program, name])
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const output = await text(child.stdout)
  const [code] = (await ended) as [number | null]
  return code === 0 ? (JSON.parse(output) as Figure[]) : undefined
}

function rawNumbers(): string {
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    canPin,
    busy,
  }
  const judged = figures.map((figure) => ({
    ...figure,
    limit: limitOf(figure),
    verdict: judge(figure),
  }))
  return `${JSON.stringify({ machine, figures: judged }, undefined, 2)}\n`
}
