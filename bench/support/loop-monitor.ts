/** Loaded into a server before it: on SIGUSR2 it says for how long the event loop stood still at most, and begins anew. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const RESOLUTION_MS = 1

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  process.on('SIGUSR2', () => {
    const longest = Math.max(0, delay.max / 1e6 - RESOLUTION_MS)
    delay.reset()
    process.stderr.write(`event loop stood still for ${longest.toFixed(3)} ms\n`)
  })
}
