/** What all clients have: a home of their own, a clean environment, and an empty Python to install into. */
import { readdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { runProcess, type Environment, type RunResult } from './process.ts'
import { pythonEnvironment, type EnvironmentName, type PythonEnvironment } from './python-env.ts'
import { makeTempFolder, type TempFolder } from './temp.ts'

export interface Login {
  readonly user: string
  readonly password: string
}

/** A distribution made by `wheel.ts`, or the path of one. */
export type DistributionFile = string | { readonly filename: string; readonly bytes: Uint8Array }

/** The user that `startYard({ stages: ['ada/dev'] })` makes. */
export const ada: Login = { user: 'ada', password: 'pw' }

/** A program with a fresh home and nothing of this machine's configuration. */
export interface Client extends AsyncDisposable {
  readonly home: TempFolder
  readonly environment: PythonEnvironment
  readonly env: Environment
  /** Runs a program of the client's environment, in its home unless told otherwise. */
  run(tool: string, args: readonly string[], options?: ClientRunOptions): Promise<RunResult>
}

export interface ClientRunOptions {
  readonly env?: Environment
  readonly cwd?: string
  readonly input?: string
  readonly timeoutMs?: number
}

/** Opens a home for programs of an environment. */
export async function makeClient(name: EnvironmentName): Promise<Client> {
  const environment = await pythonEnvironment(name)
  const home = await makeTempFolder(name)
  const env = cleanEnvironment(environment, home.path)
  return {
    home,
    environment,
    env,
    run: (tool, args, options = {}) =>
      runProcess(environment.bin(tool), args, {
        cwd: home.path,
        ...options,
        env: { ...env, ...options.env },
      }),
    [Symbol.asyncDispose]: () => home.remove(),
  }
}

/** Written out rather than filtered: a setting of this machine that nobody thought of stays outside. */
export function cleanEnvironment(environment: PythonEnvironment, home: string): Environment {
  return {
    HOME: home,
    TMPDIR: home,
    PATH: [dirname(environment.python), '/usr/bin', '/bin'].join(delimiter),
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    NO_PROXY: '*',
    COLUMNS: '200', // rich wraps messages to the width of the terminal
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    PIP_CONFIG_FILE: '/dev/null',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    UV_NO_CONFIG: '1',
    UV_PYTHON: environment.python,
    UV_PYTHON_DOWNLOADS: 'never',
    POETRY_KEYRING_ENABLED: 'false',
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    POETRY_VIRTUALENVS_OPTIONS_NO_PIP: 'true',
    PDM_CHECK_UPDATE: 'false',
    DO_NOT_TRACK: '1',
  }
}

/** Writes distributions into a folder where that is needed, and returns their paths. */
export async function writeDistributions(
  folder: TempFolder,
  distributions: DistributionFile | readonly DistributionFile[],
): Promise<string[]> {
  const all = isList(distributions) ? distributions : [distributions]
  return Promise.all(
    all.map(async (one) =>
      typeof one === 'string' ? one : folder.write(join('dist', one.filename), one.bytes),
    ),
  )
}

export function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

/** A Python with nothing installed, and what installers put into it. */
export interface Target {
  readonly python: string
  /** `name-version` of everything installed, as its `.dist-info` folder spells it, in order. */
  installed(): Promise<string[]>
}

export async function makeTarget(client: Client): Promise<Target> {
  const folder = client.home.join('target')
  const made = await client.run('python', ['-m', 'venv', '--without-pip', folder])
  if (made.code !== 0) throw new Error(made.output)
  return targetIn(folder)
}

/** The target in a virtual environment that exists, or will. */
export function targetIn(folder: string): Target {
  return { python: join(folder, 'bin', 'python'), installed: () => listInstalled(folder) }
}

async function listInstalled(folder: string): Promise<string[]> {
  const libraries = join(folder, 'lib')
  const [version] = await readdir(libraries)
  const entries = await readdir(join(libraries, version ?? '', 'site-packages'))
  return entries
    .filter((entry) => entry.endsWith('.dist-info'))
    .map((entry) => entry.slice(0, -'.dist-info'.length))
    .toSorted()
}
