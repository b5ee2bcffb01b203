/** Any names, in any order, become one sorted file. */
import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeTempFolder } from '../../test/support/temp.ts'
import { NameFile } from './name-file.ts'
import { NameSorter } from './name-sorter.ts'

/** Small enough that a few hundred names need many runs and several passes. */
const tiny = { batch: 3, fanIn: 2, piece: 64 }

const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?$/)

test('names are sorted and without repeats, however many runs and passes it takes', async () => {
  await using folder = await makeTempFolder('sorter')
  let number = 0

  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 200 }), async (names) => {
      const path = folder.join(`sorted-${number++}`)
      {
        await using sorter = await NameSorter.create(path, tiny)
        await sorter.add(names)
        await sorter.finish()
      }

      const sorted = [...new Set(names)].toSorted()
      assert.equal(await readFile(path, 'latin1'), sorted.map((one) => `${one}\n`).join(''))
      const list = await NameFile.open(path)
      assert.equal(list.count, sorted.length)
      assert.deepEqual((await Array.fromAsync(list.batches())).flat(), sorted)
    }),
    { numRuns: 60 },
  )

  assert.equal((await readdir(folder.path)).length, number)
})

test('what is given up leaves no file', async () => {
  await using folder = await makeTempFolder('sorter')
  {
    await using sorter = await NameSorter.create(folder.join('sorted'), tiny)
    await sorter.add(['c', 'b', 'a', 'c', 'b', 'a'])
  }

  assert.deepEqual(await readdir(folder.path), [])
})
