/** The core metadata beside wheels (PEP 658): what is advertised is answered, and nothing else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api, type AskOptions } from '../support/api.ts'
import { INDEX, listFiles, sendFile, urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

async function startWith(file: Distribution): Promise<Api> {
  const api = await startApi({ indexes: [INDEX] })
  const reply = await sendFile(api, INDEX, file)
  assert.equal(reply.status, 200)
  return api
}

const metadataOf = (api: Api, file: Distribution, options: AskOptions = {}) =>
  api.get(`${urlOf(file)}.metadata`, { accept: '*/*', ...options })

// devpi-http 12: 155, 157, 158
test('the core metadata of a wheel is served byte for byte, with the hash that the page tells', async () => {
  const metadata = Buffer.from(
    'Metadata-Version: 2.1\r\nName: foo\r\nVersion: 1.0\r\nSummary: \xfc\r\n\r\nü ☃\r\n',
  )
  const file = makeWheel('foo', '1.0', { metadata })
  await using api = await startWith(file)
  const [listed] = await listFiles(api)

  for (const time of ['first', 'next']) {
    const { status, bytes, headers } = await metadataOf(api, file)
    assert.equal(status, 200, time)
    assert.deepEqual(bytes, metadata)
    assert.equal(headers.etag, `"${listed['core-metadata'].sha256}"`)
    assert.equal(headers['content-type'], 'application/octet-stream')
    assert.equal(headers['cache-control'], 'max-age=365000000, immutable, public')
  }
  const part = await metadataOf(api, file, { headers: { range: 'bytes=0-15' } })
  assert.deepEqual([part.status, part.text], [206, 'Metadata-Version'])
})

// devpi-http 12: 157, 160
test('C14: what is not advertised is not there', async () => {
  const without = makeWheel('foo', '1.0', { omit: ['METADATA'] })
  const sdist = makeSdist('foo', '1.0')
  await using api = await startWith(without)
  await sendFile(api, INDEX, sdist)

  for (const file of [without, sdist]) {
    const reply = await metadataOf(api, file, { accept: 'application/json' })
    const { message } = refuse('metadata-missing', { path: urlOf(file).slice(1) })
    assert.deepEqual([reply.status, reply.message], [404, message])
  }
  for (const file of await listFiles(api)) assert.equal('core-metadata' in file, false)
})

test('whatever a page advertises is answered', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const wheels = [
    makeWheel('foo', '1.0', { metadata: 'Name: foo\nVersion: 1.0\n' }),
    makeWheel('foo', '1.0', {
      tag: 'cp312-cp312-linux_x86_64',
      metadata: 'Name: FOO\nVersion: 1.0.0\n',
    }),
    makeWheel('foo', '1.0', { buildTag: '1', metadata: 'Name: bar\nVersion: 1.0\n' }),
    makeWheel('foo', '1.0', { buildTag: '2', metadata: '' }),
    makeWheel('foo', '1.0', { buildTag: '3', metadata: Buffer.from([0xff, 0xfe, 0]) }),
  ]
  for (const file of wheels) assert.equal((await sendFile(api, INDEX, file)).status, 200)

  const listed = await listFiles(api)
  const advertised = listed.filter((file: object) => 'core-metadata' in file)

  assert.equal(listed.length, 5)
  assert.equal(advertised.length, 2)
  for (const { url, 'core-metadata': hashes } of advertised) {
    const { pathname } = new URL(url, `http://x/${INDEX}/+simple/foo/`)
    const { status, headers } = await api.get(`${pathname}.metadata`)
    assert.deepEqual([status, headers.etag], [200, `"${hashes.sha256}"`])
  }
})

// devpi-http 12: 156
test('a page for people and installers has the hash of the core metadata right behind the address', async () => {
  const file = makeWheel('foo', '1.0')
  await using api = await startWith(file)
  const [listed] = await listFiles(api)
  const { text } = await api.get(`/${INDEX}/+simple/foo/`, { accept: 'text/html' })

  const value = `sha256=${listed['core-metadata'].sha256}`
  const attributes = `data-dist-info-metadata="${value}" data-core-metadata="${value}"`
  assert.match(text, new RegExp(`href="[^"]+" ${attributes}`))
})

// devpi-http 12: 158
test('core metadata is answered whatever is accepted, at every spelling of its address, as old as its wheel', async () => {
  const file = makeWheel('foo', '1.0')
  await using api = await startWith(file)
  const wheel = await api.get(urlOf(file), { accept: '*/*' })

  for (const path of [urlOf(file), urlOf(file).replace('+f', '%2Bf')]) {
    for (const accept of ['application/json', 'text/html', '*/*']) {
      const { status, bytes, headers } = await api.get(`${path}.metadata`, { accept })
      assert.deepEqual([status, bytes], [200, file.metadataBytes])
      assert.equal(headers['last-modified'], wheel.headers['last-modified'])
    }
  }
})

// devpi-http 12: 161
test('the core metadata of a deleted file is gone with it, that of an unknown one is not there', async () => {
  const file = makeWheel('foo', '1.0')
  await using api = await startWith(file)
  await api.del(`${urlOf(file)}?force`, { as: 'ada' })

  const gone = await metadataOf(api, file, { accept: 'application/json' })
  assert.deepEqual([gone.status, gone.message], [410, refuse('file-gone').message])
  const unknown = await metadataOf(api, makeWheel('foo', '2.0'), { accept: 'application/json' })
  assert.deepEqual([unknown.status, unknown.message], [404, refuse('file-missing').message])
})

// devpi-http 12: 159
test('the core metadata is found in a folder whose name is not normalised', async () => {
  const metadata = 'Metadata-Version: 2.1\nName: Odd.Name\nVersion: 1.0\n'
  const file = makeWheel('odd-name', '1.0', {
    omit: ['METADATA'],
    extraFiles: { 'Odd.Name-1.0.dist-info/METADATA': metadata },
  })
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, file, { name: 'odd-name' })

  assert.equal((await metadataOf(api, file)).text, metadata)
})
