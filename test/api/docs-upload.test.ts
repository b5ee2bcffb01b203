/** Uploading documentation: a zip beside the files of a release (devpi-http 4.16, 5.6). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Json } from '../support/api.ts'
import { docsParts, makeDocs, sendDocs } from '../support/docs.ts'
import {
  fieldParts,
  findRelease,
  INDEX,
  listBlobs,
  listFiles,
  sendFile,
  sendRefused,
  urlOf,
} from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const docs = makeDocs()
const other = makeDocs({ 'more.html': 'more' })
const zipName = (version = '1.0') => `foo-${version}.doc.zip`
const withoutTime = (entry: Json) => ({ ...entry, when: undefined })
const urlOfDocs = ({ sha256 }: { sha256: string }, version?: string) =>
  urlOf({ sha256, filename: zipName(version) })

// devpi-http 12: 82
test('documentation is a link of its release, under a name of its own, and on no page for installers', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, makeWheel('foo', '1.0'))

  const reply = await sendDocs(api, docs)

  assert.deepEqual([reply.status, reply.reason, reply.text], [200, 'OK', ''])
  const { result } = await api.get(`/${INDEX}/foo/1.0`)
  const [, link] = result['+links']
  assert.equal(link.rel, 'doczip')
  assert.ok(link.href.endsWith(urlOfDocs(docs)), link.href)
  assert.equal(link.hash_spec, `sha256=${docs.sha256}`)
  assert.deepEqual(link.log.map(withoutTime), [
    { what: 'upload', who: 'ada', dst: INDEX, when: undefined },
  ])
  assert.equal(link.log[0].when.length, 6)

  const file = await api.get(urlOfDocs(docs), { accept: '*/*' })
  assert.deepEqual(file.bytes, docs.bytes)
  assert.equal(file.headers['content-type'], 'application/zip')
  assert.equal((await listFiles(api)).length, 1)
})

test('documentation makes a release known that was not, with what the form says of it', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  await sendDocs(api, docs, { name: 'Foo', version: '1.0+l.1', summary: 'short' })

  const { result } = await api.get(`/${INDEX}/foo/1.0+l.1`)
  assert.deepEqual([result.name, result.summary, result.author], ['Foo', 'short', ''])
  assert.ok(result['+links'][0].href.endsWith('/foo-1.0+l.1.doc.zip'), result['+links'][0].href)
  assert.deepEqual(await listFiles(api), [])
})

// devpi-http 12: 72
test('of a release that is known, documentation changes what its form has and leaves the rest', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, makeWheel('foo', '1.0'), { summary: 'old', author: 'Ada' })

  await sendDocs(api, docs, { summary: 'new' })

  const { summary, author } = (await findRelease(api))!
  assert.deepEqual([summary, author], ['new', 'Ada'])
})

// devpi-http 12: 81
test('without a version, documentation belongs to the latest release of the index itself', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await api.makeIndex('ada/top', { bases: [INDEX] })
  for (const version of ['1.0', '2.0rc1', 'legacy']) {
    await sendFile(api, INDEX, makeWheel('foo', version), { version, summary: 'kept' })
  }

  const reply = await sendDocs(api, docs, { version: undefined, summary: 'not taken' })
  const inherited = await sendRefused(api, 'ada/top', docsParts(docs, { version: undefined }))

  assert.equal(reply.status, 200)
  assert.equal((await api.get(urlOfDocs(docs, '2.0rc1'), { accept: '*/*' })).status, 200)
  assert.equal((await findRelease(api, 'foo', '2.0rc1'))!['summary'], 'kept')
  const reason = "doczip has no version and 'foo' has no releases to derive one from"
  assert.deepEqual([inherited.status, inherited.reason], [400, reason])
})

const invalid: [what: string, fields: Record<string, string | undefined>, reason: string][] = [
  ['an empty version', { version: '' }, 'Missing required field "version"'],
  ['no name', { name: undefined }, 'Missing required field "name"'],
  [
    'no name and no version',
    { name: undefined, version: undefined },
    'Missing required field "name"',
  ],
  [
    'a name that no project can have',
    { name: '-foo' },
    'Invalid package name. Names must start with an ASCII letter or digit',
  ],
  ['a version that is a path', { version: '../1' }, 'Invalid package name or version (URL safety)'],
]
// devpi-http 12: 65, 80
for (const [what, fields, reason] of invalid) {
  test(`documentation with ${what} is refused`, async () => {
    await using api = await startApi({ indexes: [INDEX] })

    const reply = await sendRefused(api, INDEX, docsParts(docs, fields))

    assert.deepEqual([reply.status, reply.reason], [400, `invalid metadata: ${reason}`])
  })
}

