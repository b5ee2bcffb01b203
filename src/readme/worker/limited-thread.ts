/**
 * A rendering thread with a time limit: when a text takes longer, the thread is ended, and the next is a new one.
 * Runs in the rendering process.
 */
import { Worker } from 'node:worker_threads'
import { hear } from './hear.ts'
import { READY, type Answer, type Order, type OrderLimits } from './messages.ts'

/** Loading the renderers takes a moment, on a busy machine several. */
const START_MILLISECONDS = 20_000
/** How much longer than its work a text may take where others work too. */
const SLOWNESS = 10

export class LimitedThread {
  #thread: Worker | undefined

  /** One order at a time. Never fails: the answer tells what went wrong. */
  async render(order: Order): Promise<Answer> {
    this.#thread ??= await startThread(order.limits)
    if (!this.#thread) return { problem: 'busy' }

    this.#thread.postMessage(order)
    const { milliseconds } = order.limits
    const patience = { passing: SLOWNESS * milliseconds, working: milliseconds }
    const answer = await hear<Answer>(this.#thread, patience)
    if (answer !== 'too-slow' && answer !== 'gone') return answer

    await this.#thread.terminate()
    this.#thread = undefined
    return { problem: answer === 'gone' ? 'too-hungry' : answer }
  }
}

async function startThread({ memoryMb }: OrderLimits): Promise<Worker | undefined> {
  // By its name and not by a path: the file ends in .ts here, and in .js in the package.
  const thread = new Worker(new URL(import.meta.resolve('#readme/worker/render-thread')), {
    execArgv: [],
    resourceLimits: {
      maxOldGenerationSizeMb: memoryMb,
      maxYoungGenerationSizeMb: 32,
      stackSizeMb: 4,
    },
  })
  thread.on('error', () => {}) // whoever waits for it hears of its end
  const word = await hear<typeof READY>(thread, { passing: START_MILLISECONDS })
  if (word === READY) return thread
  await thread.terminate()
  return undefined
}
