/** A rendering thread with a time limit: when a text takes longer, the thread is ended, and the next is a new one. */
import { Worker } from 'node:worker_threads'
import type { Log } from '#base/log'
import { READY, type Answer, type Order } from './messages.ts'

export interface WorkerLimits {
  /** For one text. */
  readonly milliseconds: number
  readonly memoryMb: number
  /** Without work for so long, the thread is ended. */
  readonly idleMilliseconds: number
}

/** Loading the renderers takes a moment, on a busy machine several. */
const START_MILLISECONDS = 20_000

export class LimitedWorker {
  readonly #limits: WorkerLimits
  readonly #log: Log
  #thread: Promise<Worker> | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(limits: WorkerLimits, log: Log) {
    this.#limits = limits
    this.#log = log
  }

  /** One order at a time. Never fails: the answer tells what went wrong. */
  async render(order: Order): Promise<Answer> {
    clearTimeout(this.#idle)
    try {
      this.#thread ??= startThread(this.#limits)
      const thread = await this.#thread
      thread.ref()
      thread.postMessage(order)
      return await this.#ended(thread)
    } catch (error) {
      this.#log.warn({ error }, 'No thread to render descriptions')
      await this.#end()
      return { problem: 'failed' }
    }
  }

  async #ended(thread: Worker): Promise<Answer> {
    const answer = await hear<Answer>(thread, this.#limits.milliseconds)
    if (answer === 'too-slow' || answer === 'gone') {
      await this.#end()
      return { problem: answer === 'gone' ? 'too-hungry' : answer }
    }
    // Neither the thread nor its clock keeps the process up.
    thread.unref()
    this.#idle = setTimeout(() => void this.#end(), this.#limits.idleMilliseconds).unref()
    return answer
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle)
    const thread = this.#thread
    this.#thread = undefined
    const running = await thread?.catch(() => undefined)
    await running?.terminate()
  }

  async close(): Promise<void> {
    await this.#end()
  }
}

async function startThread({ memoryMb }: WorkerLimits): Promise<Worker> {
  // By its name and not by a path: the file ends in .ts here, and in .js in the package.
  const thread = new Worker(new URL(import.meta.resolve('#readme/worker/render-worker')), {
    // Nothing of the server's: neither its flags nor its variables.
    execArgv: [],
    env: {},
    resourceLimits: {
      maxOldGenerationSizeMb: memoryMb,
      maxYoungGenerationSizeMb: 32,
      stackSizeMb: 4,
    },
  })
  thread.on('error', () => {}) // whoever waits for it hears of its end
  const word = await hear<typeof READY>(thread, START_MILLISECONDS)
  if (word === READY) return thread
  await thread.terminate()
  throw new Error(`The rendering thread did not start: ${word}`)
}

/** The next message of the thread, or why there will be none. */
function hear<Message>(thread: Worker, ms: number): Promise<Message | 'too-slow' | 'gone'> {
  return new Promise((resolve) => {
    const end = (message: Message | 'too-slow' | 'gone'): void => {
      clearTimeout(timer)
      thread.off('message', end).off('exit', gone)
      resolve(message)
    }
    const gone = (): void => end('gone')
    // If this thread was the one that lost time, the answer may lie here already: it is heard first.
    const timer = setTimeout(() => setImmediate(() => setImmediate(() => end('too-slow'))), ms)
    thread.once('message', end).once('exit', gone)
  })
}
