import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Turns } from './turns.ts'

test('few run at once, few wait in their order, and more are asked to come back', async () => {
  const turns = new Turns({ running: 2, waiting: 2 })
  const started: string[] = []
  const gates = new Map<string, () => void>()
  const run = (name: string): Promise<string> =>
    turns.run(async () => {
      started.push(name)
      await new Promise<void>((open) => gates.set(name, open))
      return name
    })

  const [a, b, c, d] = [run('a'), run('b'), run('c'), run('d')]
  await assert.rejects(run('e'), { code: 'too-many-requests' })
  assert.deepEqual(started, ['a', 'b'])

  gates.get('b')!()
  assert.equal(await b, 'b')
  await nextTurn()
  assert.deepEqual(started, ['a', 'b', 'c'])
  gates.get('a')!()
  await a
  await nextTurn()
  gates.get('c')!()
  gates.get('d')!()
  assert.deepEqual(await Promise.all([c, d]), ['c', 'd'])
})

test('work that fails gives its turn to the next', async () => {
  const turns = new Turns({ running: 1, waiting: 1 })
  const fails = turns.run(() => Promise.reject(new Error('broken')))
  const follows = turns.run(() => Promise.resolve('done'))

  await assert.rejects(fails, /broken/)
  assert.equal(await follows, 'done')
})
