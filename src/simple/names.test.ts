import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeNames, type NameBatches } from './names.ts'

interface WatchedList extends NameBatches {
  readonly isClosed: boolean
}

/** Names in batches of the given sizes; remembers whether its reader let go of it. */
function listOf(...batches: readonly (readonly string[])[]): WatchedList {
  const list = {
    isClosed: false,
    async *batches() {
      try {
        yield* batches
      } finally {
        list.isClosed = true
      }
    },
  }
  return list
}

const merge = async (own: readonly string[], ...lists: readonly NameBatches[]) =>
  (await Array.fromAsync(mergeNames(own, lists))).flat()

test('own names come first, and no name twice', async () => {
  const lists = [listOf(['a', 'c'], [], ['e']), listOf([], ['a', 'b'], ['c', 'd', 'f'])]

  assert.deepEqual(await merge(['c', 'z'], ...lists), ['c', 'z', 'a', 'b', 'd', 'e', 'f'])
  assert.deepEqual(await merge(['b'], listOf(['a', 'b'], ['c'])), ['b', 'a', 'c'])
})

test('there may be no lists, and empty ones', async () => {
  assert.deepEqual(await merge(['a']), ['a'])
  assert.deepEqual(await merge([], listOf()), [])
  assert.deepEqual(await merge([], listOf(), listOf([]), listOf(['a'])), ['a'])
})

test('long lists stay in batches', async () => {
  const numbers = Array.from({ length: 5000 }, (_, i) => String(i).padStart(5, '0'))
  const [even, odd] = [0, 1].map((rest) => numbers.filter((_, i) => i % 2 === rest))

  const batches = await Array.fromAsync(mergeNames([], [listOf(even!), listOf(odd!)]))

  assert.deepEqual(batches.flat(), numbers)
  assert.ok(batches.every((batch) => batch.length <= 1000))
})

test('a reader that leaves early lets go of all lists', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => String(i))
  const lists = [listOf(many.toSorted()), listOf(['x'], ['y'])]

  for await (const batch of mergeNames([], lists)) if (batch.length > 0) break

  assert.deepEqual(
    lists.map(({ isClosed }) => isClosed),
    [true, true],
  )
})

test('a list that fails lets go of the others', async () => {
  const good = listOf(['a'], ['b'])
  const bad: NameBatches = {
    // oxlint-disable-next-line require-yield -- it fails before its first batch
    async *batches() {
      throw new Error('no')
    },
  }

  await assert.rejects(merge([], good, bad), /no/)

  assert.equal(good.isClosed, true)
})
