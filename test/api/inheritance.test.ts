/** What an index shows of its bases (devpi-http 5.1, 5.2, 5.8; rows 97 to 112 of its checklist). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { addFile, addProject } from '../support/domain.ts'
import { startStaticIndex, type StaticFile } from '../support/static-index.ts'

const SIMPLE_JSON = 'application/vnd.pypi.simple.v1+json'
const sdist = (filename: string): StaticFile => ({ filename, bytes: Buffer.from(filename) })

/** The file names on a project's page, or the status where there is none. */
async function files(api: Api, index: string, project: string): Promise<string[] | number> {
  const reply = await api.get(`/${index}/+simple/${project}/`, { accept: SIMPLE_JSON })
  if (reply.status !== 200) return reply.status
  return reply.json.files.map(({ filename }: { filename: string }) => filename)
}

// devpi-http 12: 105
test('files come from the index first, then from its bases in their order, level by level', async () => {
  await using api = await startApi({ indexes: ['ada/deep', 'ada/right'] })
  await api.makeIndex('ada/left', { bases: 'ada/deep' })
  await api.makeIndex('ada/top', { bases: 'ada/left,ada/right' })
  await addFile(api.ledger, 'ada/deep', 'anchor-1.0.tar.gz')
  await addFile(api.ledger, 'ada/right', 'anchor-2.0.tar.gz')
  await addFile(api.ledger, 'ada/left', 'anchor-3.0.tar.gz')
  await addFile(api.ledger, 'ada/top', 'anchor-4.0.tar.gz')

  assert.deepEqual(await files(api, 'ada/top', 'anchor'), [
    'anchor-4.0.tar.gz',
    'anchor-3.0.tar.gz',
    'anchor-2.0.tar.gz',
    'anchor-1.0.tar.gz',
  ])
})

// devpi-http 12: 104
test('of files with one name the first index wins', async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/dev', { bases: 'ada/base' })
  await addFile(api.ledger, 'ada/base', 'anchor-1.0.tar.gz')
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')

  const page = await api.get('/ada/dev/+simple/anchor/', { accept: 'text/html' })

  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), ['anchor-1.0.tar.gz'])
  assert.match(page.text, /href="\.\.\/\.\.\/\+f\//)
  assert.doesNotMatch(page.text, /\/base\/\+f\//)
})

test('a cycle of bases, and a base twice or of itself, does no harm', async () => {
  await using api = await startApi({ indexes: ['ada/a', 'ada/b'] })
  await api.patch('/ada/a', { as: 'ada', json: { bases: ['ada/b', 'ada/a', 'ada/b'] } })
  await api.patch('/ada/b', { as: 'ada', json: { bases: ['ada/a'] } })
  await addFile(api.ledger, 'ada/b', 'anchor-1.0.tar.gz')

  assert.deepEqual(await files(api, 'ada/a', 'anchor'), ['anchor-1.0.tar.gz'])
})

// devpi-http 12: 106
test('a base that was removed is passed over', async () => {
  await using api = await startApi()
  await api.makeIndex('ada/base', { volatile: true })
  await api.makeIndex('ada/dev', { bases: 'ada/base' })
  await addFile(api.ledger, 'ada/base', 'anchor-1.0.tar.gz')
  await addFile(api.ledger, 'ada/dev', 'anchor-2.0.tar.gz')

  assert.equal((await api.del('/ada/base', { as: 'ada' })).status, 201)

  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), ['anchor-2.0.tar.gz'])
  assert.equal((await api.get('/ada/dev/+simple/', { accept: 'text/html' })).status, 200)
})

// devpi-http 12: 97
test('a project that nobody has is not found; one that is only registered has no files', async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/dev', { bases: 'ada/base' })
  await addProject(api.ledger, 'ada/base', 'mast')

  assert.equal(await files(api, 'ada/dev', 'anchor'), 404)
  assert.deepEqual(await files(api, 'ada/dev', 'mast'), [])
})

// devpi-http 12: 107, 108, 109
test('an own project hides those of mirrors, which are not even asked', async () => {
  await using upstream = await startStaticIndex([
    sdist('anchor-9.0.tar.gz'),
    sdist('mast-9.0.tar.gz'),
  ])
  await using api = await startApi()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex('ada/base', { bases: 'ada/up' })
  await api.makeIndex('ada/dev', { bases: 'ada/base' })
  await addProject(api.ledger, 'ada/base', 'anchor')

  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), [])
  assert.deepEqual(await files(api, 'ada/dev', 'mast'), ['mast-9.0.tar.gz'])
  assert.deepEqual(upstream.requestsTo('/simple/anchor/'), [])
  assert.deepEqual(await files(api, 'ada/up', 'anchor'), ['anchor-9.0.tar.gz'])
})

// devpi-http 12: 110, 111, 112
test('the whitelist of the index that is asked lets mirrors add; that of a base only with "union"', async () => {
  await using upstream = await startStaticIndex([
    sdist('anchor-9.0.tar.gz'),
    sdist('mast-9.0.tar.gz'),
  ])
  await using api = await startApi()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex('ada/base', { bases: 'ada/up', mirror_whitelist: 'anchor' })
  await api.makeIndex('ada/dev', { bases: 'ada/base' })
  await addFile(api.ledger, 'ada/base', 'anchor-1.0.tar.gz')
  const set = (...edits: string[]) => api.patch('/ada/dev', { as: 'ada', json: edits })
  const own = ['anchor-1.0.tar.gz']
  const both = [...own, 'anchor-9.0.tar.gz']

  assert.deepEqual(await files(api, 'ada/base', 'anchor'), both)
  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), own)
  await set('mirror_whitelist_inheritance=union')
  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), both)
  await set('mirror_whitelist_inheritance=intersection')
  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), own)
  await set('mirror_whitelist=Anchor')
  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), both)
  await set('mirror_whitelist=mast')
  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), own)
  await set('mirror_whitelist=*')
  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), both)
})

// devpi-http 12: 105
test('mirrors come after all stages, also one that is listed first', async () => {
  await using upstream = await startStaticIndex([
    sdist('anchor-9.0.tar.gz'),
    sdist('anchor-1.0.tar.gz'),
  ])
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex('ada/dev', { bases: 'ada/up,ada/base', mirror_whitelist: '*' })
  await addFile(api.ledger, 'ada/base', 'anchor-1.0.tar.gz')

  const page = await api.get('/ada/dev/+simple/anchor/', { accept: SIMPLE_JSON })

  const where = page.json.files.map(({ url }: { url: string }) => /(\w+)\/\+[ef]\//.exec(url)?.[1])
  assert.deepEqual(where, ['base', 'up'])
})

test('a base that fails upstream leaves the rest as it is', async () => {
  await using api = await startApi()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' })
  await api.makeIndex('ada/dev', { bases: 'ada/up', mirror_whitelist: '*' })
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')

  assert.deepEqual(await files(api, 'ada/dev', 'anchor'), ['anchor-1.0.tar.gz'])
})