test('documentation needs its file, and who sends it the right to upload', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await api.makeUser('bob')
  const parts = docsParts(docs)
  const fields = fieldParts({ ':action': 'doc_upload', name: 'foo', version: '1.0', content: 'x' })

  const bare = await sendRefused(api, INDEX, fields)
  const stranger = await sendRefused(api, INDEX, parts, { as: 'bob' })
  const anonymous = await sendRefused(api, INDEX, parts, { login: { user: '', secret: '' } })

  assert.deepEqual([bare.status, bare.reason], [400, 'content file field not found'])
  assert.deepEqual([stranger.status, stranger.reason], [403, refuse('upload-forbidden').message])
  assert.equal(anonymous.status, 401)
})

// devpi-http 12: 75, 76
test('on a non-volatile index the same zip again succeeds, another is refused and changes nothing', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendDocs(api, docs)
  const { serial } = api

  const again = await sendDocs(api, docs)
  const refused = await sendRefused(api, INDEX, docsParts(other, { summary: 'new' }))

  assert.deepEqual(
    [again.status, again.reason],
    [200, 'Upload of identical file to non volatile index.'],
  )
  assert.equal(api.serial, serial)
  const { message } = refuse('file-exists', { filename: 'uploaded.zip' })
  assert.deepEqual([refused.status, refused.reason], [409, message])
})

// devpi-http 12: 73, 74
test('on a volatile index another zip takes the place of the first, and the log counts', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  const third = makeDocs({ 'third.html': '3' })

  for (const zip of [docs, other, third]) {
    assert.deepEqual((await sendDocs(api, zip)).reason, 'OK')
  }

  assert.equal((await api.get(urlOfDocs(docs))).status, 410)
  assert.equal((await api.get(urlOfDocs(third), { accept: '*/*' })).status, 200)
  const { result } = await api.get(`/${INDEX}/foo/1.0`)
  const [link, ...more] = result['+links']
  assert.deepEqual(more, [])
  assert.deepEqual(link.log.map(withoutTime), [
    { what: 'overwrite', who: null, count: 2, when: undefined },
    { what: 'upload', who: 'ada', dst: INDEX, when: undefined },
  ])
})

// devpi-http 12: 120
test('a release whose documentation was its last link goes with it', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  const wheel = makeWheel('foo', '1.0')
  await sendFile(api, INDEX, wheel)
  await sendDocs(api, docs)

  await api.del(urlOf(wheel), { as: 'ada' })
  const left = await api.get(`/${INDEX}/foo/1.0`)
  await api.del(urlOfDocs(docs), { as: 'ada' })

  assert.equal(left.result['+links'].length, 1)
  assert.equal((await api.get(`/${INDEX}/foo/1.0`)).status, 404)
  assert.equal((await api.get(urlOfDocs(docs))).status, 410)
})

test('an index with strict uploads takes no documentation', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { strict_uploads: true })

  const reply = await sendRefused(api, INDEX, docsParts(docs))

  assert.deepEqual(
    [reply.status, reply.reason],
    [410, refuse('upload-gone', { action: 'doc_upload' }).message],
  )
})

test('of eight zips at once one is kept, and of eight uploads of one zip one change is made', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const zips = Array.from({ length: 8 }, (_, n) => makeDocs({ 'n.html': `${n}` }))

  const replies = await Promise.all(zips.map((zip) => sendDocs(api, zip)))

  assert.equal(replies.filter(({ status }) => status === 200).length, 1)
  assert.equal(replies.filter(({ status }) => status === 409).length, 7)
  const kept = zips[replies.findIndex(({ status }) => status === 200)]!
  assert.equal((await api.get(urlOfDocs(kept), { accept: '*/*' })).status, 200)

  const { serial } = api
  const same = await Promise.all(zips.map(() => sendDocs(api, kept, { version: '2.0' })))
  assert.deepEqual([...new Set(same.map(({ status }) => status))], [200])
  assert.equal(api.serial, serial + 1)
  assert.ok((await listBlobs(api)).includes(kept.sha256))
})
