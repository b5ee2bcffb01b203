/** Search over all indexes, as programs ask for it. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { rebuildSearch } from '#app-search'
import { startApi, type Api, type Json } from '../support/api.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { fieldParts, INDEX, plainFields, sendFile, sendParts } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

async function register(
  api: Api,
  fields: Readonly<Record<string, string | readonly string[]>>,
  index: string = INDEX,
): Promise<void> {
  const all = { ':action': 'submit', version: '1.0', ...fields }
  const { status } = await sendParts(api, index, fieldParts(plainFields(all)))
  assert.equal(status, 200)
}

async function search(api: Api, query: string, page?: number): Promise<Json> {
  await api.app.search.caughtUp()
  const { status, json } = await api.get(
    `/+search?query=${encodeURIComponent(query)}${page === undefined ? '' : `&page=${page}`}`,
  )
  assert.equal(status, 200)
  assert.equal(json.type, 'search_result')
  return json.result
}

/** `TITLE: TYPE TITLE, …` of each project. */
const lines = (result: Json): string[] =>
  result.items.map((item: Json) => {
    const hits = item.sub_hits.map((hit: Json) => `${hit.data.type} ${hit.title}`)
    return hits.length === 0 ? item.title : `${item.title}: ${hits.join(', ')}`
  })

const titles = (result: Json): string[] => result.items.map(({ title }: Json) => title)

test('a project is found by its name, its texts and its documentation', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await register(api, {
    name: 'Big_Boat',
    summary: 'Floats on water',
    description: 'A vessel with sails and ropes.',
    author: 'Ada Lovelace',
    keywords: 'ship,yacht',
    classifiers: ['Framework :: Django'],
  })
  const page = '<html><title>How to moor</title><body>Throw the <b>an</b>chor overboard.</body>'
  await sendDocs(api, makeDocs({ 'moor.html': page }), { name: 'Big_Boat' })

  assert.deepEqual(lines(await search(api, 'boat')), ['Big_Boat-1.0'])
  assert.deepEqual(lines(await search(api, 'oa')), [
    'Big_Boat-1.0: summary Summary, page How to moor',
  ])
  assert.deepEqual(lines(await search(api, 'sails')), ['Big_Boat-1.0: description Description'])
  assert.deepEqual(lines(await search(api, 'yacht')), ['Big_Boat-1.0: keywords Keywords'])
  assert.deepEqual(lines(await search(api, 'lovelace')), ['Big_Boat-1.0: author Author'])
  assert.deepEqual(lines(await search(api, 'anchor')), ['Big_Boat-1.0: page How to moor'])
  assert.deepEqual(titles(await search(api, 'classifiers:django')), ['Big_Boat-1.0'])
  assert.deepEqual(titles(await search(api, "classifiers:'Framework :: Django'")), ['Big_Boat-1.0'])
  assert.deepEqual(titles(await search(api, 'nothing')), [])
})

test('a hit tells where it leads, and what was found in it', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await register(api, { name: 'boat', summary: 'It floats on water' })
  const page = '<html><title>Mooring</title><body>Throw the anchor.</body>'
  await sendDocs(api, makeDocs({ 'a/moor.html': page }), { name: 'boat' })

  const { items } = await search(api, 'water OR anchor')
  const [item] = items
  const [summary, moor] = item.sub_hits

  assert.equal(new URL(item.url).pathname, `/${INDEX}/boat/1.0`)
  assert.deepEqual(
    [summary.data.type, new URL(summary.url).pathname, new URL(summary.url).hash],
    ['summary', `/${INDEX}/boat/1.0`, '#summary'],
  )
  assert.deepEqual(summary.highlight, [
    { text: 'It floats on ', match: false },
    { text: 'water', match: true },
  ])
  assert.equal(new URL(moor.url).pathname, `/${INDEX}/boat/1.0/+d/a/moor.html`)
})

test('what is removed is found no longer, and the latest version counts', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  await register(api, { name: 'boat', summary: 'wooden' })
  await register(api, { name: 'boat', version: '2.0', summary: 'steel' })
  await register(api, { name: 'raft', summary: 'wooden' })

  assert.deepEqual(titles(await search(api, 'wooden')), ['raft-1.0'])
  assert.deepEqual(titles(await search(api, 'steel')), ['boat-2.0'])
  await api.del(`/${INDEX}/boat/2.0`, { as: 'ada' })
  assert.deepEqual(titles(await search(api, 'wooden name:boat')), ['boat-1.0'])
  await api.del(`/${INDEX}/boat`, { as: 'ada' })
  assert.deepEqual(titles(await search(api, 'wooden')), ['raft-1.0'])
  await api.del(`/${INDEX}`, { as: 'ada' })
  assert.deepEqual(titles(await search(api, 'wooden')), [])
})

