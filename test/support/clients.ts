/** The programs of publishers and installers, each run as its own process with its own home. */
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import {
  ada,
  isList,
  makeClient,
  makeTarget,
  targetIn,
  writeDistributions,
  type Client,
  type ClientRunOptions,
  type DistributionFile,
  type Login,
  type Target,
} from './client.ts'
import type { RunResult } from './process.ts'

type Files = DistributionFile | readonly DistributionFile[]
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
  publish(files: Files, url: string, login?: Login, ...options: string[]): Promise<RunResult>
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
    files: Files,
    url: string,
    login: Login = ada,
    ...options: string[]
  ): Promise<RunResult> {
    await using client = await makeClient('clients')
    const paths = await writeDistributions(client.home, files)
    const credentials = ['--username', login.user, '--password', login.password]
    return await client.run('twine', [
      ...['upload', '--non-interactive', '--disable-progress-bar', '--repository-url', url],
      ...credentials,
      ...options,
      ...paths,
    ])
  },
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
  publish(files: Files, url: string, login?: Login): Promise<RunResult>
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
