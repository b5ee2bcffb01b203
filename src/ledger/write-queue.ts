/** Writes that arrive together share one durable commit: one sync for many. Each still succeeds or fails alone. */
import type { BackendWriter, LedgerBackend } from './backend.ts'

/** How many writes one commit holds at most, so that nobody waits for an endless batch. */
const BATCH_LIMIT = 64

interface Waiting {
  /** Runs the write; returns how to settle its caller once the commit is durable. */
  run(writer: BackendWriter): Promise<() => void>
  fail(error: unknown): void
}

export class WriteQueue {
  readonly #backend: LedgerBackend
  readonly #waiting: Waiting[] = []
  #draining: Promise<void> | undefined

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
            if (isStorageError(error)) throw error
            return () => reject(error as Error)
          }
        },
        fail: reject,
      })
      this.#draining ??= this.#drain().finally(() => (this.#draining = undefined))
    })
  }

  async idle(): Promise<void> {
    await this.#draining
  }

  async #drain(): Promise<void> {
    // Let everything that became ready in this turn of the event loop join the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_LIMIT)
      await this.#commit(batch)
    }
  }

  async #commit(batch: Waiting[]): Promise<void> {
    try {
      const settle = await this.#backend.exclusive(async (writer) => {
        const settled: (() => void)[] = []
        for (const write of batch) settled.push(await write.run(writer))
        return settled
      })
      for (const done of settle) done()
    } catch (error) {
      for (const write of batch) write.fail(error)
    }
  }
}

/** An error of the store itself spoils the whole batch: its transaction can't be trusted any more. */
function isStorageError(error: unknown): boolean {
  return error instanceof Error && error.name === 'StorageFailure'
}
