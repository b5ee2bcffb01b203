/** The list of projects, at `+simple/` and where installers look for it (devpi-http 4.9, 4.10). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type AskOptions } from '../support/api.ts'
import { addFile } from '../support/domain.ts'
import { startStaticIndex } from '../support/static-index.ts'

const SIMPLE_JSON = 'application/vnd.pypi.simple.v1+json'
const pip: AskOptions = {
  accept: `${SIMPLE_JSON}, text/html; q=0.1`,
  headers: { 'user-agent': 'pip/26.0' },
}
const browser: AskOptions = { accept: 'text/html,*/*;q=0.8' }

const anchors = (html: string) =>
  [...html.matchAll(/<a href="([^"]+)">([^<]+)<\/a>/g)].map(([, href, text]) => [href, text])
const names = (json: { projects: { name: string }[] }) => json.projects.map(({ name }) => name)

test('the list holds the projects of an index and its bases, each once and sorted', async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/dev', { bases: 'ada/base' })
  await addFile(api.ledger, 'ada/dev', 'yarn-1.0.tar.gz')
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')
  await addFile(api.ledger, 'ada/base', 'anchor-2.0.tar.gz')
  await addFile(api.ledger, 'ada/base', 'mast-1.0.tar.gz')

  const json = await api.get('/ada/dev/+simple/', { accept: SIMPLE_JSON })
  const html = await api.get('/ada/dev/+simple/', { ...pip, accept: 'text/html' })

  assert.equal(json.headers['content-type'], SIMPLE_JSON)
  assert.deepEqual(names(json.json), ['anchor', 'mast', 'yarn'])
  assert.deepEqual(anchors(html.text), [
    ['anchor/', 'anchor'],
    ['mast/', 'mast'],
    ['yarn/', 'yarn'],
  ])
  assert.doesNotMatch(html.text, /<h2>/)
})

test('people see which index a project comes from, and on what each is based', async () => {
  const file = (filename: string) => ({ filename, bytes: Buffer.from(filename) })
  await using upstream = await startStaticIndex(['mast-1.0.tar.gz', 'zinc-1.0.tar.gz'].map(file))
  await using other = await startStaticIndex(['oar-1.0.tar.gz', 'zinc-1.0.tar.gz'].map(file))
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex('ada/more', { type: 'mirror', mirror_url: other.url('simple/') })
  await api.makeIndex('ada/dev', { bases: 'ada/up,ada/base,ada/more' })
  await addFile(api.ledger, 'ada/dev', 'yarn-1.0.tar.gz')
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')
  await addFile(api.ledger, 'ada/base', 'anchor-2.0.tar.gz')
  await addFile(api.ledger, 'ada/base', 'mast-1.0.tar.gz')

  const { text } = await api.get('/ada/dev/+simple/', browser)

  const sections = text.split('<h2>').slice(1)
  const shown = sections.map((section) => [section.split('<')[0], ...anchors(section).flat()])
  assert.deepEqual(shown, [
    ['ada/dev (bases: ada/up,ada/base,ada/more)', 'anchor/', 'anchor', 'yarn/', 'yarn'],
    ['ada/base', 'mast/', 'mast'],
    ['ada/up', 'zinc/', 'zinc'],
    ['ada/more', 'oar/', 'oar'],
  ])
})

test('the list is true at once after a project is added, a base is changed or an index is removed', async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/dev', { volatile: true })
  const list = async () => names((await api.get('/ada/dev/+simple/', { accept: SIMPLE_JSON })).json)
  assert.deepEqual(await list(), [])

  await addFile(api.ledger, 'ada/dev', 'yarn-1.0.tar.gz')
  assert.deepEqual(await list(), ['yarn'])
  await api.patch('/ada/dev', { as: 'ada', json: ['bases=ada/base'] })
  await addFile(api.ledger, 'ada/base', 'mast-1.0.tar.gz')
  assert.deepEqual(await list(), ['mast', 'yarn'])
  await api.del('/ada/dev', { as: 'ada' })
  assert.equal((await api.get('/ada/dev/+simple/', { accept: SIMPLE_JSON })).status, 404)
  await api.put('/ada/dev', { as: 'ada', json: {} })
  assert.deepEqual(await list(), [])
})

// devpi-http 12: 86
test('people are sent to the address with a slash; installers are answered there and then', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })

  const person = await api.get('/ada/dev/+simple?x=1', browser)
  const installer = await api.get('/ada/dev/+simple', { ...pip, accept: 'text/html' })
  const program = await api.get('/ada/dev/%2Bsimple', { accept: SIMPLE_JSON })

  assert.deepEqual([person.status, person.location], [302, '/ada/dev/+simple/?x=1'])
  assert.deepEqual([installer.status, program.status], [200, 200])
})

