/** What a request waited for, for those who look after the server: noted where the waiting is, and told with the answer. */
import { AsyncLocalStorage } from 'node:async_hooks'

/** Who wants to know. */
export interface Waiter {
  /** Milliseconds. Waits beside each other count each. */
  noteWait(what: WaitedFor, ms: number): void
}

export type WaitedFor =
  | 'body'
  | 'disk'
  | 'ledger'
  | 'password'
  | 'primary'
  | 'render'
  | 'search'
  | 'upstream'

const current = new AsyncLocalStorage<Waiter>()

/** Whose work runs in this very turn, and is not carried along. */
let begun: Waiter | undefined

/** Runs the work of one request. */
export function noteWaitsOf<T>(waiter: Waiter, work: () => T): T {
  return current.run(waiter, work)
}

/**
 * Runs work that seldom waits for anything: carrying the request along would cost more than all of it. What it waits for after its
 * first turn is noted only where it was begun by `carryAlong`.
 */
export function noteFirstWaitsOf<T>(waiter: Waiter, work: () => T): T {
  begun = waiter
  try {
    return work()
  } finally {
    begun = undefined
  }
}

/** What waits more than once, within `noteFirstWaitsOf`. */
export function carryAlong<T>(work: () => T): T {
  return begun ? current.run(begun, work) : work()
}

/** Notes how long this takes with the request that it is done for, if it is one. */
export function waitFor<T>(what: WaitedFor, work: Promise<T>): Promise<T> {
  const waiter = begun ?? current.getStore()
  if (!waiter) return work
  const startedAt = performance.now()
  const note = (): void => waiter.noteWait(what, performance.now() - startedAt)
  work.then(note, note)
  return work
}
