/** Wheels from a pinned list in `requirements/`, fetched once the way this machine's pip is set up for. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileLock } from './file-lock.ts'
import { runProcess, type Environment } from './process.ts'
import { findPython, pythonEnvironment } from './python-env.ts'

const FETCH_TIMEOUT_MS = 10 * 60_000

/** The list by its name, such as `tree`. */
export function requirementsFile(name: string): string {
  return join(import.meta.dirname, 'requirements', `${name}.txt`)
}

/** The folder that holds them, in the cache beside the Python environments. Which fit depends on the interpreter. */
export async function fetchedWheels(name: string): Promise<string> {
  const requirements = requirementsFile(name)
  const { version } = await findPython()
  const environment = await pythonEnvironment('clients')
  const key = createHash('sha256')
    .update(`${await readFile(requirements, 'utf8')}\n${version}`)
    .digest('hex')
    .slice(0, 16)
  const folder = join(environment.folder, '..', '..', 'wheels', `${name}-${key}`)
  // Written last: a folder without it is what an interrupted run has left.
  const marker = join(folder, 'complete')
  if (existsSync(marker)) return folder

  await mkdir(join(folder, '..'), { recursive: true })
  await withFileLock(`${folder}.lock`, async () => {
    if (existsSync(marker)) return
    await rm(folder, { recursive: true, force: true })
    await fetchWheels(environment.python, requirements, folder)
    await writeFile(marker, '')
  })
  return folder
}

async function fetchWheels(python: string, requirements: string, folder: string): Promise<void> {
  const options = ['--quiet', '--no-input', '--no-deps', '--only-binary', ':all:']
  const places = ['--dest', folder, '--requirement', requirements]
  const args = ['-m', 'pip', 'download', ...options, ...places]
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' } as Environment
  const fetched = await runProcess(python, args, { env, timeoutMs: FETCH_TIMEOUT_MS })
  if (fetched.code !== 0) {
    throw new Error(
      `pip could not fetch the wheels that ${requirements} lists, which the tests need:\n${fetched.output}`,
    )
  }
}
