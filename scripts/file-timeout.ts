/**
 * Loaded into each test file: ends its process when it takes too long, with a test that hangs or something left
 * open after the last one. The test runner's own limit ends tests, but not files.
 */
import { Worker } from 'node:worker_threads'

const limitMs = Number(process.env['WHEELYARD_TEST_FILE_TIMEOUT_MS'])

if (limitMs > 0) {
  setTimeout(() => {
    const held = process.getActiveResourcesInfo().join(', ')
    console.error(`This file takes longer than ${limitMs / 1000} s. What holds it: ${held}`)
    process.exit(1)
  }, limitMs).unref()

  // A loop that never ends lets no timer of its own thread through.
  const killLater = `setTimeout(() => process.kill(${process.pid}, 'SIGKILL'), ${limitMs + 10_000})`
  new Worker(killLater, { eval: true, execArgv: [] }).unref()
}
