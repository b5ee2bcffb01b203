/** Of a long list what is known is not decoded anew, and no state is taken for another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeTempFolder } from '../../test/support/temp.ts'
import { key, keyRange } from './key.ts'
import type { Ledger } from './ledger.ts'
import { openLedger } from './open-ledger.ts'

interface Thing {
  readonly at: number
}

const range = keyRange<Thing>('thing')
const thing = (name: string) => key<Thing>('thing', name)
const names = Array.from({ length: 1200 }, (_, at) => `n${at}`).sort()
const list = (ledger: Ledger) => ledger.read((tx) => tx.list(range))
const some = fc.array(fc.tuple(fc.constantFrom('m', 'n5', 'n77', 'n1199', 'o'), fc.boolean()), {
  minLength: 1,
})

async function openFilled(folder: string): Promise<Ledger> {
  const ledger = await openLedger(folder)
  await ledger.write('root', async (tx) => {
    for (const name of names) tx.set(thing(name), { at: 0 })
  })
  return ledger
}

test('what has not changed is the same object in each list, and nobody can change it', async () => {
  await using folder = await makeTempFolder()
  const ledger = await openFilled(folder.path)
  const before = await list(ledger)
  await ledger.write('root', async (tx) => {
    tx.set(thing('n5'), { at: 1 })
    tx.remove(thing('n7'))
    tx.set(thing('o'), { at: 1 })
  })

  const after = await list(ledger)

  const [changed, known] = [new Set(['n5', 'o']), new Map(before.map((one) => [one.name, one]))]
  assert.deepEqual(
    after.map(({ name }) => name),
    [...names.filter((name) => name !== 'n7'), 'o'],
  )
  for (const { name, value } of after) {
    if (changed.has(name)) assert.deepEqual(value, { at: 1 })
    else assert.equal(value, known.get(name)?.value)
  }
  assert.throws(() => Object.assign(after[0]!.value, { at: 2 }), TypeError)
  await ledger.close()
})

test('whoever sorts a list changes nobody else’s', async () => {
  await using folder = await makeTempFolder()
  const ledger = await openFilled(folder.path)
  const first = await list(ledger)
  first.reverse().length = 10

  assert.deepEqual(
    (await list(ledger)).map(({ name }) => name),
    names,
  )
  await ledger.close()
})

test('each serial has its own list, in whatever order they are read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(some, { maxLength: 5 }), fc.infiniteStream(fc.nat(5)), run),
    { numRuns: 10 },
  )

  async function run(changes: [string, boolean][][], order: Iterator<number>): Promise<void> {
    await using folder = await makeTempFolder()
    const ledger = await openFilled(folder.path)
    const other = await openLedger(folder.path) // as another process has it
    const states = [new Map(names.map((name) => [name, 0]))]
    for (const change of changes) {
      const state = new Map(states.at(-1))
      await other.write('root', async (tx) => {
        for (const [name, isSet] of change) {
          if (isSet) tx.set(thing(name), { at: states.length })
          else tx.remove(thing(name))
          if (isSet) state.set(name, states.length)
          else state.delete(name)
        }
      })
      await ledger.catchUp()
      if (ledger.serial === states.length) states.push(state)
      for (let read = 0; read < 3; read++) {
        const at = order.next().value % states.length
        const found = await ledger.readAt(at, (tx) => tx.list(range))
        assert.deepEqual(
          found.map(({ name, value }) => [name, value.at]),
          [...states[at]!].toSorted(([a], [b]) => (a < b ? -1 : 1)),
        )
      }
    }
    await other.close()
    await ledger.close()
  }
})
