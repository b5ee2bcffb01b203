/** PyPI's JSON API under an index (index-standards 6.1). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { keys } from '#registry/keys'
import { startApi, type Api } from '../support/api.ts'
import { addFile, addProject } from '../support/domain.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const at = (path: string, index = INDEX) => `/${index}/pypi/${path}`
const versions = (json: { releases: object }) => Object.keys(json.releases)

test('a project shows its newest release and lists all of them, as PyPI does', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const wheel = makeWheel('foo', '1.0', { requiresPython: '>=3.9' })
  await sendFile(api, INDEX, makeSdist('foo', '0.9'), { version: '0.9' })
  await sendFile(api, INDEX, wheel, {
    summary: 'A thing',
    author: 'Ada',
    classifiers: ['Topic :: A', 'Topic :: B'],
    project_urls: ['Home, https://example.org/a,b', 'broken'],
    requires_dist: ['idna'],
    provides_extras: ['x'],
    platform: ['linux'],
    requires_python: '>=3.9',
  })

  const headers = { host: 'yard.example.org' }
  const reply = await api.get(at('foo/json'), { accept: '*/*', headers })

  const { json } = reply
  assert.deepEqual([reply.status, reply.headers['content-type']], [200, 'application/json'])
  assert.deepEqual(Object.keys(json), [
    'info',
    'last_serial',
    'ownership',
    'releases',
    'urls',
    'vulnerabilities',
  ])
  const { info, urls } = json
  assert.deepEqual(
    [info.name, info.version, info.summary, info.author, info.home_page, info.docs_url],
    ['foo', '1.0', 'A thing', 'Ada', '', null],
  )
  assert.deepEqual(info.classifiers, ['Topic :: A', 'Topic :: B'])
  assert.deepEqual(info.project_urls, { Home: 'https://example.org/a,b' })
  assert.deepEqual([info.requires_dist, info.provides_extra], [['idna'], ['x']])
  assert.deepEqual([info.requires_python, info.platform, info.yanked], ['>=3.9', 'linux', false])
  assert.equal(info.package_url, `http://yard.example.org/${INDEX}/foo`)
  assert.equal(info.release_url, `http://yard.example.org/${INDEX}/foo/1.0`)
  assert.deepEqual(versions(json), ['0.9', '1.0'])
  assert.equal(json.releases['0.9'][0].packagetype, 'sdist')
  assert.equal(json.releases['0.9'][0].python_version, 'source')
  const { url, upload_time, upload_time_iso_8601, 'core-metadata': metadata, ...file } = urls[0]
  assert.deepEqual(urls, json.releases['1.0'])
  assert.deepEqual(file, {
    comment_text: '',
    digests: { sha256: wheel.sha256 },
    downloads: -1,
    filename: wheel.filename,
    has_sig: false,
    md5_digest: null,
    packagetype: 'bdist_wheel',
    python_version: 'py3',
    requires_python: '>=3.9',
    size: wheel.bytes.length,
    yanked: false,
    yanked_reason: null,
  })
  assert.match(upload_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  assert.match(upload_time_iso_8601, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  assert.match(metadata.sha256, /^[0-9a-f]{64}$/)
  assert.equal((await api.get(new URL(url).pathname, { accept: '*/*' })).status, 200)
})

test('one release is found by its version however it is spelt', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, makeWheel('foo', '1.0'))
  await sendFile(api, INDEX, makeSdist('foo', '2.0rc1'), { version: '2.0rc1' })

  for (const version of ['1.0', '1', 'v1.0.0']) {
    const { status, json } = await api.get(at(`foo/${version}/json`))
    assert.deepEqual([status, json.info.version, json.urls.length], [200, '1.0', 1])
    assert.equal('releases' in json, false)
  }
  assert.equal((await api.get(at('foo/2.0.RC.1/json'))).json.info.version, '2.0rc1')
})

test('the release shown is no pre-release and not yanked, if there is such a one', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  for (const version of ['1.0', '1.10', '1.9', '2.0rc1']) {
    await addFile(api.ledger, INDEX, `foo-${version}.tar.gz`)
  }
  const shown = async () => (await api.get(at('foo/json'))).json.info
  const yank = (version: string, yanked: true | string) =>
    api.ledger.write('test', async (tx) => {
      const key = keys.file(INDEX, 'foo', `foo-${version}.tar.gz`)
      tx.set(key, { ...(await tx.get(key))!, yanked })
    })

  assert.equal((await shown()).version, '1.10')
  await yank('1.10', 'broken')
  assert.equal((await shown()).version, '1.9')
  await yank('1.9', true)
  await yank('1.0', true)
  assert.equal((await shown()).version, '2.0rc1')
  await yank('2.0rc1', true)
  assert.deepEqual([(await shown()).version, (await shown()).yanked], ['1.10', true])
  const { json } = await api.get(at('foo/json'))
  assert.deepEqual([json.info.yanked_reason, json.urls[0].yanked_reason], ['broken', 'broken'])
  assert.deepEqual(
    [json.releases['1.0'][0].yanked, json.releases['1.0'][0].yanked_reason],
    [true, null],
  )
})

