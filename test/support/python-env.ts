/**
 * The Python environments that the tests run real clients and servers from. Each is made on first need from its
 * pinned list in `requirements/`, into a cache folder that git ignores, and used by all later runs.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { withFileLock } from './file-lock.ts'
import { runProcess, type Environment, type RunResult } from './process.ts'

/** Several, because the programs want different versions of the same libraries. */
export const environmentNames = ['clients', 'publishers', 'poetry', 'servers'] as const
/** `proxpi` is for the benches alone. */
export type EnvironmentName = (typeof environmentNames)[number] | 'proxpi'

export interface PythonEnvironment {
  readonly folder: string
  /** The interpreter. */
  readonly python: string
  /** The path of a program, such as `twine`. */
  bin(tool: string): string
}

export interface Python {
  readonly executable: string
  readonly version: string
}

const MAKING_TIMEOUT_MS = 15 * 60_000

const known = new Map<EnvironmentName, Promise<PythonEnvironment>>()

/** The environment, made now if this machine does not have it yet. `say` hears about what takes long. */
export function pythonEnvironment(
  name: EnvironmentName = 'clients',
  say: (line: string) => void = () => {},
): Promise<PythonEnvironment> {
  const present = known.get(name)
  if (present) return present

  const promise = openEnvironment(name, say)
  known.set(name, promise)
  return promise
}

async function openEnvironment(
  name: EnvironmentName,
  say: (line: string) => void,
): Promise<PythonEnvironment> {
  const requirements = join(import.meta.dirname, 'requirements', `${name}.txt`)
  const python = await findPython()
  const key = createHash('sha256')
    .update(`${await readFile(requirements, 'utf8')}\n${python.executable}\n${python.version}`)
    .digest('hex')
    .slice(0, 16)
  const folder = join(cacheFolder(), 'python', `${name}-${key}`)
  const environment: PythonEnvironment = {
    folder,
    python: join(folder, 'bin', 'python'),
    bin: (tool) => join(folder, 'bin', tool),
  }
  // Written last: a folder without it is what an interrupted run has left.
  const marker = join(folder, 'complete')
  if (existsSync(marker)) return environment

  await mkdir(join(folder, '..'), { recursive: true })
  await withFileLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(marker)) return
      say(`making the Python environment "${name}" …`)
      await makeEnvironment(folder, requirements, python)
      await writeFile(marker, '')
      say(`made the Python environment "${name}"`)
    },
    () => say(`waiting for another run that makes the Python environment "${name}" …`),
  )
  return environment
}

/** Not relocatable, so it is made in its place. pip reaches its index the way this machine is set up for. */
async function makeEnvironment(
  folder: string,
  requirements: string,
  python: Python,
): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  const pip = await makeVenv(folder, python)
  const options = ['install', '--quiet', '--no-input', '--requirement', requirements]
  const install = await run(pip.command, [...pip.args, ...options])
  if (install.code !== 0) {
    throw new Error(
      `pip could not install what ${requirements} lists, which the tests need:\n${install.output}`,
    )
  }
}

/**
 * Makes an empty environment and says how to call pip for it. Some Debian machines have Python without
 * `ensurepip`: there the machine's own pip (22.3 or newer) installs into the environment from outside.
 */
async function makeVenv(
  folder: string,
  { executable }: Python,
): Promise<{ command: string; args: string[] }> {
  const python = join(folder, 'bin', 'python')
  const withPip = await run(executable, ['-m', 'venv', folder])
  if (withPip.code === 0) return { command: python, args: ['-m', 'pip'] }

  await rm(folder, { recursive: true, force: true })
  const bare = await run(executable, ['-m', 'venv', '--without-pip', folder])
  const args = ['-m', 'pip', '--python', python]
  const ownPip = await run(executable, [...args, '--version'])
  if (bare.code === 0 && ownPip.code === 0) return { command: executable, args }
  throw new Error(
    `${executable} can make no virtual environment, which the tests need.\n` +
      'Install its venv and pip (on Debian: apt install python3-venv python3-pip), ' +
      `or name another Python in WHEELYARD_TEST_PYTHON.\n${withPip.output}${ownPip.output}`,
  )
}

/** The real interpreter behind `python3`, which may be a shim that depends on the working folder. */
export async function findPython(): Promise<Python> {
  const command = process.env['WHEELYARD_TEST_PYTHON'] ?? 'python3'
  const script =
    'import json, sys; print(json.dumps([sys.executable, sys.version, sys.version_info[:2]]))'
  const found = await run(command, ['-c', script]).catch((cause: unknown) => {
    throw new Error(`The tests need Python 3.11 or newer: ${command} was not found.`, { cause })
  })
  if (found.code !== 0) throw new Error(`${command} does not work:\n${found.output}`)
  const [executable, version, [major, minor]] = JSON.parse(found.stdout) as [
    string,
    string,
    [number, number],
  ]
  if (major < 3 || (major === 3 && minor < 11)) {
    throw new Error(`The tests need Python 3.11 or newer; ${executable} is ${version}.`)
  }
  return { executable, version }
}

/** Where the environments are kept: `.cache` in the repository, or what WHEELYARD_TEST_CACHE says. */
export function cacheFolder(): string {
  return resolve(
    process.env['WHEELYARD_TEST_CACHE'] ?? join(import.meta.dirname, '..', '..', '.cache'),
  )
}

function run(command: string, args: readonly string[]): Promise<RunResult> {
  return runProcess(command, args, { env: ownEnvironment(), timeoutMs: MAKING_TIMEOUT_MS })
}

/** Our own environment, without what would lead Python or pip elsewhere than into the new folder. */
function ownEnvironment(): Environment {
  const misleading = [
    'PYTHONHOME',
    'PYTHONPATH',
    'VIRTUAL_ENV',
    'PIP_TARGET',
    'PIP_PREFIX',
    'PIP_USER',
  ]
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !misleading.includes(entry[0]),
  )
  return {
    ...Object.fromEntries(entries),
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_REQUIRE_VIRTUALENV: '0',
  }
}
