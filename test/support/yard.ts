/** Wheelyard itself, started as a user starts it: its own process, its own data folder, a free port. */
import { join } from 'node:path'
import { makeStages, type StageSetup } from './devpi-api.ts'
import { startProcess, type Environment, type RunningProcess } from './process.ts'
import type { SmallDisk } from './small-disk.ts'
import { makeTempFolder } from './temp.ts'

export interface YardOptions {
  /** Further arguments of `serve`. */
  readonly args?: readonly string[]
  readonly env?: Environment
  /** Indexes to make, with their users, whose password is `pw`. */
  readonly stages?: readonly (string | StageSetup)[]
  /** The command; from source where none is named. */
  readonly program?: string | undefined
  /** Without the index `root/pypi`, unless this is false. */
  readonly noRootPypi?: boolean
  /** A data folder that is there already and stays: that of another yard. */
  readonly folder?: string
  /** Its data lies there, which stays. */
  readonly disk?: SmallDisk
  /** A devpi-server that it follows. */
  readonly follows?: { readonly url: string; readonly secretFile: string }
}

/** As the devpi-servers of the tests make their keys. */
const quickKeys = ['memory-cost=8', 'parallelism=1', 'time-cost=1']

export interface Yard extends AsyncDisposable {
  readonly pid: number
  /** The data folder. */
  readonly folder: string
  /** What it has written to standard error since it was last started. */
  readonly log: string
  /** Resolves once the log holds it: the server may write a line after its answer. */
  logged(pattern: RegExp): Promise<string>
  /** The address of a path, which is written with or without its first slash. */
  url(path?: string): string
  /** Signals the process and waits for its end. Returns its exit code. */
  kill(signal?: NodeJS.Signals): Promise<number>
  /** Stops it if it runs, and starts it again on the same folder; its address changes. */
  restart(): Promise<void>
}

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'wheelyard.ts')

export async function startYard(options: YardOptions = {}): Promise<Yard> {
  const { args = [], stages = [], noRootPypi = true, disk } = options
  const present = disk?.path ?? options.folder
  const data = present === undefined ? await makeTempFolder('yard') : undefined
  const folder = present ?? data?.path ?? ''
  const home = await makeTempFolder('yard-home')
  const { follows } = options
  const call = follows
    ? ['follow-devpi', follows.url, '--secret-file', follows.secretFile]
    : ['serve', ...(noRootPypi ? ['--no-root-pypi'] : [])]
  const keys = follows ? quickKeys.map((option) => `--argon2-${option}`) : []
  const flags = ['--dir', folder, '--port', '0', ...keys, ...args]
  const env = {
    HOME: home.path,
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    PIP_CONFIG_FILE: '/dev/null',
    UV_NO_CONFIG: '1',
    // Requests upstream are those that somebody waits for.
    WHEELYARD_NO_MAKE_AHEAD: 'yes',
    ...options.env,
  }

  async function start(): Promise<{ child: RunningProcess; address: string }> {
    const command = [process.execPath, options.program ?? PROGRAM, ...call, ...flags] as const
    const [program, ...rest] = disk?.inside(command) ?? command
    const child = startProcess(program, rest, { env, cwd: home.path })
    const address = await child.until(() => /(https?:\/\/\S+)\s/.exec(child.stdout)?.[1])
    return { child, address }
  }

  async function close(): Promise<void> {
    await child.stop()
    await data?.remove()
    await home.remove()
  }

  let { child, address } = await start()
  const yard: Yard = {
    get pid() {
      return child.pid
    },
    folder,
    get log() {
      return child.stderr
    },
    logged: (pattern) => child.until(() => pattern.exec(child.stderr)?.[0]),
    url: (path = '') => new URL(`/${path.replace(/^\//, '')}`, address).href,
    kill: (signal) => child.kill(signal),
    async restart() {
      await child.stop()
      ;({ child, address } = await start())
    },
    [Symbol.asyncDispose]: close,
  }

  try {
    await makeStages(address, stages)
  } catch (cause) {
    const { log } = yard
    await close()
    throw new Error(`the indexes could not be made:\n${log}`, { cause })
  }
  return yard
}
