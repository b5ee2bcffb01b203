/** SQLite's full text search, against the contract. */
import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { makeTempFolder } from '../../../test/support/temp.ts'
import { searchBackendContract, type OpenBackend } from './contract.ts'
import { openSqliteReader, openSqliteWriter } from './sqlite-fts.ts'

searchBackendContract('SQLite', async (): Promise<OpenBackend> => {
  const folder = await makeTempFolder('search')
  const file = folder.join('search.sqlite')
  const writer = openSqliteWriter(file)
  const reader = openSqliteReader(file)
  const others: ReturnType<typeof openSqliteWriter>[] = []
  return {
    writer,
    reader,
    another() {
      const other = openSqliteWriter(file)
      others.push(other)
      return other
    },
    async takeAway() {
      for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true })
    },
    async damage() {
      await reader.close()
      await writer.close()
      const { length } = await readFile(file)
      await writeFile(file, Buffer.alloc(length, 'x'))
    },
    async [Symbol.asyncDispose]() {
      await reader.close()
      for (const one of [writer, ...others]) await one.close()
      await folder.remove()
    },
  }
})

test('after tidying there is one tree to look words up in', async () => {
  await using folder = await makeTempFolder('search')
  const file = folder.join('search.sqlite')
  const writer = openSqliteWriter(file)
  await writer.lease('test', 0, 1000)
  const names = Array.from({ length: 30 }, (_, at) => `boat-${at}`)
  for (const name of names) await writer.addNames('ada/mirror', [name])
  assert.ok(countTrees() > 1)
  for (let isMore = await writer.tidy('begin'); isMore;) isMore = await writer.tidy('go on')
  assert.equal(countTrees(), 1)
  await writer.close()

  function countTrees(): number {
    using db = new DatabaseSync(file, { readOnly: true })
    return Number(db.prepare('SELECT count(DISTINCT segid) AS count FROM fts_idx').get()?.['count'])
  }
})
