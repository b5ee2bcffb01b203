/** One running call per key; whoever asks meanwhile waits for the same answer. */

/** Of all of them in this process: how often something ran, and how often somebody waited for what ran already. */
export const flightCounts = { runs: 0, waits: 0 }

/** Nothing is remembered: the first call after an answer or a failure works anew. */
export class SingleFlight<K, V> {
  readonly #running = new Map<K, Promise<V>>()

  run(key: K, work: () => Promise<V>): Promise<V> {
    const running = this.#running.get(key)
    if (running) {
      flightCounts.waits++
      return running
    }
    flightCounts.runs++

    // Started in a function of its own, so that work which throws at once fails like any other.
    const started = (async () => work())().finally(() => this.#running.delete(key))
    this.#running.set(key, started)
    return started
  }

  /** Resolves once all that runs now has come to its end. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values())
  }

  isRunning(key: K): boolean {
    return this.#running.has(key)
  }
}
