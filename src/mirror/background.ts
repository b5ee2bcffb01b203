/** Work that goes on when nobody waits for it any more: it has an end, and one who knows of it. */

export class Background {
  readonly #abort = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  /** Aborted when the work must end, at the latest after `limitMs`. */
  signal(limitMs: number): AbortSignal {
    return AbortSignal.any([this.#abort.signal, AbortSignal.timeout(limitMs)])
  }

  /** Whoever wants its answer or failure waits for the promise itself. */
  add<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    const remove = (): void => void this.#running.delete(work)
    work.then(remove, remove)
    return work
  }

  /** Aborts everything and waits for it to end, though not for longer than the limit. */
  async close(limitMs: number): Promise<void> {
    this.#abort.abort(new DOMException('the server stops', 'AbortError'))
    await within(Promise.allSettled(this.#running), limitMs)
  }
}

/** What it resolves to, or undefined if it takes longer than the limit; it goes on then. */
export async function within<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), limitMs)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
