import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SingleFlight } from './single-flight.ts'

test('calls that come while one is running share its answer', async () => {
  const flight = new SingleFlight<string, number>()
  const answer = Promise.withResolvers<number>()
  let calls = 0
  const work = () => {
    calls++
    return answer.promise
  }

  const waiting = [flight.run('anchor', work), flight.run('anchor', work)]
  assert.ok(flight.isRunning('anchor'))
  answer.resolve(7)

  assert.deepEqual(await Promise.all(waiting), [7, 7])
  assert.equal(calls, 1)
  assert.ok(!flight.isRunning('anchor'))
})

test('other keys do not wait', async () => {
  const flight = new SingleFlight<string, string>()
  const never = Promise.withResolvers<string>()

  void flight.run('stuck', () => never.promise)

  assert.equal(await flight.run('free', async () => 'done'), 'done')
})

test('a failure is shared by those who wait for it, and not remembered', async () => {
  const flight = new SingleFlight<string, string>()
  const answer = Promise.withResolvers<string>()

  const waiting = [1, 2].map(() => flight.run('anchor', () => answer.promise))
  answer.reject(new Error('upstream is down'))
  const outcomes = await Promise.allSettled(waiting)

  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal(await flight.run('anchor', async () => 'up again'), 'up again')
})

test('work that throws before its first await fails like any other', async () => {
  const flight = new SingleFlight<string, string>()

  const run = flight.run('anchor', () => {
    throw new Error('at once')
  })

  await assert.rejects(run, /at once/)
  assert.ok(!flight.isRunning('anchor'))
})
