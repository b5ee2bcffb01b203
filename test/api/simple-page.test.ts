/** A project's page of the Simple API: what pip, uv, poetry and people read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { keys } from '#registry/keys'
import { startApi } from '../support/api.ts'
import {
  INDEX,
  sendFile,
  sendParts,
  uploadParts,
  plainFields,
  fieldParts,
} from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const J = 'application/vnd.pypi.simple.v1+json'
const PAGE = `/${INDEX}/+simple/foo/`
const wheel = makeWheel('foo', '1.0', { requiresPython: '>=3.7,<4' })

// devpi-http 12: 83, 90
test('a page lists each file with its hash, size, time, Python and core metadata', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, wheel)
  await sendFile(api, INDEX, makeSdist('foo', '0.9'), { version: '0.9' })

  const { json, headers } = await api.get(PAGE, { accept: J })

  const [sdist, file] = json.files
  assert.deepEqual(json.meta, { 'api-version': '1.4' })
  assert.equal(json.name, 'foo')
  assert.deepEqual(json.versions, ['0.9', '1.0'])
  assert.match(file['upload-time'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(
    { ...file, 'upload-time': '' },
    {
      filename: wheel.filename,
      url: `../../+f/${wheel.sha256.slice(0, 3)}/${wheel.sha256.slice(3, 16)}/${wheel.filename}`,
      hashes: { sha256: wheel.sha256 },
      size: wheel.bytes.length,
      'upload-time': '',
      'requires-python': '>=3.7,<4',
      'core-metadata': file['core-metadata'],
    },
  )
  assert.match(file['core-metadata'].sha256, /^[0-9a-f]{64}$/)
  assert.equal('core-metadata' in sdist, false)
  assert.equal(headers['content-type'], J)
  assert.equal(headers['x-content-type-options'], 'nosniff')
})

// devpi-http 12: 84, 92
test('the HTML page says the same in attributes', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, wheel)

  const { text } = await api.get(PAGE, { accept: 'text/html' })

  const { sha256, filename } = wheel
  const folder = `${sha256.slice(0, 3)}/${sha256.slice(3, 16)}`
  assert.match(text, /<meta name="pypi:repository-version" content="1\.4">/)
  assert.match(text, /<title>ada\/dev: links for foo<\/title>/)
  assert.ok(text.includes(`<a href="../../+f/${folder}/${filename}#sha256=${sha256}"`))
  assert.ok(text.includes('data-requires-python="&gt;=3.7,&lt;4"'))
  assert.match(text, /data-dist-info-metadata="sha256=[0-9a-f]{64}" data-core-metadata="sha256=/)
  assert.ok(text.includes(`>${filename}</a>`))
  assert.doesNotMatch(text, /data-yanked/)
})

// devpi-http 12: 85
test('every link leads to its file, from any address that the page has', async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex(INDEX, { bases: ['ada/base'] })
  const own = makeWheel('foo', '1.0+l')
  const inherited = makeWheel('foo', '2!1.0')
  await sendFile(api, INDEX, own, { version: '1.0+l' })
  await sendFile(api, 'ada/base', inherited, { version: '2!1.0' })
  const uv = { 'user-agent': 'uv/0.13', accept: J }

  for (const path of [PAGE, PAGE.slice(0, -1)]) {
    const { json } = await api.get(path, { accept: '', headers: uv })
    assert.equal(json.files.length, 2)
    for (const [i, file] of [own, inherited].entries()) {
      const { pathname } = new URL(json.files[i].url, `http://x${path}`)
      assert.equal(decodeURIComponent(pathname.split('/').at(-1)!), file.filename)
      const { status, bytes } = await api.get(pathname, { accept: '*/*' })
      assert.equal(status, 200, pathname)
      assert.deepEqual(bytes, file.bytes)
    }
  }
})

test('links are absolute for who asks for that, below the outside URL', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, wheel)
  const headers = { 'x-devpi-absolute-urls': '' }
  const outside = { ...headers, 'x-outside-url': 'https://example.org/py' }

  const [here, there, relative] = await Promise.all(
    [{ ...headers, host: 'yard.example.org' }, outside, {}].map(
      async (extra) => (await api.get(PAGE, { accept: J, headers: extra })).json.files[0].url,
    ),
  )

  const { sha256, filename } = wheel
  const path = `ada/dev/+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}/${filename}`
  assert.equal(here, `http://yard.example.org/${path}`)
  assert.equal(there, `https://example.org/py/${path}`)
  assert.ok(relative.startsWith('../../+f/'))
})

// devpi-http 12: 86
test('C1: the address without its slash is for installers; people are sent on', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, wheel)
  const path = PAGE.slice(0, -1)
  const get = (accept: string, agent = '') =>
    api.get(`${path}?x=1`, { accept, headers: { 'user-agent': agent } })

  const person = await get('text/html')
  const pip = await get('text/html', 'pip/26.2 {"ci":null}')
  const json = await get(J)

  assert.deepEqual([person.status, person.location], [302, `${PAGE}?x=1`])
  assert.deepEqual([pip.status, json.status], [200, 200])
  assert.ok(json.json.files[0].url.startsWith('../+f/'))
})

