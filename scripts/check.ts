/** Types, lint, format, layers, documentation and devpi's checklist, all at once. Prints what failed. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './repository.ts'

interface Check {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

export interface CheckResult {
  readonly name: string
  readonly hasPassed: boolean
  readonly output: string
  readonly seconds: number
}

const tool = (name: string): string => join(root, 'node_modules', '.bin', name)

const checks: readonly Check[] = [
  { name: 'types', command: tool('tsc'), args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'lint', command: tool('oxlint'), args: ['--type-aware', '--deny-warnings'] },
  {
    name: 'format',
    command: tool('oxfmt'),
    args: ['--check', 'bin', 'src', 'test', 'bench', 'scripts'],
  },
  { name: 'layers', command: process.execPath, args: ['scripts/check-layers.ts'] },
  { name: 'docs', command: process.execPath, args: ['scripts/check-docs.ts'] },
  { name: 'checklist', command: process.execPath, args: ['scripts/check-checklist.ts'] },
]

export function runChecks(): Promise<CheckResult[]> {
  return Promise.all(checks.map(async (check) => runCheck(check)))
}

function runCheck({ name, command, args }: Check): Promise<CheckResult> {
  const startedAt = performance.now()
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))

  return new Promise((resolve) => {
    const end = (hasPassed: boolean): void =>
      resolve({
        name,
        hasPassed,
        output: Buffer.concat(chunks).toString(),
        seconds: (performance.now() - startedAt) / 1000,
      })
    child.once('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`))
      end(false)
    })
    child.once('close', (code) => end(code === 0))
  })
}

/** Prints a line for each check, and all that a failed one has to say. */
export function printChecks(results: readonly CheckResult[]): void {
  for (const { name, hasPassed, output, seconds } of results) {
    console.log(`${hasPassed ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`)
    if (!hasPassed) console.log(output.trimEnd())
  }
}

if (import.meta.main) {
  const results = await runChecks()
  printChecks(results)
  process.exitCode = results.every((result) => result.hasPassed) ? 0 : 1
}