test('files are found by their names, and a mirror’s projects by the names upstream lists', async () => {
  const file = (filename: string) => ({ filename, bytes: Buffer.from(filename) })
  await using upstream = await startStaticIndex(['oar-2.0.tar.gz', 'boat-1.0.tar.gz'].map(file))
  await using api = await startApi({ indexes: [INDEX] })
  await api.makeIndex('ada/up', {
    type: 'mirror',
    mirror_url: upstream.url('simple/'),
    volatile: true,
  })
  assert.equal(
    (await sendFile(api, INDEX, makeWheel('canoe', '1.0'), { name: 'canoe' })).reason,
    'OK',
  )
  await api.get('/ada/up/+simple/', { accept: 'text/html' })

  assert.deepEqual(lines(await search(api, 'py3-none')), ['canoe-1.0: file Files'])
  assert.deepEqual(titles(await search(api, 'oa')), ['oar', 'boat'])
  await api.get('/ada/up/+simple/oar/', { accept: 'text/html' })
  assert.deepEqual(titles(await search(api, 'oar')), ['oar-2.0'])
  await api.del('/ada/up', { as: 'ada' })
  assert.deepEqual(titles(await search(api, 'oar')), [])
})

test('a project that is here stands before the many that only upstream has, be their names nearer', async () => {
  const names = ['request', ...Array.from('abcdefghijkl', (letter) => `request-${letter}`)]
  const files = names.map((name) => ({ filename: `${name}-1.0.tar.gz`, bytes: Buffer.from(name) }))
  await using upstream = await startStaticIndex(files)
  await using api = await startApi({ indexes: [INDEX] })
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await register(api, { name: 'requests' })
  await api.get('/ada/up/+simple/', { accept: 'text/html' })

  const found = titles(await search(api, 'request'))
  assert.deepEqual(found.slice(0, 3), ['request', 'requests-1.0', 'request-a'])
})

test('ten projects stand on a page, and a page beyond the end is the last', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  for (let at = 0; at < 23; at++) await register(api, { name: `boat-${at}` })

  const first = await search(api, 'boat')
  const beyond = await search(api, 'boat', 99)
  const odd = await search(api, 'boat', -3)

  assert.deepEqual(first.info, {
    ...{ found: 23, total: 23, pagecount: 3, pagenum: 1, is_limited: false },
  })
  assert.equal(first.items.length, 10)
  assert.deepEqual([beyond.info.pagenum, beyond.items.length], [3, 3])
  assert.equal(odd.info.pagenum, 1)
})

test('of many hits of a project four are shown, and a query leads to the rest', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const pages = Array.from({ length: 7 }, (_, at) => [
    `p${at}.html`,
    `<html><title>Page ${at}</title><body>A boat</body>`,
  ])
  await sendDocs(api, makeDocs(Object.fromEntries(pages)), { name: 'raft' })

  const { items } = await search(api, 'boat')
  const more = new URL(items[0].more_url).searchParams.get('query') ?? ''
  const rest = await search(api, more)

  assert.deepEqual([items[0].sub_hits.length, items[0].more], [4, 3])
  assert.deepEqual([rest.items[0].sub_hits.length, rest.items[0].more], [7, 0])
})

test('a mistyped name is answered with those that are near, and a name can be begun', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  for (const name of ['requests', 'requests-toolbelt', 'numpy', 'question'])
    await register(api, { name })

  const suggest = async (typed: string) => {
    const { json } = await api.get(`/+search/suggest?q=${encodeURIComponent(typed)}`)
    return json.result.map(({ project }: Json) => project)
  }

  assert.deepEqual((await search(api, 'reqeusts')).did_you_mean, ['requests'])
  assert.deepEqual((await search(api, 'nunpy')).did_you_mean, ['numpy'])
  assert.deepEqual(await suggest('req'), ['requests', 'requests-toolbelt'])
  assert.deepEqual(await suggest('requests tool'), ['requests-toolbelt'])
  assert.deepEqual(await suggest('ques'), ['question', 'requests', 'requests-toolbelt'])
  assert.deepEqual(await suggest('"*('), [])
})

