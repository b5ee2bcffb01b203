/** Reading documentation (devpi-http 7, devpi-web 7). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api } from '../support/api.ts'
import { asDocs, makeDocs, sendDocs, zipOf } from '../support/docs.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const any = { accept: '*/*' }
const docs = makeDocs({
  'a/b.js': 'let b',
  'style.CSS': 'b {}',
  'pic.svg': '<svg/>',
  'readme.txt': 'größe',
  'objects.inv': '\0\x01',
  'data.tar.gz': 'gz',
  'big.txt': 'line\n'.repeat(100_000),
  'größe/文 档.html': 'unicode',
})

async function start(): Promise<Api> {
  const api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  await sendDocs(api, docs)
  return api
}

const page = (path: string, version = '1.0') => `/${INDEX}/foo/${version}/+doc/${path}`

test('a page comes out of the zip byte for byte, with a type by its name', async () => {
  await using api = await start()

  for (const [path, type, text] of [
    ['index.html', 'text/html; charset=UTF-8', '<h1>Docs</h1>'],
    ['a/b.js', 'text/javascript; charset=UTF-8', 'let b'],
    ['style.CSS', 'text/css; charset=UTF-8', 'b {}'],
    ['pic.svg', 'image/svg+xml; charset=UTF-8', '<svg/>'],
    ['readme.txt', 'text/plain; charset=UTF-8', 'größe'],
    ['objects.inv', 'application/octet-stream', '\0\x01'],
    ['data.tar.gz', 'application/gzip', 'gz'],
    ['big.txt', 'text/plain; charset=UTF-8', 'line\n'.repeat(100_000)],
    [encodeURI('größe/文 档.html'), 'text/html; charset=UTF-8', 'unicode'],
  ] as const) {
    const reply = await api.get(page(path), any)
    assert.deepEqual([reply.status, reply.headers['content-type']], [200, type], path)
    assert.equal(reply.text, text)
    assert.equal(reply.headers['content-length'], `${Buffer.byteLength(text)}`)
    assert.equal(reply.headers['content-encoding'], undefined)
  }
})

// devpi-http 12: 154
test('the documentation begins at index.html', async () => {
  await using api = await start()

  const reply = await api.get(`${page('')}?q=1`, any)
  const frame = await api.get(`/${INDEX}/foo/1.0/+d/`, any)

  assert.deepEqual([reply.status, reply.location], [302, `${page('')}index.html?q=1`])
  assert.deepEqual([frame.status, frame.location], [302, `/${INDEX}/foo/1.0/+d/index.html`])
  const plain = await api.get(`/${INDEX}/foo/1.0/+d/index.html`, { accept: '' })
  assert.equal(plain.text, '<h1>Docs</h1>')
})

// devpi-http 12: 154
test('browsers keep a page for a minute and then ask whether the zip has changed', async () => {
  await using api = await start()
  const etag = `"${docs.sha256}"`

  const reply = await api.get(page('index.html'), any)
  const headers = { 'if-none-match': `W/"x", ${etag}` }
  const again = await api.get(page('index.html'), { ...any, headers })
  const latest = await api.get(page('index.html', 'latest'), { ...any, headers })
  const head = await api.ask('HEAD', page('index.html'), any)

  assert.deepEqual([reply.headers['etag'], reply.headers['cache-control']], [etag, 'max-age=60'])
  for (const { status, text } of [again, latest]) assert.deepEqual([status, text], [304, ''])
  assert.equal(again.headers['etag'], etag)
  assert.deepEqual([head.status, head.text], [200, ''])
  assert.equal(head.headers['content-length'], reply.headers['content-length'])

  await sendDocs(api, makeDocs({ 'index.html': 'new' }))
  assert.equal((await api.get(page('index.html'), { ...any, headers })).text, 'new')
})

test('a part of a page can be asked for, be it packed or not', async () => {
  await using api = await start()
  await sendDocs(api, zipOf([{ name: 'index.html', content: '0123456789', method: 'store' }]), {
    version: '2.0',
  })

  for (const [path, version, range, text] of [
    ['big.txt', '1.0', 'bytes=499990-', 'line\nline\n'],
    ['big.txt', '1.0', 'bytes=1-3', 'ine'],
    ['index.html', '2.0', 'bytes=3-4', '34'],
  ] as const) {
    const reply = await api.get(page(path, version), { ...any, headers: { range } })
    assert.deepEqual([reply.status, reply.text], [206, text])
  }
})

