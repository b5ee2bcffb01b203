/** Projects and releases as JSON (devpi-http 4.12, 4.13). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api } from '../support/api.ts'
import { addProject } from '../support/domain.ts'
import { INDEX, sendFile, urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')
const sdist = makeSdist('foo', '1.0')
const later = makeWheel('foo', '2.0')

async function start(): Promise<Api> {
  const api = await startApi({ indexes: [INDEX] })
  await api.makeIndex('ada/top', { bases: [INDEX] })
  return api
}

// devpi-http 12: 2, 71, 79
test('a project is its releases by version, with metadata and links', async () => {
  await using api = await start()
  await sendFile(api, INDEX, wheel, { summary: 'All of it', classifiers: ['A', 'B'] })
  await sendFile(api, INDEX, sdist)
  await sendFile(api, INDEX, later, { version: '2.0' })

  const { status, json } = await api.get(`/${INDEX}/foo`)

  assert.equal(status, 200)
  assert.equal(json.type, 'projectconfig')
  assert.deepEqual(Object.keys(json.result).sort(), ['1.0', '2.0'])
  const release = json.result['1.0']
  assert.equal(release.name, 'foo')
  assert.equal(release.summary, 'All of it')
  assert.deepEqual(release.classifiers, ['A', 'B'])
  assert.equal(release['+links'].length, 2)
  const [link] = release['+links']
  assert.equal(link.rel, 'releasefile')
  assert.ok(link.href.endsWith(urlOf(wheel)))
  assert.equal(link.hash_spec, `sha256=${wheel.sha256}`)
  assert.deepEqual(link.hashes, { sha256: wheel.sha256 })
  assert.deepEqual(
    [link.log[0].what, link.log[0].who, link.log[0].dst, link.log[0].when.length],
    ['upload', 'ada', INDEX, 6],
  )
})

// devpi-http 12: 101
test('a project needs JSON in Accept by its name, a release does not; people get pages of both', async () => {
  await using api = await start()
  await sendFile(api, INDEX, wheel)
  const typeOf = async (path: string, accept: string) =>
    (await api.get(path, { accept })).headers['content-type']

  const any = await api.get(`/${INDEX}/foo`, { accept: 'application/*' })
  assert.equal(any.status, 415)
  assert.equal(any.message, refuse('json-only', { accept: 'application/*' }).message)
  assert.equal((await api.get(`/${INDEX}/foo`, { accept: '' })).status, 415)
  for (const accept of ['application/*', '']) {
    assert.equal(await typeOf(`/${INDEX}/foo/1.0`, accept), 'application/json')
  }
  for (const accept of ['text/html', '*/*']) {
    assert.equal(await typeOf(`/${INDEX}/foo`, accept), 'text/html; charset=UTF-8')
    assert.equal(await typeOf(`/${INDEX}/foo/1.0`, accept), 'text/html; charset=UTF-8')
  }
})

// devpi-http 12: 102, 103
test('inherited releases are there too, in the shadow of own ones, unless bases are ignored', async () => {
  await using api = await start()
  await sendFile(api, INDEX, wheel, { summary: 'base' })
  await sendFile(api, INDEX, later, { version: '2.0' })
  await sendFile(api, 'ada/top', wheel, { summary: 'top' })

  const all = await api.get('/ada/top/foo')
  const own = await api.get('/ada/top/foo?ignore_bases')
  const one = await api.get('/ada/top/foo/1.0')

  assert.deepEqual(Object.keys(all.result).sort(), ['1.0', '2.0'])
  assert.deepEqual(Object.keys(own.result), ['1.0'])
  assert.equal(one.result.summary, 'top')
  assert.deepEqual(
    one.result['+shadowing'].map((release: { summary: string }) => release.summary),
    ['base'],
  )
  assert.equal(own.result['1.0']['+shadowing'], undefined)
})

test('a project that only a base has is empty where bases are ignored', async () => {
  await using api = await start()
  await sendFile(api, INDEX, wheel)

  const own = await api.get('/ada/top/foo?ignore_bases')
  const unknown = await api.get('/ada/top/bar?ignore_bases')

  assert.deepEqual([own.status, own.result], [200, {}])
  assert.equal(unknown.status, 404)
})

// devpi-http 12: 97
test('a project that is known without releases is empty, an unknown one is 404', async () => {
  await using api = await start()
  await addProject(api.ledger, INDEX, 'bare')

  const bare = await api.get(`/${INDEX}/bare`)
  const unknown = await api.get(`/${INDEX}/nope`)
  const version = await api.get(`/${INDEX}/bare/1.0`)

  assert.deepEqual([bare.status, bare.result], [200, {}])
  assert.equal(unknown.status, 404)
  assert.equal(unknown.message, refuse('project-unknown', { project: 'nope' }).message)
  const expected = refuse('release-missing', { version: '1.0', project: 'bare' })
  assert.deepEqual([version.status, version.message], [404, expected.message])
  assert.equal((await api.get('/ada/nope/foo')).message, 'The stage ada/nope could not be found.')
})

// devpi-http 12: 9, 88
test('names are led to their normal form when they are read, with slash and query', async () => {
  await using api = await start()
  await sendFile(api, INDEX, wheel)

  const project = await api.get(`/${INDEX}/Foo/?ignore_bases`)
  const release = await api.get(`/${INDEX}/Foo/1.0`)

  assert.deepEqual([project.status, project.location], [302, `/${INDEX}/foo/?ignore_bases`])
  assert.deepEqual([release.status, release.location], [302, `/${INDEX}/foo/1.0`])
  assert.equal((await api.get(`/${INDEX}/foo/1.0/`)).status, 200)
  assert.equal((await api.ask('HEAD', `/${INDEX}/Foo/1.0`)).status, 200)
})

// devpi-http 12: 70
test('a version may hold a plus, written as it is or encoded', async () => {
  await using api = await start()
  const local = makeWheel('foo', '1.0+abc')
  await sendFile(api, INDEX, local, { version: '1.0+abc' })

  assert.equal((await api.get(`/${INDEX}/foo/1.0+abc`)).status, 200)
  const { result } = await api.get(`/${INDEX}/foo/1.0%2Babc`)

  assert.equal(result.version, '1.0+abc')
  assert.match(result['+links'][0].href, /\/\+f\/[^/]+\/[^/]+\/foo-1\.0\+abc-py3-none-any\.whl$/)
})

// devpi-http 12: 16, 18
test('links of releases begin with the address that clients use', async () => {
  await using api = await start()
  await sendFile(api, INDEX, wheel)

  const headers = { 'x-outside-url': 'https://example.com/sub' }
  const { result } = await api.get(`/sub/${INDEX}/foo/1.0`, { headers })

  assert.equal(result['+links'][0].href, `https://example.com/sub${urlOf(wheel)}`)
})
