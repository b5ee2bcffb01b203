/** Tries again what may pass by itself: waits that double, with jitter, until a signal aborts. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Backoff {
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  /** A number in [0, 1). Tests bring their own. */
  readonly random?: () => number
}

export interface RetryOptions extends Partial<Backoff> {
  /** The first one included. */
  readonly attempts?: number
  readonly signal?: AbortSignal
  /** Whether trying again can help; asked after each failure. */
  readonly mayRetry?: (error: unknown) => boolean
  /** Waits. Tests bring their own. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/** The wait after the given failure, counted from 1: a random part of its upper half. */
export function backoffDelay(failures: number, backoff: Backoff): number {
  const { firstDelayMs, maxDelayMs, random = Math.random } = backoff
  const full = Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1))
  return full / 2 + (full / 2) * random()
}

/** The first success, or the last failure. An abort ends a wait at once, with the signal's reason. */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { attempts = 3, signal, mayRetry = () => true, wait = waitAbortably } = options
  const backoff = { firstDelayMs: 100, maxDelayMs: 10_000, ...options }

  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await work(attempt)
    } catch (error) {
      if (attempt >= attempts || signal?.aborted || !mayRetry(error)) throw error
    }
    await wait(backoffDelay(attempt, backoff), signal)
  }
}

async function waitAbortably(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    // The timer's own AbortError would hide why it was aborted.
    signal?.throwIfAborted()
    throw error
  }
}
