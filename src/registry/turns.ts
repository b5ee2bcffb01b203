/** Lets few of a costly kind of work run at once, and few more wait. */
import { refuse } from '#base/refusal'

export interface TurnLimits {
  readonly running: number
  readonly waiting: number
}

export class Turns {
  readonly #limits: TurnLimits
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  /** Refuses with `too-many-requests` when too many others wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#take()
    try {
      return await work()
    } finally {
      this.#pass()
    }
  }

  async #take(): Promise<void> {
    if (this.#running < this.#limits.running) {
      this.#running++
      return
    }
    if (this.#waiting.length >= this.#limits.waiting) throw refuse('too-many-requests')
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Hands the turn over, so that nobody who comes in this moment slips in between. */
  #pass(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}
