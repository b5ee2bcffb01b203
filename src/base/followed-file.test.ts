import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { makeTempFolder } from '../../test/support/temp.ts'
import { FollowedFile } from './followed-file.ts'

const bytes = randomBytes(3_000_000)

async function openFollowed(expectedSize: number | undefined = bytes.length) {
  const folder = await makeTempFolder('followed')
  const path = folder.join('growing')
  await writeFile(path, '')
  const file = (await FollowedFile.open(path, expectedSize))!
  let size = 0
  return {
    file,
    folder,
    /** Appends to the file, and tells of it. */
    grow: async (count: number): Promise<void> => {
      await appendFile(path, bytes.subarray(size, size + count))
      size += count
      file.grow(size)
    },
    async [Symbol.asyncDispose]() {
      file.fail(new Error('the test is over'))
      file.close()
      await folder.remove()
    },
  }
}

for (const readers of [1, 2, 7]) {
  test(`${readers} at a time have all of it, whenever they came`, async () => {
    await using followed = await openFollowed()
    const { file, grow } = followed
    const first = Array.from({ length: readers }, () => buffer(file.read()))
    await grow(700_000)
    await grow(1)
    const late = buffer(file.read({ start: 300_000, end: 2_999_999 }))
    await grow(bytes.length - 700_001)
    file.finish(bytes.length)
    for (const one of first) assert.ok((await one).equals(bytes))
    assert.ok((await late).equals(bytes.subarray(300_000)))
  })
}

test('those who keep up are given the same memory', async () => {
  await using followed = await openFollowed()
  const readers = [followed.file.read(), followed.file.read()]
  const chunks = Promise.all(readers.map((reader) => once(reader, 'data')))
  await followed.grow(100_000)
  const [one, other] = (await chunks) as [[Buffer], [Buffer]]
  assert.equal(one[0].buffer, other[0].buffer)
  assert.ok(one[0].equals(bytes.subarray(0, one[0].length)))
  for (const reader of readers) reader.destroy()
})

for (const readers of [1, 3]) {
  test(`the last byte waits until it is known to be right, for ${readers}`, async () => {
    await using followed = await openFollowed()
    const { file, grow } = followed
    const all = Array.from({ length: readers }, () => file.read())
    const lengths = all.map(() => 0)
    all.forEach((reader, at) =>
      reader.on('data', (chunk: Buffer) => (lengths[at]! += chunk.length)),
    )
    const failed = Promise.all(all.map((reader) => once(reader, 'error')))
    await grow(bytes.length)
    file.fail(new Error('it is not what it should be'))
    for (const [error] of await failed) assert.match(String(error), /not what it should be/)
    for (const length of lengths) assert.ok(length < bytes.length)
  })
}

test('what comes anew in another file goes on where readers were', async () => {
  await using followed = await openFollowed()
  const { file, folder, grow } = followed
  const all = [buffer(file.read()), buffer(file.read())]
  await grow(1_000_000)
  const other = folder.join('anew')
  await writeFile(other, bytes)
  assert.equal(await file.continueIn(other), true)
  file.grow(500_000)
  file.grow(bytes.length)
  file.finish(bytes.length)
  for (const one of all) assert.ok((await one).equals(bytes))
})

test('a file that is gone is not followed', async () => {
  await using folder = await makeTempFolder('followed')
  assert.equal(await FollowedFile.open(folder.join('nothing'), undefined), undefined)
})
