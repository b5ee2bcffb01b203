/** Real index servers on loopback, as upstreams for mirrors and as the model for devpi's API. */
import { setTimeout as wait } from 'node:timers/promises'
import { cleanEnvironment, writeDistributions, type DistributionFile } from './client.ts'
import { makeStages, type StageSetup } from './devpi-api.ts'
import { findFreePort } from './ports.ts'
import { startProcess, type RunningProcess } from './process.ts'
import { pythonEnvironment } from './python-env.ts'
import { makeTempFolder, type TempFolder } from './temp.ts'

export interface IndexServer extends AsyncDisposable {
  readonly pid: number
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
  /** Further arguments of `devpi-server`. */
  readonly args?: readonly string[]
  /** Indexes to make, with their users, whose password is `pw`. */
  readonly stages?: readonly (string | StageSetup)[]
}

/** A fresh devpi-server without `root/pypi`; user `root` has an empty password. */
export async function startDevpiServer({
  args = [],
  stages = [],
}: DevpiServerOptions = {}): Promise<IndexServer> {
  const environment = await pythonEnvironment('servers')
  const home = await makeTempFolder('devpi-server')
  const env = cleanEnvironment(environment, home.path)
  const folder = ['--serverdir', home.join('server')]
  const init = startProcess(environment.bin('devpi-init'), [...folder, '--no-root-pypi'], { env })
  if ((await init.exited) !== 0) throw new Error(init.stdout + init.stderr)

  const port = await findFreePort()
  const address = ['--host', '127.0.0.1', '--port', `${port}`]
  const program = environment.bin('devpi-server')
  const child = startProcess(program, [...folder, ...address, ...args], { env, cwd: home.path })
  const server = await serving(child, port, home)
  await makeStages(server.url(), stages)
  return server
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
