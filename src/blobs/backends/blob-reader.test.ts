import assert from 'node:assert/strict'
import { fstatSync, openSync, truncateSync } from 'node:fs'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeTempFolder } from '../../../test/support/temp.ts'
import { BlobReader } from './blob-reader.ts'

const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7919) % 251))

test('any part is read as it is', async () => {
  await using folder = await makeTempFolder('blob')
  const path = await folder.write('blob', content)
  const place = fc.nat({ max: content.length })

  await fc.assert(
    fc.asyncProperty(place, place, async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)]
      const reader = new BlobReader(openSync(path, 'r'), { start, end })
      assert.ok((await buffer(reader)).equals(content.subarray(start, end)))
    }),
    { numRuns: 50 },
  )
})

test('a file that has become shorter ends sooner', async () => {
  await using folder = await makeTempFolder('blob')
  const path = await folder.write('blob', content)
  const reader = new BlobReader(openSync(path, 'r'), { start: 0, end: content.length })
  truncateSync(path, 100)

  assert.equal((await buffer(reader)).length, 100)
})

test('whoever goes away in the middle of a read leaves no file open', async () => {
  await using folder = await makeTempFolder('blob')
  const fd = openSync(await folder.write('blob', content), 'r')
  const reader = new BlobReader(fd, { start: 0, end: content.length })
  reader.resume()

  reader.destroy()
  await once(reader, 'close')

  assert.throws(() => fstatSync(fd), { code: 'EBADF' })
})

test('what cannot be read is an error', async () => {
  await using folder = await makeTempFolder('blob')
  const fd = openSync(folder.path, 'r')
  const reader = new BlobReader(fd, { start: 0, end: 10 })

  await assert.rejects(buffer(reader), { code: 'EISDIR' })
})
