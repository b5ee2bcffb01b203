/** The command `wheelyard` in a process of its own, in surroundings that say nothing. */
import { join } from 'node:path'
import { runProcess, startProcess, type Environment } from './process.ts'
import type { RunningProcess, RunResult } from './process.ts'

const script = join(import.meta.dirname, '../../bin/wheelyard.ts')

export interface CommandOptions {
  /** The working folder, which is home too. */
  readonly cwd: string
  readonly env?: Environment
  /** Standard input; without it there is none. */
  readonly input?: string
  /** Options of Node. */
  readonly node?: readonly string[]
}

/** Without pip, uv and their files: no such run looks for an index outside this machine. */
function surroundings({ cwd, env }: CommandOptions): { cwd: string; env: Environment } {
  const silence = { PIP_CONFIG_FILE: '/dev/null', UV_NO_CONFIG: '1' }
  return { cwd, env: { HOME: cwd, PATH: cwd, ...silence, ...env } }
}

export function runCommand(args: readonly string[], options: CommandOptions): Promise<RunResult> {
  const { input, node = [] } = options
  return runProcess(process.execPath, [...node, script, ...args], {
    ...surroundings(options),
    ...(input !== undefined && { input }),
  })
}

export function startCommand(args: readonly string[], options: CommandOptions): RunningProcess {
  return startProcess(process.execPath, [script, ...args], surroundings(options))
}
