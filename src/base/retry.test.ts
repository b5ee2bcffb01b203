import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffDelay, retry } from './retry.ts'

const atOnce = async () => {}

test('what fails twice and then works has worked', async () => {
  const attempts: number[] = []

  const answer = await retry(
    async (attempt) => {
      attempts.push(attempt)
      if (attempt < 3) throw new Error('not yet')
      return 'done'
    },
    { attempts: 3, wait: atOnce },
  )

  assert.equal(answer, 'done')
  assert.deepEqual(attempts, [1, 2, 3])
})

test('after the last attempt its failure is the answer', async () => {
  const run = retry(async (attempt) => Promise.reject(new Error(`failure ${attempt}`)), {
    attempts: 2,
    wait: atOnce,
  })

  await assert.rejects(run, /failure 2/)
})

test('what trying again cannot help fails at once', async () => {
  const run = retry(async (attempt) => Promise.reject(new Error(`failure ${attempt}`)), {
    attempts: 5,
    wait: atOnce,
    mayRetry: () => false,
  })

  await assert.rejects(run, /failure 1/)
})

test('waits double up to a limit, and half of each is left to chance', () => {
  const delays = (random: number) =>
    [1, 2, 3, 4].map((failures) =>
      backoffDelay(failures, { firstDelayMs: 100, maxDelayMs: 300, random: () => random }),
    )

  assert.deepEqual(delays(0), [50, 100, 150, 150])
  assert.deepEqual(delays(1), [100, 200, 300, 300])
})

test('an abort ends a long wait with its reason', async () => {
  const abort = new AbortController()
  const failed = Promise.withResolvers<void>()

  const run = retry(
    async () => {
      failed.resolve()
      throw new Error('down')
    },
    { firstDelayMs: 3_600_000, maxDelayMs: 3_600_000, signal: abort.signal },
  )
  await failed.promise
  setImmediate(() => abort.abort(new Error('shutting down')))

  await assert.rejects(run, /shutting down/)
})

test('nothing is tried once the signal has aborted', async () => {
  const signal = AbortSignal.abort(new Error('shutting down'))

  const run = retry(async () => assert.fail('tried'), { signal })

  await assert.rejects(run, /shutting down/)
})