test('the index may be taken away while the server runs, and after a restart it goes on', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await register(api, { name: 'boat' })
  assert.deepEqual(titles(await search(api, 'boat')), ['boat-1.0'])

  const file = api.folder.join('local', 'search.sqlite')
  for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true })
  assert.deepEqual(titles(await search(api, 'boat')), ['boat-1.0'])
  await api.restart()
  await register(api, { name: 'boats' })
  assert.deepEqual(titles(await search(api, 'boat')), ['boat-1.0', 'boats-1.0'])
})

test('of two servers on one data folder one writes the index, and both find', async () => {
  await using one = await startApi({ indexes: [INDEX] })
  await register(one, { name: 'boat' })
  assert.deepEqual(titles(await search(one, 'boat')), ['boat-1.0'])
  await using two = await startApi({ config: { dir: one.folder.path } })

  await register(one, { name: 'boats' })
  assert.deepEqual(titles(await search(two, 'boat')), ['boat-1.0', 'boats-1.0'])
  await register(one, { name: 'raft' })
  await one.app.search.close()
  assert.deepEqual(titles(await search(two, 'raft')), ['raft-1.0'])
})

test('everything is read anew while the server answers', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await register(api, { name: 'boat' })
  await search(api, 'boat')

  const failed: unknown[] = []
  const rebuilding = rebuildSearch(api.folder.path, (failure) => failed.push(failure))
  assert.deepEqual(titles(await search(api, 'boat')), ['boat-1.0'])

  assert.equal(await rebuilding, 0)
  assert.deepEqual(failed, [])
  assert.deepEqual(titles(await search(api, 'boat')), ['boat-1.0'])
})

test('status and metrics tell what is not searchable yet, by the names tools know', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const metrics = async () => (await api.get('/+status')).result.metrics
  const expected = (waiting: number) => [
    ['devpi_web_whoosh_index_queue_size', 'gauge', waiting],
    ['devpi_web_whoosh_index_error_queue_size', 'gauge', 0],
  ]
  await api.app.search.caughtUp()
  await register(api, { name: 'boat' })
  await api.app.search.caughtUp()

  assert.equal((await metrics())[0][2] <= 1, true)
  const { text } = await api.get('/+metrics', { accept: '' })
  assert.match(text, /^wheelyard_search_failed_projects 0$/m)
  assert.deepEqual((await metrics()).length, expected(0).length)
  const status = await api.app.search.status()
  assert.deepEqual(status, {
    ...{ serial: api.serial, waiting: 0, failed: 0, isRebuilding: false },
    ...{ projects: 1, documents: 0 },
  })
})

test('of an index that the asker may not read nothing is told, not even a count', async () => {
  await using api = await startApi({ indexes: ['ada/open', 'ada/closed'] })
  await register(api, { name: 'boat', summary: 'floats' }, 'ada/open')
  await register(api, { name: 'boatswain', summary: 'floats too' }, 'ada/closed')
  const { search: index } = api.app
  await index.caughtUp()
  const mayRead = (name: string) => name === 'ada/open'

  const found = await index.query({ text: 'floats OR boatswain', mayRead })
  const queries = ['user:ada', 'NOT nothing', 'index:closed', 'path:/ada/closed', 'name:boats*']
  const all = await Promise.all(queries.map((text) => index.query({ text, mayRead })))

  assert.deepEqual([found.total, found.found, found.items[0]?.project], [1, 1, 'boat'])
  for (const { items } of all) {
    assert.deepEqual(
      items.filter((item) => item.index === 'ada/closed'),
      [],
    )
  }
  assert.deepEqual(
    all.map(({ total }) => total),
    [1, 1, 0, 0, 0],
  )
  assert.deepEqual((await index.query({ text: 'boatswian', mayRead })).didYouMean, [])
  assert.deepEqual((await index.query({ text: 'boatswian' })).didYouMean, ['boatswain'])
  assert.deepEqual(
    (await index.suggest({ text: 'boa', mayRead })).map(({ project }) => project),
    ['boat'],
  )
  assert.equal((await index.query({ text: 'floats', mayRead: () => false })).total, 0)
})
