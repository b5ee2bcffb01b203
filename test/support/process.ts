/** Child processes of the tests: run to the end, or kept running and stopped by process id. */
import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

export type Environment = Readonly<Record<string, string>>

export interface ProcessOptions {
  /** The whole environment of the child: nothing is inherited but where Node keeps what it compiled. */
  readonly env: Environment
  readonly cwd?: string
}

export interface RunOptions extends ProcessOptions {
  readonly input?: string
  /** The process and its children are killed after this time. */
  readonly timeoutMs?: number
}

export interface RunResult {
  /** The exit code; 128 and the signal's number for a process that was killed. */
  readonly code: number
  /** Standard output and error as they came; what to show when an assertion fails. */
  readonly output: string
  readonly stdout: string
}

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number
  readonly stdout: string
  readonly stderr: string
  readonly hasExited: boolean
  /** Resolves with the exit code. */
  readonly exited: Promise<number>
  /**
   * Resolves with what `condition` returns, which is asked after each output until it is not undefined.
   * Fails with the output when the process ends before, or says nothing of the kind for a minute.
   */
  until<T>(condition: () => T | undefined): Promise<T>
  /** Signals the process and waits for its end. */
  kill(signal?: NodeJS.Signals): Promise<number>
  /** SIGTERM, and SIGKILL for it and its children if it has not ended after ten seconds. */
  stop(): Promise<number>
}

const RUN_TIMEOUT_MS = 180_000
const STOP_TIMEOUT_MS = 10_000
const UNTIL_TIMEOUT_MS = 60_000

/** Runs a program to its end. A missing program is an error, any exit code is a result. */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const { timeoutMs = RUN_TIMEOUT_MS, input } = options
  const child = spawnInGroup(command, args, options, input === undefined ? 'ignore' : 'pipe')
  let output = ''
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stdin?.on('error', () => {}) // the program may end without having read its input
  child.stdin?.end(input)

  const timer = setTimeout(() => {
    output += `\n(killed after ${timeoutMs} ms)\n`
    killGroup(child)
  }, timeoutMs)
  const code = await waitForEnd(child, command).finally(() => clearTimeout(timer))
  return { code, output, stdout }
}

/** Starts a program that goes on running. Whoever starts it must stop it. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): RunningProcess {
  const child = spawnInGroup(command, args, options, 'ignore')
  const asked = new Set<() => void>()
  const ask = (): void => asked.forEach((again) => again())
  let stdout = ''
  let stderr = ''
  let code: number | undefined
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    ask()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    ask()
  })
  const exited = waitForEnd(child, command).then((result) => {
    code = result
    ask()
    return result
  })
  exited.catch(ask)

  function until<T>(condition: () => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const again = (): void => {
      const answer = condition()
      if (answer !== undefined) resolve(answer)
      else if (code !== undefined)
        reject(new Error(`${command} ended (${code}):\n${stdout}${stderr}`))
    }
    asked.add(again)
    exited.catch(reject)
    again()
    const timer = setTimeout(() => killGroup(child), UNTIL_TIMEOUT_MS)
    return promise.finally(() => {
      clearTimeout(timer)
      asked.delete(again)
    })
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    if (code === undefined) child.kill(signal)
    return exited
  }

  async function stop(): Promise<number> {
    const timer = setTimeout(() => killGroup(child), STOP_TIMEOUT_MS)
    return kill('SIGTERM').finally(() => clearTimeout(timer))
  }

  return {
    pid: child.pid ?? -1,
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    get hasExited() {
      return code !== undefined
    },
    exited,
    until,
    kill,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

const running = new Set<ChildProcess>()

/** Its own process group, so that a timeout also ends what the program has started. */
function spawnInGroup(
  command: string,
  args: readonly string[],
  { env, cwd }: ProcessOptions,
  stdin: 'ignore' | 'pipe',
): ChildProcess {
  endChildrenWithThisProcess()
  const compiled = process.env['NODE_COMPILE_CACHE']
  const child = spawn(command, args, {
    env: { ...(compiled !== undefined && { NODE_COMPILE_CACHE: compiled }), ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: [stdin, 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  return child
}

function waitForEnd(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      running.delete(child)
      reject(new Error(`could not run ${command}`, { cause }))
    })
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
    })
  })
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // it ended by itself in this moment
  }
}

let isWatching = false

/** A test file that is stopped by the runner or by Ctrl-C leaves no process behind. */
function endChildrenWithThisProcess(): void {
  if (isWatching) return
  isWatching = true
  process.once('exit', () => running.forEach(killGroup))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  }
}
