/** SQLite's full text search, against the contract. */
import { readFile, rm, writeFile } from 'node:fs/promises'
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