test('a list that the client has needs not be sent again', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const first = await api.get('/ada/dev/+simple/', { accept: SIMPLE_JSON })
  const headers = { 'if-none-match': first.headers['etag'] ?? '' }

  const again = await api.get('/ada/dev/+simple/', { accept: SIMPLE_JSON, headers })
  await addFile(api.ledger, 'ada/dev', 'yarn-1.0.tar.gz')
  const changed = await api.get('/ada/dev/+simple/', { accept: SIMPLE_JSON, headers })

  assert.deepEqual([again.status, again.text], [304, ''])
  assert.equal(changed.status, 200)
})

test('a missing index has no list, and nothing can be sent to one', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })

  const missing = await api.get('/ada/nope/+simple/', browser)
  const post = await api.post('/ada/dev/+simple/', { as: 'ada', body: '' })

  assert.equal(missing.status, 404)
  assert.match(missing.text, /The stage ada\/nope could not be found/)
  assert.equal(post.status, 404)
})

test("a mirror lists what its upstream has, with the stage's own, and shows it as an index too", async () => {
  const file = (filename: string) => ({ filename, bytes: Buffer.from(filename) })
  await using upstream = await startStaticIndex([
    file('anchor-1.0.tar.gz'),
    file('Mast-1.0.tar.gz'),
    file('zinc-1.0.tar.gz'),
  ])
  await using api = await startApi()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex('ada/dev', { bases: 'ada/up' })
  await addFile(api.ledger, 'ada/dev', 'anchor-2.0.tar.gz')

  const list = await api.get('/ada/dev/+simple/', { accept: SIMPLE_JSON })
  const mirror = await api.get('/ada/up')
  const brief = await api.get('/ada/up?no_projects')

  assert.deepEqual(names(list.json), ['anchor', 'mast', 'zinc'])
  assert.equal(mirror.headers['content-type'], 'application/json')
  assert.deepEqual(mirror.result.projects, ['anchor', 'mast', 'zinc'])
  assert.deepEqual({ ...brief.result, projects: mirror.result.projects }, mirror.result)
  assert.equal(upstream.requestsTo('/simple/anchor/').length, 0)
})

// devpi-http 12: 100
test("an index's address gives its projects to installers and to who prefers the Simple API", async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')

  const program = await api.get('/ada/dev', { accept: SIMPLE_JSON })
  const preferring = await api.get('/ada/dev/', {
    accept: `application/json;q=0.5, ${SIMPLE_JSON}`,
  })
  const undecided = await api.get('/ada/dev', { accept: `application/json, ${SIMPLE_JSON}` })
  const installer = await api.get('/ada/dev', pip)
  const old = await api.get('/ada/dev/', { ...pip, accept: 'text/html' })
  const strange = await api.get('/ada/dev', { ...pip, accept: 'application/json' })

  for (const reply of [program, preferring, installer]) {
    assert.equal(reply.headers['content-type'], SIMPLE_JSON)
    assert.deepEqual(names(reply.json), ['anchor'])
  }
  assert.equal(undecided.json.type, 'indexconfig')
  assert.equal(old.status, 200)
  assert.deepEqual(anchors(old.text), [['anchor/', 'anchor']])
  assert.equal(strange.status, 404)
})

test('the links of a list lead to pages, from whichever address it was read', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')
  const installer = { ...pip, accept: 'text/html' }

  for (const path of ['/ada/dev', '/ada/dev/', '/ada/dev/+simple', '/ada/dev/+simple/']) {
    const list = await api.get(path, installer)
    const [[href] = []] = anchors(list.text)
    const { pathname } = new URL(href ?? '', `http://x${path}`)
    const page = await api.get(pathname, installer)
    assert.deepEqual([list.status, page.status], [200, 200], path)
    assert.match(page.text, /anchor-1\.0\.tar\.gz/)
  }
})

// devpi-http 12: 99
test("an installer finds a project's page below the index's address, with links that count from there", async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/dev', { bases: 'ada/base' })
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')
  await addFile(api.ledger, 'ada/base', 'anchor-0.9.tar.gz')
  const target = (index: string, name: string) => `/${index}/+f/000/0000000000000/${name}`

  for (const accept of [SIMPLE_JSON, 'text/html']) {
    for (const path of ['/ada/dev/anchor', '/ada/dev/anchor/']) {
      const { status, text } = await api.get(path, { ...pip, accept })
      const links = [...text.matchAll(/(?:href|"url")[=:]"([^"]+)"/g)].map(
        ([, link]) => new URL(link ?? '', `http://x${path}`).pathname,
      )
      assert.equal(status, 200)
      assert.deepEqual(links, [
        target('ada/dev', 'anchor-1.0.tar.gz'),
        target('ada/base', 'anchor-0.9.tar.gz'),
      ])
    }
  }
  const other = await api.get('/ada/dev/An.Chor/?x', pip)
  assert.deepEqual([other.status, other.location], [302, '/ada/dev/an-chor/?x'])
  assert.equal((await api.get('/ada/dev/mast/', pip)).status, 404)
  assert.equal((await api.get('/ada/dev/+nope/', pip)).status, 404)
})
