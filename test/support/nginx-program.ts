/** The program nginx: Debian's, which is installed where it is missing and this may be done. */
import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { withFileLock } from './file-lock.ts'
import { runProcess } from './process.ts'

const PACKAGE = 'nginx-light'

let known: Promise<string> | undefined

/** The path of the program. Fails with what to do where there is none. `say` hears about what takes long. */
export function findNginx(say: (line: string) => void = () => {}): Promise<string> {
  return (known ??= openNginx(say))
}

async function openNginx(say: (line: string) => void): Promise<string> {
  const present =
    findProgram('nginx') ??
    (await withFileLock(join(tmpdir(), 'wheelyard-nginx.lock'), () => install(say)))
  if (present !== undefined) return present
  throw new Error(
    `the tests need nginx: install it (on Debian: apt-get install ${PACKAGE}), or run them as root`,
  )
}

async function install(say: (line: string) => void): Promise<string | undefined> {
  const apt = findProgram('apt-get')
  const present = findProgram('nginx') // perhaps somebody else had the lock
  if (present !== undefined || apt === undefined || process.getuid?.() !== 0) return present
  say(`Installing ${PACKAGE} …`)
  const env = { PATH: folders().join(delimiter), DEBIAN_FRONTEND: 'noninteractive' }
  const get = (...args: string[]) => runProcess(apt, args, { env, timeoutMs: 5 * 60_000 })
  const args = ['install', '--yes', '--no-install-recommends', PACKAGE]
  const first = await get(...args)
  const { code, output } = first.code === 0 ? first : (await get('update'), await get(...args))
  if (code !== 0) throw new Error(`nginx could not be installed:\n${output}`)
  return findProgram('nginx')
}

function findProgram(name: string): string | undefined {
  return folders()
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

/** Also those of administrators, which are not in everybody's path. */
const folders = (): string[] => [
  ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
  '/bin',
]

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