// devpi-http 12: 154
test('latest and stable are the newest releases that have documentation', async () => {
  await using api = await start()
  for (const version of ['0.9', '1.0', '2.0rc1', '3.0', '3.1.dev1']) {
    await sendFile(api, INDEX, makeWheel('foo', version), { version })
  }
  await sendDocs(api, makeDocs({ 'index.html': 'old' }), { version: '0.9' })
  await sendDocs(api, makeDocs({ 'index.html': 'rc' }), { version: '2.0rc1' })
  await sendDocs(api, zipOf([{ name: 'other.html' }]), { version: '3.0' })
  await sendDocs(api, asDocs(Buffer.from('no zip')), { version: '3.1.dev1' })

  const read = async (version: string) => (await api.get(page('index.html', version), any)).text

  assert.deepEqual([await read('latest'), await read('stable')], ['rc', '<h1>Docs</h1>'])
})

test('what is not there is told by name', async () => {
  await using api = await start()
  await sendFile(api, INDEX, makeWheel('foo', '5.0'), { version: '5.0' })
  await sendFile(api, INDEX, makeWheel('pre', '1.0rc1'), { name: 'pre', version: '1.0rc1' })
  await sendFile(api, INDEX, makeWheel('bare', '1.0'), { name: 'bare', version: '1.0' })
  await sendDocs(api, asDocs(Buffer.from('no zip')), { version: '6.0' })
  await sendDocs(api, zipOf([{ name: 'a/index.html' }]), { version: '7.0' })
  await api.makeIndex('ada/top', { bases: [INDEX] })
  const missing = refuse('docs-missing').message

  for (const [path, message] of [
    [page('nope.html'), refuse('docs-file-missing', { path: 'nope.html' }).message],
    [page('a'), refuse('docs-file-missing', { path: 'a' }).message],
    [page('a/'), refuse('docs-file-missing', { path: 'a/' }).message],
    [page('index.html', '5.0'), missing],
    [page('index.html', '6.0'), missing],
    [page('index.html', '7.0'), missing],
    [page('index.html', '9.9'), missing],
    [`/${INDEX}/nope/1.0/+doc/index.html`, missing],
    [`/${INDEX}/bare/latest/+doc/index.html`, missing],
    [`/${INDEX}/bare/stable/+doc/index.html`, refuse('docs-stable-missing').message],
    [`/${INDEX}/pre/latest/+doc/index.html`, missing],
    [`/${INDEX}/pre/stable/+doc/x`, refuse('project-no-stable', { project: 'pre' }).message],
    [`/${INDEX}/nope/latest/+doc/x`, refuse('project-missing', { project: 'nope' }).message],
    ['/ada/top/foo/1.0/+doc/index.html', missing],
    ['/ada/nope/foo/1.0/+doc/x', refuse('index-missing', { index: 'ada/nope' }).message],
  ] as const) {
    const reply = await api.get(path)
    assert.deepEqual([reply.status, reply.message], [404, message], path)
    assert.equal((await api.get(path, { accept: 'text/html' })).status, 404)
  }
})

// devpi-http 12: 88
test('a name that is not normal is redirected with all that follows it', async () => {
  await using api = await start()

  const reply = await api.get(`/${INDEX}/FOO/1.0+l.1/+doc/a%20b/c.html?q=%20`, any)

  const location = `/${INDEX}/foo/1.0+l.1/+doc/a%20b/c.html?q=%20`
  assert.deepEqual([reply.status, reply.location], [302, location])
})

test('the version of a release with a plus has its documentation too', async () => {
  await using api = await start()
  await sendDocs(api, makeDocs({ 'index.html': 'local' }), { version: '1.0+l.1' })

  for (const version of ['1.0+l.1', '1.0%2Bl.1']) {
    assert.equal((await api.get(page('index.html', version), any)).text, 'local')
  }
})

test('documentation that was deleted or replaced is not shown any more', async () => {
  await using api = await start()
  await sendDocs(api, makeDocs({ 'index.html': 'second' }))
  const second = await api.get(page('index.html'), any)

  await api.del(`/${INDEX}/foo/1.0`, { as: 'ada' })

  assert.equal(second.text, 'second')
  assert.equal((await api.get(page('big.txt'), any)).status, 404)
})

test('there is nothing to do at these addresses but to read', async () => {
  await using api = await start()

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    assert.equal((await api.ask(method, page('index.html'), { as: 'ada' })).status, 404)
  }
})
