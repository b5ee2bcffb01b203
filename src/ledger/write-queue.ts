/** Writes that arrive together share one durable commit: one sync for many. Each still succeeds or fails alone. */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { BackendWriter, LedgerBackend } from './backend.ts'

/** How many writes one commit holds at most, so that nobody waits for an endless batch. */
const BATCH_LIMIT = 64

/** While writes come together, the next batch waits so long for more of them: a sync costs as much. */
const GATHER_MS = 1
/** For those that are known to come it waits so long. */
const EXPECT_MS = 5

interface Waiting {
  /** Runs the write; returns how to settle its caller once the commit is durable. */
  run(writer: BackendWriter): Promise<() => void>
  fail(error: unknown): void
}

export class WriteQueue {
  readonly #backend: LedgerBackend
  readonly #waiting: Waiting[] = []
  #draining: Promise<void> | undefined
  #lastBatch = 0
  #expected = 0
  /** Called when nobody is expected any more. */
  #onComplete: (() => void) | undefined
  /** Writes, and the commits that they shared. */
  readonly counts = { writes: 0, commits: 0 }

  constructor(backend: LedgerBackend) {
    this.#backend = backend
  }

  /** Resolves when what `work` appended is durable; rejects with its error, or with that of the commit. */
  add<T>(work: (writer: BackendWriter) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        run: async (writer) => {
          try {
            const result = await work(writer)
            return () => resolve(result)
          } catch (error) {
            // Told after the commit too: the error may come from what an earlier write of the batch did.
            return () => reject(error as Error)
          }
        },
        fail: reject,
      })
      this.#draining ??= this.#drain()
    })
  }

  /**
   * Says that a write is on its way: a batch that is about to be committed waits a moment for it. To be disposed of when it is
   * there, or will not come.
   */
  expect(): Disposable {
    let isOver = false
    this.#expected++
    return {
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        if (--this.#expected === 0) this.#onComplete?.()
      },
    }
  }

  async idle(): Promise<void> {
    await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // All that becomes ready in this turn of the event loop joins the batch, and another process gets a
      // moment in which the lock is free.
      if (this.#expected > 0) await this.#gather()
      else await (this.#lastBatch > 1 ? pause(GATHER_MS) : nextTurn())
      const batch = this.#waiting.splice(0, BATCH_LIMIT)
      this.#lastBatch = batch.length
      await this.#commit(batch)
    }
    // In the same breath as the last look: a write that comes after it starts the next drain.
    this.#draining = undefined
  }

  /** Until all who are expected are there, or it takes too long. */
  async #gather(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, EXPECT_MS)
    this.#onComplete = resolve
    await promise
    clearTimeout(timer)
    this.#onComplete = undefined
  }

  async #commit(batch: Waiting[]): Promise<void> {
    try {
      const settle = await this.#backend.exclusive(async (writer) => {
        const settled: (() => void)[] = []
        for (const write of batch) settled.push(await write.run(writer))
        return settled
      })
      this.counts.writes += batch.length
      this.counts.commits++
      for (const done of settle) done()
    } catch (error) {
      for (const write of batch) write.fail(error)
    }
  }
}
