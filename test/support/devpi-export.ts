/** devpi's own programs for moving: devpi-export and devpi-import. */
import { cleanEnvironment } from './client.ts'
import { runProcess, type RunResult } from './process.ts'
import { pythonEnvironment } from './python-env.ts'
import { makeTempFolder } from './temp.ts'

async function runDevpi(tool: string, args: readonly string[]): Promise<RunResult> {
  const environment = await pythonEnvironment('servers')
  await using home = await makeTempFolder(tool)
  const env = cleanEnvironment(environment, home.path)
  return runProcess(environment.bin(tool), args, { env, cwd: home.path })
}

/** Writes what the server in `folder` has into `to`, which must not exist or be empty. */
export async function devpiExport(
  folder: string,
  to: string,
  options: readonly string[] = [],
): Promise<void> {
  const ran = await runDevpi('devpi-export', ['--serverdir', folder, ...options, to])
  if (ran.code !== 0) throw new Error(ran.output)
}

/** Makes a server folder `to` from an export. */
export const devpiImport = (
  from: string,
  to: string,
  options: readonly string[] = ['--no-root-pypi'],
): Promise<RunResult> => runDevpi('devpi-import', ['--serverdir', to, ...options, from])
