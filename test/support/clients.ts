/** The programs of publishers and installers, each run as its own process with its own home. */
import { mkdir, readdir } from 'node:fs/promises'
import { basename, delimiter, dirname, join } from 'node:path'
import { runProcess, type Environment, type RunResult } from './process.ts'
import { pythonEnvironment, type EnvironmentName, type PythonEnvironment } from './python-env.ts'
import { makeTempFolder, type TempFolder } from './temp.ts'

export type { RunResult } from './process.ts'

export interface Login {
  readonly user: string
  readonly password: string
}

/** A distribution made by `wheel.ts`, or the path of one. */
export type Distribution = string | { readonly filename: string; readonly bytes: Uint8Array }

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
    PDM_CHECK_UPDATE: 'false',
    DO_NOT_TRACK: '1',
  }
}

/** Writes distributions into a folder where that is needed, and returns their paths. */
export async function writeDistributions(
  folder: TempFolder,
  distributions: Distribution | readonly Distribution[],
): Promise<string[]> {
  const all = isList(distributions) ? distributions : [distributions]
  return Promise.all(
    all.map((one) =>
      typeof one === 'string' ? one : folder.write(join('dist', one.filename), one.bytes),
    ),
  )
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
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

type Requirements = string | readonly string[]
const list = (what: Requirements): readonly string[] => (isList(what) ? what : [what])

/** pip with an empty Python to install into. */
export interface Pip extends Client, Target {
  pip(...args: string[]): Promise<RunResult>
  install(what: Requirements, indexUrl: string, ...options: string[]): Promise<RunResult>
  /** Downloads into `home.join('downloads')`, without the dependencies. */
  download(what: Requirements, indexUrl: string, ...options: string[]): Promise<RunResult>
}

export async function makePip(): Promise<Pip> {
  const client = await makeClient('clients')
  const target = await makeTarget(client)
  const pip = (...args: string[]): Promise<RunResult> =>
    client.run('pip', ['--python', target.python, ...args])
  const downloads = client.home.join('downloads')
  return {
    ...client,
    ...target,
    pip,
    install: (what, indexUrl, ...options) =>
      pip('install', '--index-url', indexUrl, ...options, ...list(what)),
    download: (what, indexUrl, ...options) =>
      pip(
        'download',
        '--no-deps',
        '--dest',
        downloads,
        '--index-url',
        indexUrl,
        ...options,
        ...list(what),
      ),
  }
}

/** uv with an empty Python to install into. */
export interface Uv extends Client, Target {
  uv(args: readonly string[], options?: ClientRunOptions): Promise<RunResult>
  install(what: Requirements, indexUrl: string, ...options: string[]): Promise<RunResult>
  publish(
    files: Distribution | readonly Distribution[],
    url: string,
    login?: Login,
    ...options: string[]
  ): Promise<RunResult>
}

export async function makeUv(): Promise<Uv> {
  const client = await makeClient('clients')
  const target = await makeTarget(client)
  const uv: Uv['uv'] = (args, options) => client.run('uv', args, options)
  return {
    ...client,
    ...target,
    uv,
    install: (what, indexUrl, ...options) =>
      uv([
        ...['pip', 'install', '--python', target.python, '--default-index', indexUrl],
        ...options,
        ...list(what),
      ]),
    async publish(files, url, login = ada, ...options) {
      const paths = await writeDistributions(client.home, files)
      const credentials = ['--username', login.user, '--password', login.password]
      return uv([
        ...['publish', '--trusted-publishing', 'never', '--publish-url', url],
        ...credentials,
        ...options,
        ...paths,
      ])
    },
  }
}

/** twine, each time with a fresh home. */
export const twine = {
  async upload(
    files: Distribution | readonly Distribution[],
    url: string,
    login: Login = ada,
    ...options: string[]
  ): Promise<RunResult> {
    await using client = await makeClient('clients')
    const paths = await writeDistributions(client.home, files)
    const credentials = ['--username', login.user, '--password', login.password]
    return client.run('twine', [
      ...['upload', '--non-interactive', '--disable-progress-bar', '--repository-url', url],
      ...credentials,
      ...options,
      ...paths,
    ])
  },
}

/** The devpi client, with its own state folder. */
export interface Devpi extends Client {
  devpi(...args: string[]): Promise<RunResult>
  /** `devpi use URL` and `devpi login`; a failure is an error. */
  open(indexUrl: string, login?: Login): Promise<void>
  upload(files: Distribution | readonly Distribution[], ...options: string[]): Promise<RunResult>
}

export async function makeDevpi(): Promise<Devpi> {
  const client = await makeClient('clients')
  const devpi: Devpi['devpi'] = (...args) => client.run('devpi', args)
  return {
    ...client,
    devpi,
    async open(indexUrl, login = ada) {
      const results = [
        await devpi('use', indexUrl),
        await devpi('login', login.user, `--password=${login.password}`),
        await devpi('use', indexUrl),
      ]
      const failed = results.find((result) => result.code !== 0)
      if (failed) throw new Error(failed.output)
    },
    async upload(files, ...options) {
      const paths = await writeDistributions(client.home, files)
      return devpi('upload', ...options, ...paths)
    },
  }
}

/** poetry in a project that takes what it needs from one index. */
export interface Poetry extends Client, Target {
  /** The folder of the project. */
  readonly project: string
  /** Runs poetry in the project. */
  poetry(args: readonly string[], options?: ClientRunOptions): Promise<RunResult>
  /** Writes `pyproject.toml`. `dependencies` are requirements as in a wheel's metadata. */
  writeProject(project: PoetryProject): Promise<void>
  /** Publishes wheels and sdists of one release. */
  publish(
    files: Distribution | readonly Distribution[],
    url: string,
    login?: Login,
  ): Promise<RunResult>
}

export interface PoetryProject {
  readonly name?: string
  readonly version?: string
  readonly indexUrl?: string
  readonly dependencies?: readonly string[]
}

export async function makePoetry(): Promise<Poetry> {
  const client = await makeClient('poetry')
  const project = client.home.join('project')
  await mkdir(project)

  const poetry: Poetry['poetry'] = (args, options) =>
    client.run('poetry', ['--no-interaction', ...args], { cwd: project, ...options })

  async function writeProject(content: PoetryProject): Promise<void> {
    await client.home.write('project/pyproject.toml', poetryProject(content))
  }

  return {
    ...client,
    ...targetIn(join(project, '.venv')),
    project,
    poetry,
    writeProject,
    async publish(files, url, login = ada) {
      const paths = await writeDistributions(client.home, files)
      const [name = '', version = ''] = basename(paths[0] ?? '').split(/-|\.tar\.gz$/)
      await writeProject({ name, version })
      const env = {
        POETRY_REPOSITORIES_YARD_URL: url,
        POETRY_HTTP_BASIC_YARD_USERNAME: login.user,
        POETRY_HTTP_BASIC_YARD_PASSWORD: login.password,
      }
      const folder = dirname(paths[0] ?? '')
      return poetry(['publish', '--repository', 'yard', '--dist-dir', folder], { env })
    },
  }
}

function poetryProject({
  name = 'app',
  version = '0.1.0',
  indexUrl,
  dependencies = [],
}: PoetryProject): string {
  const source = `[[tool.poetry.source]]\nname = "yard"\nurl = "${indexUrl}"\npriority = "primary"\n`
  return [
    `[project]\nname = "${name}"\nversion = "${version}"\ndescription = "A test."`,
    'requires-python = ">=3.11"',
    `dependencies = ${JSON.stringify(dependencies)}`,
    '[tool.poetry]\npackage-mode = ' + (indexUrl === undefined ? 'true' : 'false'),
    indexUrl === undefined ? '' : source,
  ].join('\n')
}
