/** Web servers and a browser as programs: Debian's, which are installed where they are missing and this may be done. */
import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { withFileLock } from './file-lock.ts'
import { runProcess } from './process.ts'

/** By program, the package that has it. */
const packages = {
  nginx: 'nginx-light',
  apache2: 'apache2-bin',
  'chromium-headless-shell': 'chromium-headless-shell',
} as const

type Program = keyof typeof packages
type Say = (line: string) => void

const known = new Map<Program, Promise<string>>()

/** The path of the program. Fails with what to do where there is none. `say` hears about what takes long. */
export const findNginx = (say?: Say): Promise<string> => find('nginx', say)
export const findApache = (say?: Say): Promise<string> => find('apache2', say)

/** Without the windows that nobody sees it takes half as long; the whole one is as good where that is here. */
export const findChromium = async (say?: Say): Promise<string> =>
  findProgram('chromium-headless-shell') ??
  findProgram('chromium') ??
  (await find('chromium-headless-shell', say))

function find(program: Program, say: Say = () => {}): Promise<string> {
  const found = known.get(program) ?? openProgram(program, say)
  known.set(program, found)
  return found
}

async function openProgram(program: Program, say: Say): Promise<string> {
  const lock = join(tmpdir(), `wheelyard-${program}.lock`)
  const present = findProgram(program) ?? (await withFileLock(lock, () => install(program, say)))
  if (present !== undefined) return present
  throw new Error(
    `the tests need ${program}: install it (on Debian: apt-get install ${packages[program]}), or run them as root`,
  )
}

async function install(program: Program, say: Say): Promise<string | undefined> {
  const apt = findProgram('apt-get')
  const present = findProgram(program) // perhaps somebody else had the lock
  if (present !== undefined || apt === undefined || process.getuid?.() !== 0) return present
  say(`Installing ${packages[program]} …`)
  const env = { PATH: folders().join(delimiter), DEBIAN_FRONTEND: 'noninteractive' }
  const get = (...args: string[]) => runProcess(apt, args, { env, timeoutMs: 5 * 60_000 })
  const args = ['install', '--yes', '--no-install-recommends', packages[program]]
  const first = await get(...args)
  const { code, output } = first.code === 0 ? first : (await get('update'), await get(...args))
  if (code !== 0) throw new Error(`${program} could not be installed:\n${output}`)
  return findProgram(program)
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
