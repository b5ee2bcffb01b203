/** Counts of downloads: kept over a restart, bounded, and no reason not to start. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { makeTempFolder } from '../../test/support/temp.ts'
import { countLimits, DownloadCounts } from './download-counts.ts'

test('the most downloaded come first, over all indexes that are asked about, also after a restart', async () => {
  await using folder = await makeTempFolder('counts')
  const file = folder.join('local/downloads.sqlite')
  const before = DownloadCounts.open(file)
  for (const project of ['a', 'b', 'b', 'c']) before.count('ada/dev', project)
  for (const project of ['c', 'c', 'd']) before.count('root/pypi', project)
  before.close()

  const after = DownloadCounts.open(file)
  after.count('ada/dev', 'a')

  assert.deepEqual(after.listTop(['ada/dev', 'root/pypi'], 3), ['c', 'a', 'b'])
  assert.deepEqual(after.listTop(['root/pypi'], 9), ['c', 'd'])
  assert.deepEqual(after.listTop(['no/index'], 9), [])
  after.close()
})

test('two processes count into one file', async () => {
  await using folder = await makeTempFolder('counts')
  const [one, two] = [1, 2].map(() => DownloadCounts.open(folder.join('downloads.sqlite')))
  for (const project of ['a', 'a', 'b']) one!.count('ada/dev', project)
  for (const project of ['b', 'b']) two!.count('ada/dev', project)
  one!.flush()

  assert.deepEqual(two!.listTop(['ada/dev'], 1), ['b'])
  one!.close()
  two!.close()
})

test('what is remembered is bounded: the least downloaded are forgotten', async () => {
  await using folder = await makeTempFolder('counts')
  const counts = DownloadCounts.open(folder.join('downloads.sqlite'))
  counts.count('ada/dev', 'dear')
  counts.count('ada/dev', 'dear')
  for (let at = 0; at <= countLimits.kept; at++) counts.count('ada/dev', `p${at}`)

  const { length } = counts.listTop(['ada/dev'], countLimits.kept * 2)
  const [first] = counts.listTop(['ada/dev'], 1)
  counts.close()

  assert.ok(length <= countLimits.kept, `${length}`)
  assert.equal(first, 'dear')
})

test('a file that is none of a database is begun anew', async () => {
  await using folder = await makeTempFolder('counts')
  const file = folder.join('downloads.sqlite')
  await writeFile(file, 'no database '.repeat(1000))

  const counts = DownloadCounts.open(file)
  counts.count('ada/dev', 'a')

  assert.deepEqual(counts.listTop(['ada/dev'], 1), ['a'])
  counts.close()
})
