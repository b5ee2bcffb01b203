/** A project as a developer has it on disk: setuptools builds it, git knows its files, Sphinx its documentation. */
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Client, DistributionFile } from './client.ts'
import { runProcess } from './process.ts'

export interface PythonProject {
  readonly name: string
  readonly version?: string
  /** What `build` installs first, unless it is told not to isolate. */
  readonly requires?: readonly string[]
  /** Further files by path, also those that replace what is made here. */
  readonly files?: Readonly<Record<string, string>>
  /** Further text of pyproject.toml. */
  readonly toml?: string
}

/** Writes it into the client's home, under its name, with all files in git's index. Returns the folder. */
export async function writeProject(client: Client, project: PythonProject): Promise<string> {
  const { name, version = '1.0', requires = ['setuptools'], files = {}, toml = '' } = project
  const all: Record<string, string> = {
    'pyproject.toml': [
      `[project]\nname = "${name}"\nversion = "${version}"\ndescription = "A test."`,
      `[build-system]\nrequires = ${JSON.stringify(requires)}`,
      'build-backend = "setuptools.build_meta"',
      `[tool.setuptools]\npy-modules = ["${name}"]`,
      toml,
    ].join('\n'),
    [`${name}.py`]: `version = '${version}'\n`,
    ...files,
  }
  for (const [path, content] of Object.entries(all)) {
    await client.home.write(join(name, path), content)
  }
  const folder = client.home.join(name)
  await git(client, folder, 'init', '--quiet')
  await git(client, folder, 'add', '.')
  return folder
}

async function git(client: Client, folder: string, ...args: string[]): Promise<void> {
  const { code, output } = await runProcess('git', args, { env: client.env, cwd: folder })
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${output}`)
}

/** What Sphinx needs to make one page. */
export const sphinxDocs = {
  'docs/conf.py': 'project = "The anchor"\n',
  'docs/index.rst': 'Anchors\n=======\n\nThey hold.\n',
}

/** setuptools as it is published: virtualenv, which tox runs, carries it. */
export async function realSetuptools({ environment }: Client): Promise<DistributionFile> {
  const script = 'import virtualenv.seed.wheels.embed as embed; print(embed.__file__)'
  const { stdout } = await runProcess(environment.python, ['-c', script], { env: {} })
  const folder = dirname(stdout.trim())
  const wheels = (await readdir(folder)).filter((name) => name.startsWith('setuptools-')).toSorted()
  const path = join(folder, wheels.at(-1) ?? '')
  return { filename: basename(path), bytes: await readFile(path) }
}
