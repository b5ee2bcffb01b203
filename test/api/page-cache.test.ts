/** A page is kept, and is true all the same: whatever changes, the next request sees it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { body, byPath, startFakeUpstream } from '../support/fake-upstream.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const J = 'application/vnd.pypi.simple.v1+json'
const [one, two] = [makeWheel('foo', '1.0'), makeWheel('foo', '2.0')]

/** The versions on a page, or its status if there is none. Asked twice: the second answer is a kept one. */
async function versions(api: Api, index: string = INDEX): Promise<string[] | number> {
  const get = () => api.get(`/${index}/+simple/foo/`, { accept: J })
  const [first, second] = [await get(), await get()]
  assert.equal(second.text, first.text)
  return first.status === 200 ? first.json.versions : first.status
}

const edit = (api: Api, index: string, ...edits: string[]) =>
  api.patch(`/${index}`, { as: index.split('/')[0]!, json: edits })

test('an upload shows at once', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  const seen = [await versions(api)]
  await sendFile(api, INDEX, one)
  seen.push(await versions(api))
  await sendFile(api, INDEX, two, { version: '2.0' })
  seen.push(await versions(api))

  assert.deepEqual(seen, [404, ['1.0'], ['1.0', '2.0']])
})

test('an upload shows at once on every index that inherits it', async () => {
  await using api = await startApi({ indexes: ['ada/base', 'bob/base'] })
  await api.makeIndex('ada/middle', { bases: ['ada/base'] })
  await api.makeIndex(INDEX, { bases: ['ada/middle', 'bob/base'] })
  await versions(api)

  await sendFile(api, 'ada/base', one)
  const first = await versions(api)
  await sendFile(api, 'bob/base', two, { version: '2.0' })

  assert.deepEqual(first, ['1.0'])
  assert.deepEqual(await versions(api), ['1.0', '2.0'])
  assert.deepEqual(await versions(api, 'ada/middle'), ['1.0'])
})

test('of files of one name the nearest index counts, also when it comes last', async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex(INDEX, { bases: ['ada/base'] })
  const own = makeWheel('foo', '1.0', { content: 'own' })
  const hash = async () =>
    (await api.get(`/${INDEX}/+simple/foo/`, { accept: J })).json.files[0].hashes.sha256

  await sendFile(api, 'ada/base', one)
  const before = await hash()
  await sendFile(api, INDEX, own)

  assert.deepEqual([before, await hash()], [one.sha256, own.sha256])
})

test('a change of the bases shows at once, also far down', async () => {
  await using api = await startApi({ indexes: ['ada/base', 'ada/other'] })
  await api.makeIndex('ada/middle')
  await api.makeIndex(INDEX, { bases: ['ada/middle'] })
  await sendFile(api, 'ada/base', one)
  await sendFile(api, 'ada/other', two, { version: '2.0' })

  const seen = [await versions(api)]
  for (const change of ['bases=ada/base', 'bases=ada/other', 'bases+=ada/base', 'bases=']) {
    await edit(api, 'ada/middle', change)
    seen.push(await versions(api))
  }

  assert.deepEqual(seen, [404, ['1.0'], ['2.0'], ['1.0', '2.0'], 404])
})

test('an index that is removed and made anew takes its files with it', async () => {
  await using api = await startApi()
  await api.makeIndex('ada/base', { volatile: true })
  await api.makeIndex(INDEX, { bases: ['ada/base'] })
  await sendFile(api, 'ada/base', one)
  const remove = () => api.del('/ada/base', { as: 'ada' })

  const seen = [await versions(api)]
  await remove()
  seen.push(await versions(api))
  await api.makeIndex('ada/base', { volatile: true })
  seen.push(await versions(api))
  await sendFile(api, 'ada/base', two, { version: '2.0' })
  seen.push(await versions(api))
  await remove()
  await edit(api, INDEX, 'volatile=True')
  await api.del(`/${INDEX}`, { as: 'ada' })
  seen.push(await versions(api))

  assert.deepEqual(seen, [['1.0'], 404, 404, ['2.0'], 404])
})

test('a change of the whitelist shows at once', async () => {
  await using upstream = await startFakeUpstream(
    byPath({ '/simple/foo/': body(`<a href="/f/${two.filename}">${two.filename}</a>`) }),
  )
  await using api = await startApi()
  await api.makeIndex('ada/mirror', { type: 'mirror', mirror_url: upstream.url('/simple/') })
  await api.makeIndex(INDEX, { bases: ['ada/mirror'] })

  const seen = [await versions(api)]
  const asked = upstream.requests.length
  await sendFile(api, INDEX, one)
  seen.push(await versions(api))
  const askedOnce = upstream.requests.length
  for (const change of ['mirror_whitelist=foo', 'mirror_whitelist=bar', 'mirror_whitelist=*']) {
    await edit(api, INDEX, change)
    seen.push(await versions(api))
  }

  assert.deepEqual(seen, [['2.0'], ['1.0'], ['1.0', '2.0'], ['1.0'], ['1.0', '2.0']])
  assert.equal(askedOnce, asked)
})

test('a replaced file on a volatile index shows at once', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  const tag = async () => (await api.get(`/${INDEX}/+simple/foo/`, { accept: J })).headers.etag

  await sendFile(api, INDEX, one)
  const first = await tag()
  await sendFile(api, INDEX, makeWheel('foo', '1.0', { content: 'other' }))

  assert.notEqual(await tag(), first)
})

test('what does not concern a page leaves it as it is', async () => {
  await using api = await startApi({ indexes: [INDEX, 'ada/other'] })
  await sendFile(api, INDEX, one)
  const tag = async () => (await api.get(`/${INDEX}/+simple/foo/`, { accept: J })).headers.etag

  const first = await tag()
  await sendFile(api, INDEX, makeWheel('bar', '1.0'), { name: 'bar' })
  await sendFile(api, 'ada/other', two, { version: '2.0' })

  assert.equal(await tag(), first)
})

test('pages stay true while files come in and others read', async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex(INDEX, { bases: ['ada/base'] })
  const files = Array.from({ length: 30 }, (_, i) => makeWheel('foo', `1.${i}`))

  await Promise.all(
    files.map(async (file, i) => {
      const index = i % 2 === 0 ? INDEX : 'ada/base'
      const reply = await sendFile(api, index, file, { version: `1.${i}` })
      assert.equal(reply.status, 200)
      const seen = await api.get(`/${INDEX}/+simple/foo/`, { accept: J })
      assert.ok(seen.json.versions.includes(`1.${i}`))
    }),
  )

  assert.equal(((await versions(api)) as string[]).length, 30)
})