test('bases add their releases; mirrors do where the whitelist lets them', async () => {
  const mirrored = makeWheel('foo', '3.0')
  await using upstream = await startStaticIndex([mirrored, makeWheel('bar', '1.0')])
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex(INDEX, { bases: 'ada/base,ada/up' })
  await addFile(api.ledger, 'ada/base', 'foo-2.0.tar.gz')
  await addFile(api.ledger, INDEX, 'foo-1.0.tar.gz')

  assert.deepEqual(versions((await api.get(at('foo/json'))).json), ['1.0', '2.0'])
  assert.deepEqual(upstream.requestsTo('/simple/foo/'), [])
  assert.deepEqual(versions((await api.get(at('bar/json'))).json), ['1.0'])
  await api.patch(`/${INDEX}`, { as: 'ada', json: ['mirror_whitelist=*'] })
  assert.deepEqual(versions((await api.get(at('foo/json'))).json), ['1.0', '2.0', '3.0'])
})

test('a mirrored release tells what its core metadata says, once that is here', async () => {
  const metadataBytes = Buffer.from(
    'Metadata-Version: 2.1\nName: Foo\nVersion: 1.0\nSummary: A thing\nProject-URL: Home, https://x/\n' +
      `Keywords: ${'x'.repeat(40_000)}\nRequires-Dist: idna\nProvides-Extra: x\n\nWords\n`,
  )
  const wheel = makeWheel('foo', '1.0')
  await using upstream = await startStaticIndex([
    { ...wheel, metadataBytes, uploadTime: '2026-01-02T03:04:05.6Z' },
  ])
  await using api = await startApi()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex(INDEX, { bases: 'ada/up' })

  const before = (await api.get(at('foo/json'))).json
  const [{ pathname }] = [new URL(before.urls[0].url)]
  await api.get(`${pathname}.metadata`, { accept: '*/*' })
  const { info, urls } = (await api.get(at('foo/json'))).json

  assert.deepEqual([before.info.name, before.info.summary], ['foo', ''])
  assert.deepEqual([info.name, info.summary, info.description], ['Foo', 'A thing', 'Words\n'])
  assert.deepEqual([info.requires_dist, info.provides_extra], [['idna'], ['x']])
  assert.deepEqual([info.project_urls, info.keywords], [{ Home: 'https://x/' }, ''])
  assert.equal(urls[0].upload_time_iso_8601, '2026-01-02T03:04:05.600000Z')
})

test('what is not there is 404 in JSON for everybody; what upstream fails to tell is 502', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await addProject(api.ledger, INDEX, 'empty')
  await addFile(api.ledger, INDEX, 'foo-1.0.tar.gz')
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' })
  const { message } = refuse('pypi-missing')

  const paths = [
    at('nope/json'),
    at('foo/2.0/json'),
    at('empty/json'),
    at('f%C3%B6/json'),
    at('-/json'),
    at('foo/json', 'ada/nope'),
  ]
  for (const path of paths) {
    const reply = await api.get(path, { accept: 'text/html' })
    assert.deepEqual([reply.status, reply.json], [404, { message }], path)
  }
  assert.equal((await api.get(at('foo/json', 'ada/up'))).status, 502)
  assert.equal((await api.post(at('foo/json'))).status, 404)
})

test('names are redirected to their normal form, pages have validators, and are true at once', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await addFile(api.ledger, INDEX, 'foo-1.0.tar.gz')
  const moved = async (path: string) => {
    const { status, location } = await api.get(at(path))
    return [status, location]
  }
  assert.deepEqual(await moved('Foo/json?x'), [302, `${at('foo/json')}?x`])
  assert.deepEqual(await moved('f.oo/1.0/json/'), [302, at('f-oo/1.0/json')])

  const { headers } = await api.get(at('foo/json'))
  const again = { headers: { 'if-none-match': headers.etag ?? '' } }
  assert.equal((await api.get(at('foo/json'), again)).status, 304)
  await addFile(api.ledger, INDEX, 'foo-1.1.tar.gz')
  const fresh = await api.get(at('foo/json'), again)
  assert.deepEqual([fresh.status, fresh.json.info.version], [200, '1.1'])
})

test('a project that is itself called pypi stands in nobody’s way', async () => {
  await using api: Api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, makeWheel('pypi', '1.0'), { name: 'pypi' })

  assert.equal((await api.get(`/${INDEX}/pypi`)).result['1.0'].name, 'pypi')
  assert.equal((await api.get(`/${INDEX}/pypi/1.0`)).result.version, '1.0')
  assert.equal((await api.get(at('pypi/json'))).json.info.name, 'pypi')
})
