/** The server's end of a rendering process: started for the first text, ended when there is none for a while. */
import { fork, type ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Log } from '#base/log'
import type { Answer, Order, Problem } from './messages.ts'

/** It watches its own time; this is for one that does not even do that. */
const LONGEST_SILENCE_MILLISECONDS = 40_000
/** Pages come first where the processor is short. */
const LOW_PRIORITY = 5

export class LimitedProcess {
  readonly #idleMilliseconds: number
  readonly #log: Log
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(idleMilliseconds: number, log: Log) {
    this.#idleMilliseconds = idleMilliseconds
    this.#log = log
  }

  /** One order at a time. Never fails: the answer tells what went wrong. */
  async render(order: Order): Promise<Answer> {
    clearTimeout(this.#idle)
    const child = (this.#child ??= this.#start())
    child.ref()
    child.channel?.ref()
    const answer = await ask(child, order)
    if (typeof answer === 'string') this.close()
    else this.#rest(child)
    return typeof answer === 'string' ? { problem: answer } : answer
  }

  #start(): ChildProcess {
    // By its name and not by a path: the file ends in .ts here, and in .js in the package.
    const child = fork(fileURLToPath(import.meta.resolve('#readme/worker/render-process')), {
      // It may read its own code, and nothing else that would matter to a text that took it over.
      execArgv: ['--permission', '--allow-fs-read=*', '--allow-worker'],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.on('error', (error) => this.#log.warn({ error }, 'No process to render descriptions'))
    lowerPriority(child)
    return child
  }

  /** Neither the process nor its clock keeps the server up. */
  #rest(child: ChildProcess): void {
    child.unref()
    child.channel?.unref()
    this.#idle = setTimeout(() => this.close(), this.#idleMilliseconds).unref()
  }

  close(): void {
    clearTimeout(this.#idle)
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

/** The answer, or why there is none: a process that ends has run out of memory. */
async function ask(child: ChildProcess, order: Order): Promise<Answer | Problem> {
  const { promise, resolve } = Promise.withResolvers<Answer | Problem>()
  const gone = (): void => resolve('too-hungry')
  const missing = (): void => resolve('busy')
  const timer = setTimeout(() => resolve('too-slow'), LONGEST_SILENCE_MILLISECONDS)
  child.once('message', resolve).once('exit', gone).once('error', missing)
  child.send(order, (error) => error && missing())
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    child.off('message', resolve).off('exit', gone).off('error', missing)
  }
}

function lowerPriority(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, LOW_PRIORITY)
  } catch {
    // Not everywhere may one do so; it is only better manners.
  }
}
