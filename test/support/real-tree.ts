/** Wheels as they are published: JupyterLab's whole tree, fetched once the way this machine's pip is set up for. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileLock } from './file-lock.ts'
import { runProcess, type Environment } from './process.ts'
import { findPython, pythonEnvironment } from './python-env.ts'

export interface RealWheel {
  readonly filename: string
  readonly path: string
  readonly bytes: Buffer
}

/** What to install to get the whole tree. */
export const TREE_ROOT = 'jupyterlab'

const requirements = join(import.meta.dirname, 'requirements', 'tree.txt')
const FETCH_TIMEOUT_MS = 10 * 60_000

let known: Promise<readonly RealWheel[]> | undefined

/** All of them, or those of the projects that are named. */
export async function realWheels(...projects: readonly string[]): Promise<readonly RealWheel[]> {
  known ??= openWheels()
  const all = await known
  if (projects.length === 0) return all
  const named = all.filter(({ filename }) => projects.includes(filename.split('-')[0] ?? ''))
  if (named.length !== projects.length)
    throw new Error(`${requirements} lacks one of ${projects.join(', ')}`)
  return named
}

async function openWheels(): Promise<readonly RealWheel[]> {
  const folder = await fetchedFolder()
  const names = (await readdir(folder)).filter((name) => name.endsWith('.whl')).toSorted()
  return Promise.all(
    names.map(async (filename) => {
      const path = join(folder, filename)
      return { filename, path, bytes: await readFile(path) }
    }),
  )
}

/** In the cache folder, beside the Python environments. Which wheels fit depends on the interpreter. */
async function fetchedFolder(): Promise<string> {
  const { version } = await findPython()
  const environment = await pythonEnvironment('clients')
  const key = createHash('sha256')
    .update(`${await readFile(requirements, 'utf8')}\n${version}`)
    .digest('hex')
    .slice(0, 16)
  const folder = join(environment.folder, '..', '..', 'wheels', `tree-${key}`)
  const marker = join(folder, 'complete')
  if (existsSync(marker)) return folder

  await mkdir(join(folder, '..'), { recursive: true })
  await withFileLock(`${folder}.lock`, async () => {
    if (existsSync(marker)) return
    await rm(folder, { recursive: true, force: true })
    await fetchWheels(environment.python, folder)
    await writeFile(marker, '')
  })
  return folder
}

async function fetchWheels(python: string, folder: string): Promise<void> {
  const options = ['--quiet', '--no-input', '--no-deps', '--only-binary', ':all:']
  const args = [
    '-m',
    'pip',
    'download',
    ...options,
    '--dest',
    folder,
    '--requirement',
    requirements,
  ]
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' } as Environment
  const fetched = await runProcess(python, args, { env, timeoutMs: FETCH_TIMEOUT_MS })
  if (fetched.code !== 0) {
    throw new Error(
      `pip could not fetch the wheels that ${requirements} lists, which the tests need:\n${fetched.output}`,
    )
  }
}
