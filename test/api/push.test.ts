/** Pushing a release from one index to another (devpi-http 4.17). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '#base/digest'
import { refuse } from '#base/refusal'
import type { Json } from '../support/api.ts'
import { addExtras, pathOf, pushFoo, sdist, sendRelease, SOURCE } from '../support/push.ts'
import { docsZip, startIndexes, TARGET, toxJson, wheel } from '../support/push.ts'
import { sendToxresult, toxResult } from '../support/toxresults.ts'
import { listFiles, sendFile, stateOf, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

// devpi-http 12: 124, 125
test('a push tells what it did, the registration first, then each file with its results', async () => {
  await using api = await startIndexes()
  await sendRelease(api)
  await addExtras(api)
  const { serial } = api

  const { status, json } = await pushFoo(api)

  assert.equal(status, 200)
  assert.equal(json.type, 'actionlog')
  const [, , tox] = json.result
  assert.ok(tox[2].startsWith(`${pathOf(wheel)}.toxresult-`))
  assert.deepEqual(json.result, [
    [200, 'register', 'foo', '1.0', '->', TARGET],
    [200, 'store_releasefile', pathOf(wheel)],
    [200, 'store_toxresult', tox[2]],
    [200, 'store_releasefile', pathOf(sdist)],
    [200, 'store_doczip', 'foo', '1.0', '->', TARGET],
  ])
  assert.equal(api.serial, serial + 1)
})

// devpi-http 12: 126
test('a push takes metadata, files, documentation, test results and logs along', async () => {
  await using api = await startIndexes()
  await sendRelease(api)
  await addExtras(api)
  const before = await api.get(urlOf(wheel), { accept: '*/*' })
  await pushFoo(api)

  const { result } = await api.get(`/${TARGET}/foo/1.0`)
  const links: Json[] = result['+links']
  const rel = (name: string): Json => links.find((link) => link.rel === name)

  assert.deepEqual([result.summary, result.classifiers], ['All of it', ['A', 'B']])
  assert.equal(links.length, 4)
  const logs = links.map(({ log }) => log.map(({ what }: Json) => what).join(' '))
  assert.deepEqual(logs, ['upload push', 'upload push', 'upload push', 'overwrite upload push'])
  const [, last] = links[0].log
  assert.deepEqual([last.who, last.src, last.dst, last.when.length], ['ada', SOURCE, TARGET, 6])
  const bytesOf = async (href: string) =>
    (await api.get(new URL(href).pathname, { accept: '*/*' })).bytes
  assert.deepEqual(await bytesOf(rel('doczip').href), docsZip)
  assert.deepEqual(await bytesOf(rel('toxresult').href), toxJson)
  assert.equal(rel('toxresult').for_href, links.find(({ href }) => href.endsWith('.whl')).href)
  const after = await api.get(`/${pathOf(wheel)}`, { accept: '*/*' })
  assert.deepEqual(after.bytes, wheel.bytes)
  assert.equal(after.headers['last-modified'], before.headers['last-modified'])
  const [file] = await listFiles(api, TARGET)
  const [original] = await listFiles(api, SOURCE)
  assert.deepEqual({ ...file, url: '' }, { ...original, url: '' })
})

test('POST pushes as PUSH does, under any content type', async () => {
  await using api = await startIndexes({ volatile: true })
  await sendRelease(api)
  const body = JSON.stringify({ name: 'Foo', version: '1.0', targetindex: TARGET })

  for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain', '']) {
    const headers = { 'content-type': type }
    for (const slash of ['', '/']) {
      const reply = await api.post(`/${SOURCE}${slash}`, { as: 'ada', headers, body })
      assert.equal(reply.status, 200, type)
      assert.deepEqual(reply.result[0], [200, 'register', 'Foo', '1.0', '->', TARGET])
    }
  }
})

// devpi-http 12: 127
test('who may not upload to the target is refused with 401 in JSON, without a challenge', async () => {
  await using api = await startIndexes({ acl_upload: ['bob'] })
  await sendRelease(api)
  const before = await stateOf(api)

  for (const [user, options] of [
    ['ada', { as: 'ada' }],
    ['root', { as: 'root' }],
    [undefined, { as: undefined as never }],
  ] as const) {
    const reply = await pushFoo(api, {}, { ...options, accept: '*/*' })
    const { message } = refuse('push-forbidden', { user, index: TARGET })
    assert.deepEqual([reply.status, reply.message], [401, message])
    assert.equal(reply.headers['www-authenticate'], undefined)
    assert.equal(reply.headers.location, undefined)
  }
  assert.deepEqual(await stateOf(api), before)
})