// devpi-http 12: 88
test('C2: a name that is not in its normal form leads to the one that is, query and all', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, makeWheel('foo-bar', '1.0'), { name: 'Foo_Bar' })
  const to = async (path: string, accept = 'text/html') => {
    const { status, location } = await api.get(`/${INDEX}/+simple/${path}`, { accept })
    return `${status} ${location}`
  }

  assert.equal(await to('Foo_Bar/'), `302 /${INDEX}/+simple/foo-bar/`)
  assert.equal(await to('Foo_Bar/?a=b&c'), `302 /${INDEX}/+simple/foo-bar/?a=b&c`)
  assert.equal(await to('foo--bar/', J), `302 /${INDEX}/+simple/foo-bar/`)
  assert.equal(await to('FOO.BAR?x', J), `302 /${INDEX}/+simple/foo-bar?x`)
  assert.equal(await to('Foo_Bar'), `302 /${INDEX}/+simple/foo-bar`)
  assert.equal(await to('foo-bar/'), '200 undefined')
  const head = await api.ask('HEAD', `/${INDEX}/+simple/Foo_Bar/`, { accept: 'text/html' })
  assert.equal(head.status, 200)
})

// devpi-http 12: 97
test('C3: a project that nobody has is 404, in every form of an error', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { message } = refuse('project-missing', { project: 'foo' })

  for (const [accept, type] of [
    [J, 'text/plain; charset=UTF-8'],
    ['text/html', 'text/html; charset=UTF-8'],
    ['application/json, */*;q=0.1', 'application/json'],
  ] as const) {
    const reply = await api.get(PAGE, { accept })
    assert.equal(reply.status, 404)
    assert.equal(reply.headers['content-type'], type)
    assert.ok(reply.text.includes(message))
  }
  const index = await api.get('/ada/none/+simple/foo/', { accept: J })
  assert.equal(index.status, 404)
  assert.ok(index.text.includes(refuse('index-missing', { index: 'ada/none' }).message))
})

// devpi-http 12: 98
test('what can be no name of a project is refused', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { message } = refuse('bad-request', { reason: 'unicode project names not allowed' })
  const status = async (name: string) =>
    (await api.get(`/${INDEX}/+simple/${name}/`, { accept: J })).status

  for (const name of ['-foo', 'foo-', 'f%20oo', 'f%27', '%3Cb%3E', 'x'.repeat(201)]) {
    assert.equal(await status(name), 404, name)
  }
  for (const name of ['f%C3%B6', '%E2%98%83', 'F%C3%96']) {
    const reply = await api.get(`/${INDEX}/+simple/${name}/`, { accept: 'application/json' })
    // Nothing here is served as that type either: the name is looked at first.
    assert.deepEqual([reply.status, reply.message], [400, message], name)
  }
  assert.equal(await status('foo/1.0'), 404)
})

test('C6: other methods find nothing there', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, wheel)

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    assert.equal((await api.ask(method, PAGE, { as: 'ada', accept: '*/*' })).status, 404)
  }
  assert.equal(
    (await sendParts(api, `${INDEX}/+simple`, uploadParts(wheel, plainFields()))).status,
    404,
  )
})

// devpi-http 12: 97
test('a project that was registered has a page without files', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendParts(api, INDEX, fieldParts(plainFields({ ':action': 'submit' })))

  const { status, json } = await api.get(PAGE, { accept: J })

  assert.equal(status, 200)
  assert.deepEqual([json.files, json.versions], [[], []])
})

test('C18: a quarantined project offers no files, and says why', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendFile(api, INDEX, wheel)
  const status = { status: 'quarantined', reason: 'a "worm" & more' }
  await api.ledger.write('test', async (tx) => {
    tx.set(keys.project(INDEX, 'foo'), { name: 'foo', status })
  })

  const { json } = await api.get(PAGE, { accept: J })
  const { text } = await api.get(PAGE, { accept: 'text/html' })

  assert.deepEqual(json.files, [])
  assert.deepEqual(json['project-status'], status)
  assert.ok(text.includes('<meta name="pypi:project-status" content="quarantined">'))
  assert.ok(text.includes('content="a &quot;worm&quot; &amp; more"'))
})

// devpi-http 12: 93
test('E4, E8, E9, E15: yanks and odd names are written as each serialisation has them', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const [silent, loud] = [makeWheel('foo', '1.0+l'), makeWheel('foo', '1.1')]
  await sendFile(api, INDEX, silent, { version: '1.0+l' })
  await sendFile(api, INDEX, loud, { version: '1.1' })
  await api.ledger.write('test', async (tx) => {
    for (const [{ filename }, yanked] of [
      [silent, true],
      [loud, 'bad "q" & <b>x</b>'],
    ] as const) {
      const key = keys.file(INDEX, 'foo', filename)
      tx.set(key, { ...(await tx.get(key))!, yanked })
    }
  })

  const { json } = await api.get(PAGE, { accept: J })
  const { text } = await api.get(PAGE, { accept: 'text/html' })

  assert.deepEqual(
    json.files.map((file: { yanked: unknown }) => file.yanked),
    [true, 'bad "q" & <b>x</b>'],
  )
  assert.match(
    text,
    /%2Bl-py3-none-any\.whl#[^>]* data-yanked=""[^>]*>foo-1\.0\+l-py3-none-any\.whl</,
  )
  assert.ok(text.includes('data-yanked="bad &quot;q&quot; &amp; &lt;b&gt;x&lt;/b&gt;"'))
})
