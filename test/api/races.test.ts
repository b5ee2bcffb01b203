/** Clients that want the same thing at the same time: one wins, the others hear why, and all fits together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keys } from '#registry/keys'
import { releaseOf } from '#registry/release-links'
import { startApi, type Api, type Reply } from '../support/api.ts'
import { INDEX, listFiles, sendFile, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const MANY = 8
const wheel = makeWheel('foo', '1.0')

const times = <T>(make: (at: number) => T): T[] => Array.from({ length: MANY }, (_, at) => make(at))

async function statuses(replies: readonly Promise<Reply>[]): Promise<number[]> {
  return (await Promise.all(replies)).map(({ status }) => status).sort(byNumber)
}

const byNumber = (a: number, b: number): number => a - b

const onlyOne = (won: number, lost: number): number[] =>
  [won, ...Array.from({ length: MANY - 1 }, () => lost)].sort(byNumber)

/** Every file of an index has its release, every release its project, and the index is there. */
async function assertFits(api: Api, index = INDEX): Promise<void> {
  await api.ledger.read(async (tx) => {
    const isThere = (await tx.get(keys.index(index))) !== undefined
    const projects = new Set(await tx.listNames(keys.projects(index)))
    const releases = new Set(await tx.listNames(keys.versionsOfIndex(index)))
    const files = await tx.list(keys.filesOfIndex(index))
    if (!isThere) assert.equal(projects.size + releases.size + files.length, 0)
    for (const release of releases) assert.ok(projects.has(release.split('/')[0] ?? ''))
    for (const { name, value } of files) {
      assert.ok(releases.has(`${name.split('/')[0]}/${releaseOf(value)}`))
    }
  })
}

test('of many who sign up under one name one gets it', async () => {
  await using api = await startApi()

  const all = times((at) => api.put('/bob', { json: { password: `password ${at}` } }))

  assert.deepEqual(await statuses(all), onlyOne(201, 409))
})

test('of many who make one index one does', async () => {
  await using api = await startApi()
  await api.makeUser('ada')

  const all = times((at) => api.put(`/${INDEX}`, { as: 'ada', json: { title: `${at}` } }))

  assert.deepEqual(await statuses(all), onlyOne(200, 409))
})

test('of many files of one name the first stays, on an index that is not volatile', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const wheels = times((at) => makeWheel('foo', '1.0', { extraFiles: { 'a.txt': `${at}` } }))

  const replies = await Promise.all(wheels.map((one) => sendFile(api, INDEX, one)))

  assert.deepEqual(replies.map(({ status }) => status).sort(byNumber), onlyOne(200, 409))
  const winner = wheels[replies.findIndex(({ status }) => status === 200)]!
  const [listed] = await listFiles(api)
  assert.equal(listed.hashes.sha256, winner.sha256)
  assert.deepEqual((await api.get(urlOf(winner), { accept: '*/*' })).bytes, winner.bytes)
})

test('the same file many times at once is there once, and nobody is refused', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const before = api.serial

  const all = times(() => sendFile(api, INDEX, wheel))

  assert.deepEqual(
    await statuses(all),
    times(() => 200),
  )
  assert.equal(api.serial, before + 1)
})

test('an upload to an index that is being deleted leaves nothing behind', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  const wheels = times((at) => makeWheel('foo', `1.${at}`))

  const uploads = wheels.map((one, at) => sendFile(api, INDEX, one, { version: `1.${at}` }))
  const deleted = api.del(`/${INDEX}`, { as: 'ada' })

  for (const { status } of await Promise.all(uploads)) assert.ok([200, 404].includes(status))
  assert.equal((await deleted).status, 201)
  await assertFits(api)
})

test('releases that are uploaded and deleted at once are whole or gone', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  await sendFile(api, INDEX, wheel)

  const work = times((at) => [
    sendFile(api, INDEX, makeWheel('foo', `1.${at}`), { version: `1.${at}` }),
    api.del(`/${INDEX}/foo`, { as: 'ada' }),
    api.del(`/${INDEX}/foo/1.${at}`, { as: 'ada' }),
    api.del(urlOf(wheel), { as: 'ada' }),
  ])

  for (const { status } of await Promise.all(work.flat())) {
    assert.ok([200, 404, 410].includes(status), `${status}`)
  }
  await assertFits(api)
})

test('a file is deleted by one, the others hear that it is gone', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  await sendFile(api, INDEX, wheel)

  const all = times(() => api.del(urlOf(wheel), { as: 'ada' }))

  assert.deepEqual(await statuses(all), onlyOne(200, 410))
})

test('what many add to one list is all there', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  const all = times((at) => api.patch(`/${INDEX}`, { as: 'ada', json: [`acl_upload+=user-${at}`] }))

  assert.deepEqual(
    await statuses(all),
    times(() => 200),
  )
  const { result } = await api.get(`/${INDEX}`)
  assert.deepEqual(new Set(result.acl_upload), new Set(['ada', ...times((at) => `user-${at}`)]))
  assert.equal(result.acl_upload.length, MANY + 1)
})

test('bases that are set in a circle at once do no harm', async () => {
  await using api = await startApi({ indexes: ['ada/one', 'ada/two', 'ada/three'] })
  await sendFile(api, 'ada/two', wheel)
  const link = (index: string, base: string) =>
    api.patch(`/ada/${index}`, { as: 'ada', json: { bases: [`ada/${base}`] } })

  const all = [link('one', 'two'), link('two', 'three'), link('three', 'one')]

  assert.deepEqual(await statuses(all), [200, 200, 200])
  for (const index of ['one', 'two', 'three']) {
    const [file] = await listFiles(api, `ada/${index}`)
    assert.equal(file.filename, wheel.filename)
  }
})

test('no index is left of a user who is deleted while it is made', async () => {
  await using api = await startApi()
  await api.makeUser('bob')

  const made = times((at) => api.put(`/bob/index-${at}`, { as: 'bob', json: {} }))
  const deleted = api.del('/bob', { as: 'root' })

  for (const { status } of await Promise.all(made)) assert.ok([200, 403, 404].includes(status))
  assert.equal((await deleted).status, 200)
  const left = await api.ledger.read((tx) => tx.listNames(keys.indexesOf('bob')))
  assert.deepEqual(left, [])
})

test('an index that is deleted and made again by many at once is there or not, and empty', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  await sendFile(api, INDEX, wheel)

  const work = times(() => [
    api.del(`/${INDEX}`, { as: 'ada' }),
    api.put(`/${INDEX}`, { as: 'ada', json: { volatile: true } }),
  ])

  for (const { status } of await Promise.all(work.flat())) {
    assert.ok([200, 201, 403, 409].includes(status), `${status}`)
  }
  await assertFits(api)
  const files = await api.ledger.read((tx) => tx.listNames(keys.filesOfIndex(INDEX)))
  assert.deepEqual(files, [])
})
