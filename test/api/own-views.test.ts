/** An index without what its bases or mirrors add, for another server that mirrors only what this one owns. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { addFile, addProject } from '../support/domain.ts'
import { startStaticIndex, type StaticFile } from '../support/static-index.ts'

const J = 'application/vnd.pypi.simple.v1+json'
const browser = { accept: 'text/html' }
const pip = { accept: 'text/html', headers: { 'user-agent': 'pip/26.0' } }
const sdist = (filename: string): StaticFile => ({ filename, bytes: Buffer.from(filename) })

async function files(api: Api, folder: string, project = 'anchor'): Promise<string[] | number> {
  const reply = await api.get(`/ada/${folder}/${project}/`, { accept: J })
  if (reply.status !== 200) return reply.status
  return reply.json.files.map(({ filename }: { filename: string }) => filename)
}

async function names(api: Api, folder: string): Promise<string[]> {
  const { json } = await api.get(`/ada/${folder}/`, { accept: J })
  return json.projects.map((one: { name: string }) => one.name)
}

/** `dev` over `base` over the mirror `up`, each with files of its own. */
async function startTree(mirrorUrl: string): Promise<Api> {
  const api = await startApi()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: mirrorUrl })
  await api.makeIndex('ada/base', { bases: 'ada/up', mirror_whitelist: '*' })
  await api.makeIndex('ada/dev', { bases: 'ada/base', mirror_whitelist: '*' })
  await addFile(api.ledger, 'ada/dev', 'anchor-3.0.tar.gz')
  await addFile(api.ledger, 'ada/base', 'anchor-2.0.tar.gz')
  await addFile(api.ledger, 'ada/base', 'mast-1.0.tar.gz')
  return api
}

test('"+own" has what the index itself holds, "+stages" that of its bases too, and neither what mirrors have', async () => {
  await using upstream = await startStaticIndex(['anchor-1.0.tar.gz', 'zinc-1.0.tar.gz'].map(sdist))
  await using api = await startTree(upstream.url('simple/'))

  assert.deepEqual(await files(api, 'dev/+own'), ['anchor-3.0.tar.gz'])
  assert.deepEqual(await files(api, 'dev/+stages'), ['anchor-3.0.tar.gz', 'anchor-2.0.tar.gz'])
  assert.deepEqual(await names(api, 'dev/+own'), ['anchor'])
  assert.deepEqual(await names(api, 'dev/+stages'), ['anchor', 'mast'])
  assert.deepEqual(
    [await files(api, 'dev/+own', 'mast'), await files(api, 'dev/+stages', 'zinc')],
    [404, 404],
  )
  assert.deepEqual(upstream.requests, [])
  assert.equal(((await files(api, 'dev/+simple')) as string[]).length, 3)
  assert.deepEqual(await names(api, 'dev/+simple'), ['anchor', 'mast', 'zinc'])
})

test('what a mirror owns is what is known of it here; upstream is not asked', async () => {
  await using upstream = await startStaticIndex(['anchor-1.0.tar.gz', 'zinc-1.0.tar.gz'].map(sdist))
  await using api = await startTree(upstream.url('simple/'))
  assert.deepEqual([await files(api, 'up/+own'), await names(api, 'up/+own')], [404, []])

  await api.get('/ada/up/+simple/anchor/', { accept: J })
  const asked = upstream.requests.length

  assert.deepEqual(await files(api, 'up/+own'), ['anchor-1.0.tar.gz'])
  assert.deepEqual(await names(api, 'up/+own'), ['anchor'])
  const person = await api.get('/ada/up/+own/anchor/', browser)
  assert.doesNotMatch(person.text, /<form/)
  assert.equal(person.headers['x-pypi-last-serial'], undefined)
  assert.deepEqual([await files(api, 'up/+stages'), await names(api, 'up/+stages')], [404, []])
  assert.equal(upstream.requests.length, asked)
})

test('the views are pages like any other: negotiated, validated, redirected, true at once', async () => {
  await using api = await startTree('http://127.0.0.1:9/simple/')
  for (const folder of ['+own', '+stages']) {
    const at = (path: string, options: object) => api.get(`/ada/dev/${folder}${path}`, options)
    const page = await at('/anchor/', pip)
    const list = await at('/', pip)
    const link = /href="([^"#]+)/.exec(page.text)?.[1] ?? ''

    assert.equal(new URL(link, `http://x/ada/dev/${folder}/anchor/`).pathname.split('/')[3], '+f')
    assert.match(list.text, /<a href="anchor\/">anchor<\/a>/)
    for (const [path, reply] of [
      ['/anchor/', page],
      ['/', list],
    ] as const) {
      const headers = { ...pip.headers, 'if-none-match': reply.headers.etag ?? '' }
      assert.equal((await at(path, { ...pip, headers })).status, 304)
      const [json, none] = [await at(path, { accept: J }), await at(path, { accept: 'image/png' })]
      assert.deepEqual([json.headers['content-type'], none.status], [J, 406])
    }
    const moved = [await at('', browser), await at('/anchor', browser), await at('/An_Chor/', pip)]
    assert.deepEqual(
      moved.map(({ status, location }) => [status, location]),
      [
        [302, `/ada/dev/${folder}/`],
        [302, `/ada/dev/${folder}/anchor/`],
        [302, `/ada/dev/${folder}/an-chor/`],
      ],
    )
    assert.deepEqual([(await at('', pip)).status, (await at('/anchor', pip)).status], [200, 200])
    assert.equal((await at('/f%C3%B6/', pip)).status, 400)
    assert.equal((await api.post(`/ada/dev/${folder}/anchor/refresh`, pip)).status, 404)
  }
  await addFile(api.ledger, 'ada/dev', 'anchor-4.0.tar.gz')
  await addProject(api.ledger, 'ada/dev', 'yarn')
  assert.deepEqual(await files(api, 'dev/+own'), ['anchor-3.0.tar.gz', 'anchor-4.0.tar.gz'])
  assert.deepEqual(await names(api, 'dev/+own'), ['anchor', 'yarn'])
  assert.equal((await api.get('/ada/nope/+own/', pip)).status, 404)
})

test('people see which index a file of "+stages" lies on', async () => {
  await using api = await startTree('http://127.0.0.1:9/simple/')

  const { text } = await api.get('/ada/dev/+stages/anchor/', browser)

  assert.match(text, /^ada\/dev <a [^>]*>anchor-3\.0\.tar\.gz/m)
  assert.match(text, /^ada\/base <a href="\.\.\/\.\.\/\.\.\/base\/\+f\//m)
  assert.doesNotMatch(text, /<form|INFO/)
})
