/** Keeps the small steps of Node's streams as fast as they are in a new process. */
import { executionAsyncResource } from 'node:async_hooks'

let kept: unknown

/**
 * Node makes an object for each `process.nextTick`, several times a request. A collection of garbage at a moment when there is
 * none forgets their shape, and V8 never makes them the fast way again: each takes ten times as long from then on. As long as
 * one of them is there, their shape is.
 */
export function keepTicksFast(): void {
  if (kept !== undefined) return
  kept = null
  process.nextTick(() => {
    kept = executionAsyncResource()
  })
}
