/** How much a description may cost. */
import type { OrderLimits } from './worker/messages.ts'
import type { PoolLimits } from './worker/worker-pool.ts'

export interface ReadmeLimits extends PoolLimits, OrderLimits {
  /** A longer text is shown plain. */
  readonly characters: number
  /** How long a page waits for its turn in the queue. */
  readonly waitMilliseconds: number
  readonly cacheBytes: number
}

export const defaultLimits: ReadmeLimits = {
  characters: 1_000_000,
  outputCharacters: 4_000_000,
  milliseconds: 1_000,
  memoryMb: 512,
  idleMilliseconds: 60_000,
  workers: 1,
  queue: 100,
  waitMilliseconds: 3_000,
  cacheBytes: 32 * 1024 * 1024,
}
