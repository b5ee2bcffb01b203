/** Files that are asked for again and again: out of memory, and only where their links say so. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { INDEX, sendFile, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')
const url = urlOf(wheel)

async function startWarm(): Promise<Api> {
  const api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  assert.equal((await sendFile(api, INDEX, wheel, {})).status, 200)
  for (const path of [url, `${url}.metadata`]) {
    assert.equal((await api.get(path, { accept: '*/*' })).status, 200)
  }
  return api
}

const statuses = async (api: Api): Promise<number[]> => {
  const replies = [
    await api.get(url, { accept: '*/*' }),
    await api.get(url, { accept: '*/*', headers: { range: 'bytes=0-3' } }),
    await api.ask('HEAD', url, { accept: '*/*' }),
    await api.get(`${url}.metadata`, { accept: '*/*' }),
  ]
  return replies.map(({ status }) => status)
}

test('a small file that was sent lately needs no disk', async () => {
  await using api = await startWarm()
  const file = await api.app.store.blobs.localPath(wheel.sha256)
  const before = await api.get(url, { accept: '*/*' })

  await rm(file ?? '')

  const after = await api.get(url, { accept: '*/*' })
  assert.deepEqual(after.bytes, before.bytes)
  const names = ['content-type', 'content-length', 'etag', 'last-modified', 'cache-control']
  for (const name of names) assert.equal(after.headers[name], before.headers[name])
  assert.deepEqual(await statuses(api), [200, 206, 200, 200])
})

test('a file that is removed is gone at once, though it is in memory', async () => {
  await using api = await startWarm()

  assert.equal((await api.del(url, { as: 'ada' })).status, 200)
  assert.deepEqual(await statuses(api), [410, 410, 410, 410])

  assert.equal((await sendFile(api, INDEX, wheel, {})).status, 200)
  assert.deepEqual(await statuses(api), [200, 206, 200, 200])
})

test('what others may no longer read they no longer get', async () => {
  await using api = await startWarm()

  assert.equal((await api.patch(INDEX, { as: 'ada', json: ['acl_read=ada'] })).status, 200)
  assert.deepEqual(await statuses(api), [404, 404, 404, 404])

  assert.equal((await api.get(url, { accept: '*/*', as: 'ada' })).status, 200)
})

test('a file of an index that is removed is gone with it', async () => {
  await using api = await startWarm()

  assert.equal((await api.del(INDEX, { as: 'ada' })).status, 201)

  assert.deepEqual(await statuses(api), [410, 410, 410, 410])
})
