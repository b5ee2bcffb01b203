/** Pages out of the zips in the blob store. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { DocsPages } from '#registry/docs-pages'
import type { Sha256 } from '#blobs/blob-store'
import { startApi, type Api } from '../support/api.ts'
import { makeDocs } from '../support/docs.ts'

const long = 'long '.repeat(500_000)
const docs = makeDocs({ 'long.html': long })

async function keep(api: Api): Promise<Sha256> {
  const staged = await api.app.store.blobs.stage(Readable.from([docs.bytes]))
  await staged.keep()
  return staged.digest
}

test('the directory of a zip is read once, however many ask for its pages', async () => {
  await using api = await startApi()
  const { blobs } = api.app.store
  const digest = await keep(api)
  const pages = new DocsPages(blobs)

  const lists = await Promise.all(Array.from({ length: 50 }, () => pages.list(digest)))
  await blobs.remove(digest)

  assert.equal(new Set(lists).size, 1)
  assert.equal(await pages.list(digest), lists[0])
})

test('a page, and a part of it', async () => {
  await using api = await startApi()
  const { blobs } = api.app.store
  const digest = await keep(api)
  const pages = new DocsPages(blobs)
  const page = (await pages.list(digest)).get('long.html')!

  assert.equal(await text(await pages.open(digest, page)), long)
  assert.equal(await text(await pages.open(digest, page, { start: 1, end: 7 })), 'ong lon')
  const { size } = page
  const last = await pages.open(digest, page, { start: size - 2, end: size - 1 })
  assert.equal(await text(last), 'g ')
})

test('who goes away before the end leaves no file open', async () => {
  await using api = await startApi()
  const { blobs } = api.app.store
  const digest = await keep(api)
  const pages = new DocsPages(blobs)
  const page = (await pages.list(digest)).get('long.html')!

  const unread = await pages.open(digest, page)
  unread.destroy()
  const begun = await pages.open(digest, page)
  await once(begun, 'readable')
  begun.destroy()

  for (let turn = 0; turn < 1000 && (await isOpen(digest)); turn++) await setImmediate()
  assert.equal(await isOpen(digest), false)
})

async function isOpen(digest: Sha256): Promise<boolean> {
  const names = await readdir('/proc/self/fd')
  const paths = await Promise.all(
    names.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return paths.some((path) => path.endsWith(digest))
}
