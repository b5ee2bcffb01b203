/** The ledger against the simplest model there is: one map of all values for each serial. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { comparePaths } from '../../change.ts'
import { key, keyRange } from '../../key.ts'
import type { Ledger } from '../../ledger.ts'
import type { ListOptions, ReadTransaction } from '../../transaction.ts'
import type { Check } from './check.ts'

type State = ReadonlyMap<string, number>

const paths = ['a/b', 'a/b/c', 'a/b-c', 'a/b0', 'a/😀', 'a/\uffee', 'a-b/x', 'a0/x', 'b/c']
const ranges = ['a', 'a/b', 'b', 'none'].map((path) => keyRange<number>(...path.split('/')))
const keyOf = (path: string) => key<number>(...path.split('/'))

/** A change of one key: a number is set, undefined removes. */
const changes = fc.array(
  fc.tuple(fc.constantFrom(...paths), fc.option(fc.nat(2), { nil: undefined, freq: 3 })),
  { maxLength: 5 },
)
const options: fc.Arbitrary<ListOptions> = fc.record(
  { after: fc.constantFrom(...paths, 'a/', ''), limit: fc.nat(4) },
  { requiredKeys: [] },
)
const write = fc.record({ changes, options, throws: fc.boolean() })

function modelList(state: State, prefix: string, { after, limit }: ListOptions) {
  return [...state]
    .filter(([path]) => path.startsWith(prefix))
    .filter(([path]) => after === undefined || comparePaths(path, after) > 0)
    .sort(([a], [b]) => comparePaths(a, b))
    .slice(0, limit)
    .map(([path, value]) => ({ path, name: path.slice(prefix.length), value }))
}

async function assertSame(tx: ReadTransaction, state: State, options: ListOptions): Promise<void> {
  for (const path of paths) assert.equal(await tx.get(keyOf(path)), state.get(path))
  for (const range of ranges) {
    const expected = modelList(state, range.prefix, options)
    assert.deepEqual(await tx.list(range, options), expected)
    assert.deepEqual(
      await tx.listNames(range, options),
      expected.map(({ name }) => name),
    )
  }
}

function isSame(a: State, b: State): boolean {
  return a.size === b.size && [...a].every(([path, value]) => b.get(path) === value)
}

/** Writes, and compares inside the write too. Returns the state after it. */
async function writeBoth(
  ledger: Ledger,
  before: State,
  {
    changes,
    options,
    throws,
  }: { changes: [string, number | undefined][]; options: ListOptions; throws: boolean },
): Promise<State> {
  const state = new Map(before)
  const writing = ledger.write('root', async (tx) => {
    for (const [path, value] of changes) {
      if (value === undefined) {
        tx.remove(keyOf(path))
        state.delete(path)
      } else {
        tx.set(keyOf(path), value)
        state.set(path, value)
      }
    }
    await assertSame(tx, state, options)
    if (throws) throw new RangeError('on purpose')
  })
  if (!throws) {
    await writing
    return state
  }
  await assert.rejects(writing, RangeError)
  return before
}

export function modelContract(check: Check): void {
  check('any run of writes reads as its model does, at every serial', async ({ ledger }) => {
    const states: State[] = []

    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 8 }), async (writes) => {
        for (const each of writes) {
          const before = states.at(-1) ?? new Map<string, number>()
          const after = await writeBoth(ledger, before, each)
          if (!isSame(before, after)) states.push(after)
          assert.equal(ledger.serial, states.length - 1)
        }

        for (const [i, { options }] of writes.entries()) {
          const serial = (i * 7919) % (states.length || 1)
          if (!states[serial]) continue
          await ledger.readAt(serial, (tx) => assertSame(tx, states[serial]!, options))
        }
      }),
      { numRuns: 60 },
    )

    for (const [serial, state] of states.entries()) {
      await ledger.readAt(serial, (tx) => assertSame(tx, state, {}))
    }
    assert.deepEqual(await ledger.verify(), { serials: states.length, broken: undefined })
  })
}
