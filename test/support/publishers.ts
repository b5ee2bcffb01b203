/** The less common publishers: flit, hatch and pdm. Each publishes a project of one module. */
import {
  ada,
  makeClient,
  writeDistributions,
  type Client,
  type DistributionFile,
  type Login,
} from './client.ts'
import type { RunResult } from './process.ts'

export interface ProjectRelease {
  readonly name: string
  readonly version: string
}

/** flit builds a project's wheel and sdist and uploads both. */
export async function flitPublish(
  release: ProjectRelease,
  url: string,
  login: Login = ada,
): Promise<RunResult> {
  await using client = await makeClient('publishers')
  await writeProject(client, release)
  const env = {
    FLIT_INDEX_URL: url,
    FLIT_USERNAME: login.user,
    FLIT_PASSWORD: login.password,
  }
  return await client.run('flit', ['publish'], { env })
}

export async function hatchPublish(
  files: DistributionFile | readonly DistributionFile[],
  url: string,
  login: Login = ada,
): Promise<RunResult> {
  await using client = await makeClient('publishers')
  const paths = await writeDistributions(client.home, files)
  const credentials = ['--user', login.user, '--auth', login.password]
  const options = ['--no-prompt', '--repo', url, ...credentials]
  return await client.run('hatch', ['--no-interactive', 'publish', ...options, ...paths])
}

/** pdm uploads what lies in `dist` of a project. */
export async function pdmPublish(
  files: DistributionFile | readonly DistributionFile[],
  url: string,
  login: Login = ada,
): Promise<RunResult> {
  await using client = await makeClient('publishers')
  await writeProject(client, { name: 'app', version: '1.0' })
  await writeDistributions(client.home, files)
  const credentials = ['--username', login.user, '--password', login.password]
  return await client.run('pdm', ['publish', '--no-build', '--repository', url, ...credentials])
}

async function writeProject(client: Client, { name, version }: ProjectRelease): Promise<void> {
  const project = `[project]
name = "${name}"
version = "${version}"
description = "A test."
requires-python = ">=3.11"

[build-system]
requires = ["flit_core>=3.2"]
build-backend = "flit_core.buildapi"
`
  await client.home.write('pyproject.toml', project)
  await client.home.write(`${name.replaceAll('-', '_')}.py`, `__version__ = "${version}"\n`)
}
