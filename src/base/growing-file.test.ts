import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GrowingFile, type GrowingFileOptions } from './growing-file.ts'

async function startFile(t: TestContext, options?: GrowingFileOptions): Promise<GrowingFile> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelyard-growing-'))
  const file = await GrowingFile.create(join(folder, 'file'), options)
  t.after(async () => {
    await file.close()
    await rm(folder, { recursive: true })
  })
  return file
}

/** Waits for so many bytes, and takes no more. */
async function take(reader: Readable, length: number): Promise<string> {
  for (;;) {
    const bytes = reader.read(length) as Buffer | null
    if (bytes) return bytes.toString()
    await once(reader, 'readable')
  }
}

const bytesOf = (size: number) => Buffer.from(Array.from({ length: size }, (_, i) => i % 251))

test('readers who come early, in the middle and late all get the whole', async (t) => {
  const file = await startFile(t)

  const early = text(file.read())
  await file.append(Buffer.from('one '))
  const middle = text(file.read())
  await file.append(Buffer.from('two '))
  await file.append(Buffer.from('three'))
  file.finish()
  const late = text(file.read())

  assert.deepEqual(await Promise.all([early, middle, late]), Array(3).fill('one two three'))
  assert.equal(file.size, 13)
  assert.equal(await readFile(file.path, 'utf8'), 'one two three')
})

test('a reader gets what is there before the rest has come', async (t) => {
  const file = await startFile(t)
  const reader = file.read()

  await file.append(Buffer.from('first'))
  assert.equal(await take(reader, 5), 'first')
  await file.append(Buffer.from('second'))
  assert.equal(await take(reader, 6), 'second')

  file.finish()
  assert.equal(await text(reader), '')
})

test('a reader that lags far behind reads from the file, and holds back nobody', async (t) => {
  const file = await startFile(t)
  const bytes = bytesOf(3_000_000)
  const slow = file.read()
  const fast = buffer(file.read())

  await file.append(bytes.subarray(0, 50_000))
  await take(slow, 1)
  for (let at = 50_000; at < bytes.length; at += 50_000) {
    await file.append(bytes.subarray(at, at + 50_000))
  }
  file.finish()

  assert.ok(bytes.equals(await fast))
  assert.ok(slow.readableLength <= 200_000, `${slow.readableLength} bytes wait in memory`)
  assert.ok(bytes.subarray(1).equals(await buffer(slow)))
})

test('a range gives its bytes as soon as they have come', async (t) => {
  const file = await startFile(t)
  const bytes = bytesOf(200_000)

  const ranges = [
    { start: 0, end: 0 },
    { start: 10, end: 99_999 },
    { start: 65_530, end: 65_540 },
  ].map(async (range) => ({ range, read: await buffer(file.read(range)) }))
  await file.append(bytes.subarray(0, 100_000))

  for (const { range, read } of await Promise.all(ranges)) {
    assert.ok(bytes.subarray(range.start, range.end + 1).equals(read))
  }
  const beyond = buffer(file.read({ start: 150_000, end: 900_000 }))
  const after = buffer(file.read({ start: 200_000, end: 900_000 }))
  await file.append(bytes.subarray(100_000))
  file.finish()
  assert.ok(bytes.subarray(150_000).equals(await beyond))
  assert.equal((await after).length, 0)
})

test('a failure breaks off every reader, also one that comes later', async (t) => {
  const file = await startFile(t)
  await file.append(Buffer.from('half'))
  const waiting = file.read()
  await take(waiting, 4)

  file.fail(new Error('the hash is wrong'))

  await assert.rejects(text(waiting), /the hash is wrong/)
  await assert.rejects(text(file.read()), /the hash is wrong/)
  await assert.rejects(file.append(Buffer.from('more')), /the hash is wrong/)
})

for (const expectedSize of [10, undefined]) {
  const known = expectedSize === undefined ? 'unknown' : 'known'
  test(`with holdLast and ${known} size nobody gets the last byte before the finish`, async (t) => {
    const file = await startFile(t, {
      holdLast: true,
      ...(expectedSize === undefined ? {} : { expectedSize }),
    })
    const whole = file.read()
    const range = file.read({ start: 0, end: 3 })
    await file.append(Buffer.from('0123456789'))

    assert.equal(await take(whole, 9), '012345678')
    assert.equal(await take(range, 3), '012')
    await nextTurn()
    assert.equal(whole.read(), null)
    assert.equal(range.read(), null)

    file.finish()
    assert.equal(await text(whole), '9')
    assert.equal(await text(range), '3')
  })
}

test('with holdLast a failure leaves every body visibly short', async (t) => {
  const file = await startFile(t, { holdLast: true, expectedSize: 4 })
  const reader = file.read()
  await file.append(Buffer.from('0123'))
  assert.equal(await take(reader, 3), '012')

  file.fail(new Error('the hash is wrong'))

  await assert.rejects(text(reader), /the hash is wrong/)
})

test('more bytes than expected are refused', async (t) => {
  const file = await startFile(t, { expectedSize: 3 })
  await file.append(Buffer.from('abc'))

  await assert.rejects(file.append(Buffer.from('d')), /more bytes came than the 3 expected/)
})

test('to finish with fewer bytes than expected is a failure', async (t) => {
  const file = await startFile(t, { expectedSize: 3 })
  await file.append(Buffer.from('ab'))
  const reader = file.read()

  file.finish()

  await assert.rejects(text(reader), /2 bytes came instead of 3/)
})

test('an empty file can be read', async (t) => {
  const file = await startFile(t, { holdLast: true, expectedSize: 0 })
  const reader = text(file.read())

  file.finish()

  assert.equal(await reader, '')
})

test('a reader that goes away early lets go, and the writer goes on', async (t) => {
  const file = await startFile(t)
  await file.append(bytesOf(500_000))
  const readers = [file.read(), file.read(), file.read()]
  assert.equal(file.readers, 3)

  await take(readers[1]!, 1)
  readers[2]!.read(0) // a read of the file is under way
  const gone = readers.map((reader) => once(reader, 'close'))
  for (const reader of readers) reader.destroy()
  await Promise.all(gone)

  assert.equal(file.readers, 0)
  await file.append(Buffer.from('more'))
  file.finish()
  assert.equal((await buffer(file.read())).length, 500_004)
})

test('the file is closed and removed once the last reader is done', async (t) => {
  const file = await startFile(t, { removeOnClose: true })
  await file.append(bytesOf(200_000))
  const reader = file.read()
  await take(reader, 1)
  file.finish()

  const closed = file.close()
  await nextTurn()
  assert.ok(existsSync(file.path))
  assert.throws(() => file.read(), /closed to new readers/)

  assert.equal((await buffer(reader)).length, 199_999)
  await closed
  assert.ok(!existsSync(file.path))
})

test('a file that is closed before it was whole breaks off its readers', async (t) => {
  const file = await startFile(t, { removeOnClose: true })
  const reader = text(file.read())

  const closed = file.close()

  await assert.rejects(reader, /closed before it was whole/)
  await closed
  assert.ok(!existsSync(file.path))
})

test('a file that exists already is not written over', async (t) => {
  const file = await startFile(t)

  await assert.rejects(GrowingFile.create(file.path), { name: 'StorageFailure' })
})

test('a range that is none is refused', async (t) => {
  const file = await startFile(t)

  assert.throws(() => file.read({ start: 5, end: 4 }), RangeError)
  assert.throws(() => file.read({ start: -1, end: 4 }), RangeError)
  assert.equal(file.readers, 0)
})
