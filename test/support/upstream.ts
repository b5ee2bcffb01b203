/** Real index servers on loopback, as upstreams for mirrors and as the model for devpi's API. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { cleanEnvironment, writeDistributions, type DistributionFile } from './client.ts'
import { makeStages, type StageSetup } from './devpi-api.ts'
import { findFreePort } from './ports.ts'
import { runProcess, startProcess, type RunningProcess } from './process.ts'
import { pythonEnvironment } from './python-env.ts'
import { makeTempFolder, type TempFolder } from './temp.ts'

export interface IndexServer extends AsyncDisposable {
  readonly pid: number
  /** What it keeps its data in, where it is a devpi-server. */
  readonly folder: string
  /** What it has written to standard output and error. */
  readonly log: string
  /** The address of a path, which is written with or without its first slash. */
  url(path?: string): string
  stop(): Promise<void>
}

/** pypiserver (HTML only, no core metadata) with these files; its index is at `url('simple/')`. */
export async function startPypiserver(
  files: readonly DistributionFile[] = [],
): Promise<IndexServer> {
  const environment = await pythonEnvironment('servers')
  const home = await makeTempFolder('pypiserver')
  await writeDistributions(home, files)
  const port = await findFreePort()
  const args = ['run', '--port', `${port}`, '--interface', '127.0.0.1', '--disable-fallback']
  const open = ['--authenticate', '.', '--passwords', '.']
  const env = cleanEnvironment(environment, home.path)
  await home.write('dist/.keep', '')
  const child = startProcess(
    environment.bin('pypi-server'),
    [...args, ...open, home.join('dist')],
    {
      env,
      cwd: home.path,
    },
  )
  return serving(child, port, home)
}

export interface DevpiServerOptions {
  /** Further arguments of `devpi-server`, which may need to know its port. */
  readonly args?: readonly string[] | ((port: number) => readonly string[])
  /** Indexes to make, with their users, whose password is `pw`. */
  readonly stages?: readonly (string | StageSetup)[]
  /** Without its web interface, which outranks JSON where a client takes both, unless this is false. */
  readonly web?: boolean
  /** A data folder of devpi-server's, which is copied; a fresh one if there is none. */
  readonly from?: string
}

export interface DevpiServer extends IndexServer {
  /** Its data folder. */
  readonly folder: string
}

/** A fresh devpi-server without `root/pypi`; user `root` has an empty password. */
export async function startDevpiServer({
  args = [],
  stages = [],
  web = true,
  from,
}: DevpiServerOptions = {}): Promise<DevpiServer> {
  const environment = await pythonEnvironment('servers')
  const home = await makeTempFolder('devpi-server')
  const env = cleanEnvironment(environment, home.path)
  await cp(from ?? (await emptySite()).path, home.join('server'), { recursive: true })

  const port = await findFreePort()
  const folder = ['--serverdir', home.join('server')]
  const address = ['--host', '127.0.0.1', '--port', `${port}`]
  const [program, ...first] = web
    ? [environment.bin('devpi-server')]
    : [environment.python, join(import.meta.dirname, 'devpi_without_web.py')]
  const further = typeof args === 'function' ? args(port) : args
  const all = [...first, ...folder, ...address, ...quickTokens, ...further]
  const child = startProcess(program ?? '', all, { env, cwd: home.path })
  const server = await serving(child, port, home)
  await makeStages(server.url(), stages)
  return Object.assign(server, { folder: home.join('server') })
}

/** devpi's own replica of a devpi-server, which answers once it has begun. */
export async function startDevpiReplica(
  primaryUrl: string,
  secretFile: string,
): Promise<IndexServer> {
  const environment = await pythonEnvironment('servers')
  const home = await makeTempFolder('devpi-replica')
  const env = cleanEnvironment(environment, home.path)
  const folder = ['--serverdir', home.join('server')]
  const role = ['--role', 'replica', '--primary-url', primaryUrl]
  const init = await runProcess(environment.bin('devpi-init'), [...folder, ...role], { env })
  if (init.code !== 0) throw new Error(init.output)
  const port = await findFreePort()
  const child = startProcess(
    environment.python,
    [
      join(import.meta.dirname, 'devpi_without_web.py'),
      ...[...folder, ...role, '--host', '127.0.0.1', '--port', `${port}`],
      ...['--secretfile', secretFile, ...quickTokens],
    ],
    { env, cwd: home.path },
  )
  return serving(child, port, home)
}

/** The key that signs tokens is stretched from a secret, which takes half a gigabyte unless told otherwise. */
const quickTokens = ['memory-cost=8', 'parallelism=1', 'time-cost=1'].map(
  (option) => `--argon2-${option}`,
)

let site: Promise<TempFolder> | undefined

/** What `devpi-init` makes, once in a process. */
function emptySite(): Promise<TempFolder> {
  return (site ??= initialise())
}

async function initialise(): Promise<TempFolder> {
  const environment = await pythonEnvironment('servers')
  const folder = await makeTempFolder('devpi-site')
  const args = ['--serverdir', folder.path, '--no-root-pypi']
  const env = cleanEnvironment(environment, folder.path)
  const init = await runProcess(environment.bin('devpi-init'), args, { env })
  if (init.code !== 0) throw new Error(init.output)
  return folder
}

async function serving(
  child: RunningProcess,
  port: number,
  home: TempFolder,
): Promise<IndexServer> {
  const address = `http://127.0.0.1:${port}`
  await answers(address, child)

  async function stop(): Promise<void> {
    await child.stop()
    await home.remove()
  }

  return {
    pid: child.pid,
    folder: home.join('server'),
    get log() {
      return child.stdout + child.stderr
    },
    url: (path = '') => new URL(`/${path.replace(/^\//, '')}`, address).href,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** These servers do not say reliably when they are ready, so they are asked. */
async function answers(address: string, child: RunningProcess): Promise<void> {
  const givesUp = AbortSignal.timeout(60_000)
  for (;;) {
    try {
      const response = await fetch(address, { signal: givesUp })
      await response.body?.cancel()
      return
    } catch (cause) {
      if (child.hasExited || givesUp.aborted) {
        await child.stop()
        throw new Error(`${address} does not answer:\n${child.stdout}${child.stderr}`, { cause })
      }
      await wait(50)
    }
  }
}
