/** The thread that answers queries. */
import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import { test } from 'node:test'
import { makeTempFolder } from '../../test/support/temp.ts'
import { openWriter } from './open-reader.ts'
import { ReaderThread } from './reader-thread.ts'

const ORDER = { text: 'boat', page: 1, indexes: ['ada/dev'] }

test('where there is no index yet, nothing is found, and the asker is told', async () => {
  await using folder = await makeTempFolder('search')
  const thread = new ReaderThread(folder.join('search.sqlite'), () => assert.fail())

  const { total, notes } = await thread.find(ORDER)
  await thread.close()

  assert.equal(total, 0)
  assert.deepEqual(notes, ['The index is being built: there may be more.'])
})

test('an index that is damaged is told of, and the asker may come again', async () => {
  await using folder = await makeTempFolder('search')
  const file = folder.join('search.sqlite')
  const writer = openWriter(file)
  await writer.lease('this process', 0, 1000)
  await writer.addNames('ada/dev', ['boat', 'raft'])
  await writer.close()
  const damaged = await open(file, 'r+')
  const { size } = await damaged.stat()
  await damaged.write(Buffer.alloc(size - 4096, 'x'), 0, size - 4096, 4096)
  await damaged.close()
  let told = 0
  const thread = new ReaderThread(file, () => told++)

  await assert.rejects(thread.find(ORDER), { code: 'search-unavailable' })
  await thread.close()

  assert.equal(told, 1)
})

test('some wait for their turn, and more are told to come again', async () => {
  await using folder = await makeTempFolder('search')
  const thread = new ReaderThread(folder.join('search.sqlite'), () => assert.fail())

  const all = await Promise.allSettled(Array.from({ length: 30 }, () => thread.find(ORDER)))
  await thread.close()

  const refused = all.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 9)
})
