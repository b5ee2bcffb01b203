/** What every blob store must do; a backend's test calls this with a way to open an empty store. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isSha256, sha256 } from '#base/digest'
import { type BlobStore, type ByteRange, type Sha256, TooLarge } from '../blob-store.ts'

export interface OpenedStore {
  readonly store: BlobStore
  readonly close: () => Promise<void>
}

/** An hour from now: to a removal with this instant, every blob is old. */
const later = () => Date.now() + 3_600_000

export function blobStoreContract(name: string, open: () => Promise<OpenedStore>): void {
  const check = (title: string, body: (store: BlobStore) => Promise<void>): void => {
    void test(`${name}: ${title}`, async () => {
      const { store, close } = await open()
      try {
        await body(store)
      } finally {
        await close()
      }
    })
  }

  check('what is kept is read back whole, under its digest', async (store) => {
    for (const size of [0, 1, 65_536, 65_537, 1_000_000]) {
      const bytes = Buffer.alloc(size, `${size} `)

      const digest = await keep(store, bytes)

      assert.equal(digest, sha256(bytes))
      assert.equal(await store.size(digest), size)
      assert.deepEqual(await read(store, digest), bytes)
    }
  })

  check('a file that somebody else wrote in the staging place can be adopted', async (store) => {
    const bytes = Buffer.from('written by hand')
    const [kept, dropped] = [store.newStagingPath(), store.newStagingPath()]
    for (const path of [kept, dropped]) await writeFile(path, bytes)
    const found = { digest: sha256(bytes), size: bytes.length }

    await (await store.adopt(dropped, found)).discard()
    assert.equal(await store.size(found.digest), undefined)
    await (await store.adopt(kept, found)).keep()

    assert.deepEqual(await read(store, found.digest), bytes)
    for (const path of [kept, dropped]) await assert.rejects(readFile(path), { code: 'ENOENT' })
  })

  check('a range gives its bytes, and the size of the whole', async (store) => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251))
    const digest = await keep(store, bytes)

    for (const [start, end] of [
      [0, 0],
      [10, 19],
      [65_530, 65_540],
      [99_999, 99_999],
      [50_000, 200_000],
    ] as const) {
      const opened = await store.open(digest, { start, end })
      assert.equal(opened?.size, bytes.length)
      assert.deepEqual(await buffer(opened!.stream), bytes.subarray(start, end + 1))
    }
    await assert.rejects(store.open(digest, { start: 5, end: 4 }), RangeError)
    await assert.rejects(store.open(digest, { start: -1, end: 4 }), RangeError)
  })

  check('what is not here is undefined, and removing it does nothing', async (store) => {
    const digest = sha256('never stored')

    assert.equal(await store.size(digest), undefined)
    assert.equal(await store.stat(digest), undefined)
    assert.equal(await store.open(digest), undefined)
    assert.equal(await store.localPath(digest), undefined)
    assert.equal(await store.remove(digest), false)
    assert.equal(await store.remove(digest, { keptBefore: later() }), false)
  })

  check('a staged blob lies in a local file and is not part of the store', async (store) => {
    await using staged = await store.stage(Readable.from([Buffer.from('staged')]))

    assert.equal(await readFile(staged.path, 'utf8'), 'staged')
    assert.equal(staged.size, 6)
    assert.equal(await store.size(staged.digest), undefined)
    assert.deepEqual(await Array.fromAsync(store.list()), [])
  })

  check('a discarded blob is gone and cannot be kept', async (store) => {
    const staged = await store.stage(Readable.from([Buffer.from('unwanted')]))

    await staged.discard()
    await staged.discard()

    await assert.rejects(staged.keep())
    await assert.rejects(readFile(staged.path))
    assert.equal(await store.size(staged.digest), undefined)
  })

  check('discarding after keeping does nothing', async (store) => {
    await using staged = await store.stage(Readable.from([Buffer.from('wanted')]))

    await staged.keep()
    await staged.keep()
    await staged.discard()

    assert.equal(await store.size(staged.digest), 6)
  })

  check('the same bytes can be kept many times, also at once', async (store) => {
    const bytes = Buffer.from('the same')

    const digests = await Promise.all(Array.from({ length: 8 }, () => keep(store, bytes)))
    await keep(store, bytes)

    assert.deepEqual(await Array.fromAsync(store.list()), [digests[0]])
    assert.deepEqual(await read(store, digests[0]!), bytes)
    assert.equal(await store.clearStaging(-3_600_000), 0)
  })

  check('a failing source leaves nothing', async (store) => {
    for (const size of [10, 1_000_000]) {
      async function* broken() {
        yield Buffer.alloc(size)
        throw new Error('the client went away')
      }

      await assert.rejects(store.stage(broken()), /the client went away/)
    }
    const aborted = new Readable({ read() {} })
    aborted.push('half')
    setImmediate(() => aborted.destroy())
    await assert.rejects(store.stage(aborted))

    assert.equal(await store.clearStaging(-3_600_000), 0)
    assert.deepEqual(await Array.fromAsync(store.list()), [])
  })

  check(
    'a body over the limit is refused as soon as it is, and its source ended',
    async (store) => {
      let given = 0
      const endless = new Readable({
        read() {
          given += 10_000
          this.push(Buffer.alloc(10_000))
        },
      })

      await assert.rejects(store.stage(endless, { limit: 300_000 }), TooLarge)

      assert.ok(endless.destroyed)
      assert.ok(given < 1_000_000, `${given} bytes were read`)
      assert.equal(await store.clearStaging(-3_600_000), 0)
    },
  )

  check('a body of exactly the limit is taken', async (store) => {
    await using staged = await store.stage(Readable.from([Buffer.alloc(100)]), { limit: 100 })

    assert.equal(staged.size, 100)
  })

  check('further hashes see each chunk', async (store) => {
    const seen: Uint8Array[] = []
    const source = Readable.from([Buffer.from('one '), Buffer.from('two')])

    await using _ = await store.stage(source, { tap: (chunk) => seen.push(chunk) })

    assert.equal(Buffer.concat(seen).toString(), 'one two')
  })

  check('a local path, where there is one, holds the bytes', async (store) => {
    const digest = await keep(store, Buffer.from('local'))

    const path = await store.localPath(digest)

    if (path !== undefined) assert.equal(await readFile(path, 'utf8'), 'local')
  })

  check('all digests are listed in order', async (store) => {
    const digests: Sha256[] = []
    for (let i = 0; i < 40; i++) digests.push(await keep(store, Buffer.from(`blob ${i}`)))

    const listed = await Array.fromAsync(store.list())

    assert.deepEqual(listed, digests.toSorted())
    assert.ok(listed.every(isSha256))
  })

  check('a removed blob is gone, and can be kept again', async (store) => {
    const digest = await keep(store, Buffer.from('once'))

    assert.equal(await store.remove(digest), true)
    assert.equal(await store.open(digest), undefined)

    await keep(store, Buffer.from('once'))
    assert.equal((await read(store, digest)).toString(), 'once')
  })

  check('a reader that has begun can finish after the blob was removed', async (store) => {
    const bytes = Buffer.alloc(500_000, 'x')
    const digest = await keep(store, bytes)
    const opened = await store.open(digest)

    await store.remove(digest)

    assert.deepEqual(await buffer(opened!.stream), bytes)
  })

  check('a removal by age leaves what was kept, or kept again, since', async (store) => {
    const bytes = Buffer.from('young')
    const digest = await keep(store, bytes)
    const { keptAt } = (await store.stat(digest))!

    assert.equal(await store.remove(digest, { keptBefore: keptAt }), false)
    await keep(store, bytes)
    assert.ok((await store.stat(digest))!.keptAt >= keptAt)
    assert.equal((await read(store, digest)).toString(), 'young')
    assert.equal(await store.remove(digest, { keptBefore: later() }), true)
    assert.equal(await store.stat(digest), undefined)
    assert.equal(await store.clearStaging(-3_600_000), 0)
  })

  check(
    'a blob that is kept again while it is removed by age is there at the end',
    async (store) => {
      const bytes = Buffer.from('contested')
      const digest = await keep(store, bytes)

      for (let round = 0; round < 10; round++) {
        // File times lag behind the clock by up to a tick of the kernel.
        const keptBefore = (await store.stat(digest))!.keptAt + 10
        while (Date.now() < keptBefore + 10) await nextTurn()
        await Promise.all([keep(store, bytes), store.remove(digest, { keptBefore })])
        assert.ok(await store.stat(digest), `lost in round ${round}`)
      }
    },
  )

  check('what is no digest is refused, whatever is asked', async (store) => {
    const hostile = ['', '..', '../../../etc/passwd', `${'a'.repeat(63)}/`, 'A'.repeat(64), '\0']
    for (const text of hostile) {
      await assert.rejects(async () => store.open(text), TypeError)
      await assert.rejects(async () => store.size(text), TypeError)
      await assert.rejects(async () => store.stat(text), TypeError)
      await assert.rejects(async () => store.localPath(text), TypeError)
      await assert.rejects(async () => store.remove(text), TypeError)
    }
  })
}

async function keep(store: BlobStore, bytes: Uint8Array): Promise<Sha256> {
  await using staged = await store.stage(inPieces(bytes))
  await staged.keep()
  return staged.digest
}

async function read(store: BlobStore, digest: Sha256, range?: ByteRange): Promise<Buffer> {
  const opened = await store.open(digest, range)
  assert.ok(opened, `${digest} is here`)
  return buffer(opened.stream)
}

function* pieces(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
}

const inPieces = (bytes: Uint8Array): Readable => Readable.from(pieces(bytes))
