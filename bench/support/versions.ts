/** The machine and every program that takes part, as results have to name them. Nothing tells whose machine it is. */
import { readFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { VERSION } from '../../src/version.ts'
import { findPython } from '../../test/support/python-env.ts'
import { runProcess } from '../../test/support/process.ts'
import { requirementsFile } from '../../test/support/fetched-wheels.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  /** Gigabytes. */
  readonly memory: number
  readonly kernel: string
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: Math.round(totalmem() / 2 ** 30),
  kernel: `${process.platform} ${release()}`,
})

/** By list in `test/support/requirements/`. */
const pinned = {
  servers: ['devpi-server', 'devpi-web', 'pypiserver', 'waitress'],
  proxpi: ['proxpi', 'gunicorn', 'Flask'],
  clients: ['pip', 'uv', 'twine'],
} as const

/** By name of the program; `missing` where it is not here. */
export async function versions(): Promise<Record<string, string>> {
  const python = await findPython()
  const found: Record<string, string> = {
    Wheelyard: await ownVersion(),
    Node: process.version,
    Python: python.version.split(' ')[0] ?? '',
  }
  for (const [list, names] of Object.entries(pinned)) {
    const text = await readFile(requirementsFile(list), 'utf8')
    for (const name of names) {
      found[name] = new RegExp(`^${name}==(.+)$`, 'm').exec(text)?.[1] ?? 'missing'
    }
  }
  found['nginx'] = await tell('nginx', '-v', /nginx\/(\S+)/)
  found['wrk'] = await tell('wrk', '-v', /wrk (\S+)/)
  return found
}

async function ownVersion(): Promise<string> {
  const commit = await tell('git', 'rev-parse --short HEAD', /^(\w+)/m)
  return `${VERSION} (${commit})`
}

async function tell(program: string, args: string, pattern: RegExp): Promise<string> {
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin` }
  const cwd = join(import.meta.dirname, '..')
  const told = await runProcess(program, args.split(' '), { env, cwd }).catch(() => undefined)
  return pattern.exec(told?.output ?? '')?.[1] ?? 'missing'
}