// devpi-http 12: 128
test('only what the index itself has is pushed, not what it inherits', async () => {
  await using api = await startIndexes()
  await api.makeIndex('ada/top', { bases: [SOURCE] })
  await sendRelease(api)

  const push = (index: string, json: object) => api.ask('PUSH', `/${index}`, { as: 'ada', json })
  const body = { name: 'foo', version: '1.0', targetindex: TARGET }
  const inherited = await push('ada/top', body)
  const unknown = await push(SOURCE, { ...body, version: '2.0' })

  const refused = (version: string, index: string) =>
    refuse('push-no-release', { name: 'foo', version, index }).message
  assert.deepEqual([inherited.status, inherited.message], [400, refused('1.0', 'ada/top')])
  assert.deepEqual([unknown.status, unknown.message], [400, refused('2.0', SOURCE)])
})

// devpi-http 12: 129
test('a file that is there already is refused by an index that is not volatile, the same bytes too', async () => {
  await using api = await startIndexes()
  await sendRelease(api)
  await sendFile(api, TARGET, sdist, { summary: 'theirs' })
  const before = await stateOf(api)

  const reply = await pushFoo(api)

  const { message } = refuse('push-file-exists', { filename: sdist.filename })
  assert.deepEqual([reply.status, reply.message], [409, message])
  assert.deepEqual(await stateOf(api), before)
  assert.equal((await api.get(`/${TARGET}/foo/1.0`)).result.summary, 'theirs')
})

test('the results of a file keep their order, the tenth after the second', async () => {
  await using api = await startIndexes()
  await sendRelease(api)
  const names = Array.from({ length: 12 }, (_, i) => `env${i}`)
  for (const name of names) await sendToxresult(api, urlOf(wheel, SOURCE), toxResult(name))

  await pushFoo(api)

  const { result } = await api.get(`/${TARGET}/foo/1.0`)
  const links = result['+links'].filter(({ rel }: Json) => rel === 'toxresult')
  const pushed = links.map(({ hash_spec }: Json) => hash_spec)
  assert.deepEqual(
    pushed,
    names.map((name) => `sha256=${sha256(toxResult(name))}`),
  )
})

test('a push onto a volatile index replaces, and each replaced link says how often', async () => {
  await using api = await startIndexes({ volatile: true })
  const other = makeWheel('foo', '1.0', { content: 'other = True' })
  await sendFile(api, TARGET, other)
  await sendRelease(api)
  await addExtras(api)
  await pushFoo(api)

  const reply = await pushFoo(api)

  assert.equal(reply.status, 200)
  const { result } = await api.get(`/${TARGET}/foo/1.0`)
  const whats = result['+links'].map(({ rel, log }: Json) => [rel, ...log.map(say)])
  assert.deepEqual(whats, [
    ['releasefile', 'overwrite 2', 'upload', 'push'],
    ['toxresult', 'upload', 'push'],
    ['releasefile', 'overwrite 1', 'upload', 'push'],
    ['doczip', 'overwrite 3', 'overwrite 2', 'upload', 'push'],
  ])
  assert.equal((await api.get(`/${pathOf(other)}`, { accept: '*/*' })).status, 410)
})

const say = ({ what, count }: Json): string => (count === undefined ? what : `${what} ${count}`)

test('one file of a release is pushed alone, with its test results', async () => {
  await using api = await startIndexes()
  await sendRelease(api)
  await addExtras(api)

  const one = await pushFoo(api, { filename: wheel.filename })
  const other = await pushFoo(api, { filename: sdist.filename })

  assert.deepEqual(
    one.json.result.map(([status, what]: Json) => [status, what]),
    [
      [200, 'register'],
      [200, 'store_releasefile'],
      [200, 'store_toxresult'],
    ],
  )
  assert.deepEqual(other.json.result.slice(1), [[200, 'store_releasefile', pathOf(sdist)]])
})

test('a push of a file that the release lacks, or of one for its documentation, is refused', async () => {
  await using api = await startIndexes()
  await sendRelease(api)
  const { serial } = api

  const missing = await pushFoo(api, { filename: 'foo-2.0-py3-none-any.whl' })
  const odd = await pushFoo(api, { filename: 7 })
  const docs = await pushFoo(api, { filename: wheel.filename, only_docs: true })

  assert.match(missing.json.message, /foo 1\.0: it has no file foo-2\.0-py3-none-any\.whl/)
  assert.deepEqual([missing.status, odd.status, docs.status], [404, 400, 400])
  assert.equal(api.serial, serial)
})
