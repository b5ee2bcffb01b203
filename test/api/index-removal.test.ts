/** Removing indexes that hold much: gone at once, without holding others up, and wholly. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keys } from '#registry/keys'
import { finishRemovals, removeIndexes } from '#registry/index-removal'
import { startApi, type Api } from '../support/api.ts'
import { INDEX, sendFile, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const MANY = 2500
const wheel = makeWheel('foo', '1.0')

/** An index with one real file and many that only names matter of. */
async function startFull(): Promise<Api> {
  const api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  await sendFile(api, INDEX, wheel)
  const hashes = { sha256: '0'.repeat(64) }
  await api.ledger.write('test', async (tx) => {
    for (let i = 0; i < MANY; i++) {
      const file = { hashes, version: `2.${i}`, addedAt: 0 }
      tx.set(keys.file(INDEX, 'foo', `foo-2.${i}.tar.gz`), file)
    }
  })
  return api
}

const left = (api: Api): Promise<number> =>
  api.ledger.read(async (tx) => {
    const ranges = [keys.filesOfIndex(INDEX), keys.versionsOfIndex(INDEX), keys.projects(INDEX)]
    const names = await Promise.all(ranges.map((range) => tx.listNames<unknown>(range)))
    return names.flat().length + (await tx.listNames(keys.removals())).length
  })

// devpi-http 12: 115
test('a removed index leaves nothing, and its files are gone', async () => {
  await using api = await startFull()
  const before = api.serial

  const reply = await api.del(`/${INDEX}`, { as: 'ada' })

  assert.deepEqual([reply.status, reply.message], [201, `index ${INDEX} deleted`])
  assert.equal(await left(api), 0)
  assert.ok(api.serial > before + 1, 'in several changes, so that others get to write in between')
  assert.equal((await api.get(urlOf(wheel))).status, 410)
  assert.equal((await api.get(`/${INDEX}`)).status, 404)
})

test('a small index is removed by one change', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  await sendFile(api, INDEX, wheel)
  const before = api.serial

  await api.del(`/${INDEX}`, { as: 'ada' })

  assert.equal(api.serial, before + 1)
})

test('an index is gone for everybody while what it held is still being removed', async () => {
  await using api = await startFull()
  await api.makeIndex('ada/top', { bases: [INDEX] })

  await api.ledger.write('test', (tx) => removeIndexes(tx, [INDEX]))

  assert.ok((await left(api)) > 1)
  assert.equal((await api.get(`/${INDEX}`)).status, 404)
  assert.equal((await api.get(urlOf(wheel))).status, 410)
  assert.equal((await api.get(`/${INDEX}/+simple/foo/`, { accept: 'text/html' })).status, 404)
  assert.equal((await api.get('/ada/top/+simple/foo/', { accept: 'text/html' })).status, 404)
})

test('an index that is made anew has nothing of the one before', async () => {
  await using api = await startFull()
  await api.ledger.write('test', (tx) => removeIndexes(tx, [INDEX]))

  const made = await api.put(`/${INDEX}`, { as: 'ada', json: {} })

  assert.equal(made.status, 200)
  assert.deepEqual((await api.get(`/${INDEX}`)).result.projects, [])
  assert.equal(await left(api), 0)
})

test('a removal that was broken off is finished at the next start', async () => {
  await using api = await startFull()
  await api.ledger.write('test', (tx) => removeIndexes(tx, [INDEX]))

  await finishRemovals(api.ledger)

  assert.equal(await left(api), 0)
})

test('a user goes with all indexes, however much they hold', async () => {
  await using api = await startFull()
  await api.put('/ada/other', { as: 'ada', json: {} })
  await sendFile(api, 'ada/other', wheel)

  assert.equal((await api.del('/ada', { as: 'root' })).status, 200)

  assert.equal(await left(api), 0)
  assert.equal((await api.get(urlOf(wheel, 'ada/other'))).status, 410)
})
