/** The queue before the rendering processes: first come, first served, and nobody waits too long. */
import type { Log } from '#base/log'
import { LimitedProcess } from './limited-process.ts'
import type { Answer, Order } from './messages.ts'

export interface PoolLimits {
  readonly workers: number
  /** Texts that wait; one more is not rendered. */
  readonly queue: number
  /** Without work for so long, a process is ended. */
  readonly idleMilliseconds: number
}

interface Waiting {
  readonly order: Order
  readonly done: (answer: Answer) => void
}

export class WorkerPool {
  readonly #free: LimitedProcess[]
  readonly #all: readonly LimitedProcess[]
  readonly #queue: Waiting[] = []
  readonly #maxQueue: number

  constructor(limits: PoolLimits, log: Log) {
    this.#all = Array.from(
      { length: limits.workers },
      () => new LimitedProcess(limits.idleMilliseconds, log),
    )
    this.#free = [...this.#all]
    this.#maxQueue = limits.queue
  }

  render(order: Order): Promise<Answer> {
    if (this.#queue.length >= this.#maxQueue) return Promise.resolve({ problem: 'busy' })
    return new Promise((done) => {
      this.#queue.push({ order, done })
      this.#serve()
    })
  }

  #serve(): void {
    const worker = this.#queue.length > 0 ? this.#free.pop() : undefined
    if (!worker) return
    const { order, done } = this.#queue.shift()!
    void worker.render(order).then((answer) => {
      this.#free.push(worker)
      this.#serve()
      done(answer)
    })
  }

  /** Whoever waits is told that nothing comes. */
  close(): void {
    for (const { done } of this.#queue.splice(0)) done({ problem: 'busy' })
    for (const worker of this.#all) worker.close()
  }
}
