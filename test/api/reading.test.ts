/** `acl_read`: who may not read an index does not learn of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api, type ApiOptions, type Json, type Reply } from '../support/api.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { body, byPath, startFakeUpstream } from '../support/fake-upstream.ts'
import { sendToxresult } from '../support/toxresults.ts'
import { addRelease, BROWSER, getPage, linksIn, textOf } from '../support/web.ts'

const HIDDEN = 'eve/hidden'

/** `eve/hidden`, which `ada` may read, with a release of `secretproject`; `eve/heir` inherits from it. */
async function startHidden(options: ApiOptions = {}): Promise<{ api: Api; file: string }> {
  const api = await startApi({ indexes: ['ada/dev', HIDDEN, 'eve/heir'], ...options })
  await api.makeUser('bob')
  await api.patch('/eve/heir', { as: 'eve', json: [`bases=${HIDDEN}`] })
  const { sha256, filename } = await addRelease(api, HIDDEN, 'secretproject', '1.0', {
    summary: 'A summary of secrets',
  })
  const docs = makeDocs({ 'index.html': '<p>secret documentation</p>' })
  await sendDocs(api, docs, { name: 'secretproject', version: '1.0' }, { index: HIDDEN })
  const file = `/${HIDDEN}/+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}/${filename}`
  await sendToxresult(api, file)
  const set = await api.patch(`/${HIDDEN}`, { as: 'eve', json: { acl_read: ['ada'] } })
  assert.equal(set.status, 200, set.text)
  assert.deepEqual(set.result.acl_read, ['ada'])
  return { api, file }
}

const addressesOf = (file: string): string[] => [
  ...[
    `/${HIDDEN}`,
    `/${HIDDEN}/`,
    `/${HIDDEN}/+api`,
    `/${HIDDEN}/+simple/`,
    `/${HIDDEN}/+inheritance`,
  ],
  ...[
    `/${HIDDEN}/+simple/secretproject/`,
    `/${HIDDEN}/+own/secretproject/`,
    file,
    `${file}.metadata`,
  ],
  ...[`/${HIDDEN}/secretproject`, `/${HIDDEN}/secretproject/1.0`, `/${HIDDEN}/+feed`],
  ...[`/${HIDDEN}/+feed/secretproject`, `/${HIDDEN}/secretproject/+badge.svg`],
  ...[`/${HIDDEN}/secretproject/1.0/+doc/index.html`, `/${HIDDEN}/+explain/secretproject`],
  ...[
    `/${HIDDEN}/secretproject/1.0/+llms.txt`,
    `/${HIDDEN}/secretproject/json`,
    `/${HIDDEN}/nothing`,
  ],
  ...['/eve/heir', '/eve/heir/+simple/secretproject/', '/eve/heir/secretproject/1.0'],
]

test('who is not logged in is asked to, and others are told that it is not there', async () => {
  const { api, file } = await startHidden()
  await using _ = api

  for (const path of addressesOf(file)) {
    const nobody = await api.get(path)
    const stranger = await api.get(path, { as: 'bob' })
    assert.equal(nobody.status, 401, path)
    assert.equal(nobody.headers['www-authenticate'], 'Basic realm="pypi"', path)
    assert.equal(stranger.status, 404, path)
    assert.ok(!`${nobody.text}${stranger.text}`.includes('summary of secrets'), path)
  }
  const wrong = await api.get(file, { login: { user: 'ada', secret: 'wrong' } })
  assert.equal(wrong.status, 401)
})

test('whom it names may read it, and who may change it or upload to it; shared caches keep nothing', async () => {
  const { api, file } = await startHidden()
  await using _ = api
  await api.makeUser('uploader')
  await api.patch(`/${HIDDEN}`, { as: 'eve', json: ['acl_upload+=uploader'] })

  for (const as of ['ada', 'eve', 'root', 'uploader']) {
    for (const path of [`/${HIDDEN}`, `/${HIDDEN}/+simple/secretproject/`, file, '/eve/heir']) {
      const answer = await api.get(path, { as, accept: '*/*' })
      assert.equal(answer.status, 200, `${as} ${path}`)
      const { 'cache-control': caching = '' } = answer.headers
      assert.match(caching, /^private\b/, path)
      assert.ok(!caching.includes('public'), path)
    }
  }
})

test('nothing is written to it by others either, or taken from it', async () => {
  const { api } = await startHidden()
  await using _ = api
  const { serial } = api

  const answers = await Promise.all([
    api.del(`/${HIDDEN}/secretproject`, { as: 'bob' }),
    api.patch(`/${HIDDEN}`, { as: 'bob', json: { title: 'mine' } }),
    api.push(`/${HIDDEN}`, {
      as: 'ada',
      json: { name: 'secretproject', version: '1.0', targetindex: 'ada/dev' },
    }),
    api.push(`/${HIDDEN}`, {
      as: 'bob',
      json: { name: 'secretproject', version: '1.0', targetindex: 'ada/dev' },
    }),
  ])

  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 403, 200, 404],
  )
  assert.equal(api.serial, serial + 1)
})

/** All that tells which indexes there are. */
async function listed(api: Api, as?: string): Promise<string> {
  const who = as === undefined ? {} : { as }
  const programs = [
    ...['/', '/eve', '/+inheritance', '/+status', '/+metrics', '/ada/dev/+inheritance?around=all'],
    ...['/+search?query=secretproject', '/+search?query=secret', '/+search/suggest?q=secret'],
  ]
  const pages = ['/', '/eve', '/ada/dev', '/+inheritance', '/+search?query=secret', '/+status']
  const answers: Reply[] = []
  for (const path of programs) answers.push(await api.get(path, who))
  for (const path of pages) answers.push(await api.get(path, { accept: BROWSER, ...who }))
  return answers.map(({ text }) => text).join('\n')
}

test('it stands in no list, search, drawing or count of who may not read it', async () => {
  const { api } = await startHidden()
  await using _ = api
  await api.makeIndex('eve/far', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/' })
  await api.patch('/eve/far', { as: 'eve', json: { acl_read: ['eve'] } })
  await api.app.search.caughtUp()

  for (const who of [undefined, 'bob']) {
    const text = await listed(api, who)
    for (const word of [
      'eve/hidden',
      'eve/heir',
      'eve/far',
      'secretproject</',
      'summary of secrets',
    ]) {
      assert.ok(!text.includes(word), `${who} ${word}`)
    }
  }
  const readers = await listed(api, 'ada')
  for (const word of ['eve/hidden', 'eve/heir', 'secretproject', 'documentation']) {
    assert.ok(readers.includes(word), word)
  }
})

test('what is kept of lists is made anew when the right to read changes', async () => {
  await using api = await startApi({ indexes: ['ada/dev', HIDDEN] })
  const indexesOf = async (): Promise<Json> => [
    Object.keys((await api.get('/eve')).result.indexes),
    Object.keys((await api.get('/')).result.eve.indexes),
    linksIn((await getPage(api, '/')).text).includes(`/${HIDDEN}`),
    linksIn((await getPage(api, '/eve')).text).includes(`/${HIDDEN}`),
    (await api.get('/+inheritance')).text.includes(HIDDEN),
  ]

  assert.deepEqual(await indexesOf(), [['hidden'], ['hidden'], true, true, true])
  await api.patch(`/${HIDDEN}`, { as: 'eve', json: ['acl_read=:AUTHENTICATED:'] })
  assert.deepEqual(await indexesOf(), [[], [], false, false, false])
  await api.patch(`/${HIDDEN}`, { as: 'eve', json: ['acl_read-='] })
  assert.deepEqual(await indexesOf(), [['hidden'], ['hidden'], true, true, true])
})

test('an index is read by who may read all that it inherits from, also where that is a circle', async () => {
  const { api } = await startHidden()
  await using _ = api
  await api.patch(`/${HIDDEN}`, { as: 'eve', json: ['bases=eve/heir'] })

  assert.equal((await api.get('/eve/heir', { as: 'ada' })).status, 200)
  assert.equal((await api.get('/eve/heir', { as: 'bob' })).status, 404)
  await api.patch('/ada/dev', { as: 'ada', json: ['bases=eve/heir'] })
  assert.equal((await api.get('/ada/dev/+simple/secretproject/')).status, 401)
})

test('a browser gets a page that helps, and after a login the index', async () => {
  const { api } = await startHidden()
  await using _ = api
  const { result } = await api.post('/+login', { json: { user: 'ada', password: 'pw' } })
  const bob = await api.post('/+login', { json: { user: 'bob', password: 'pw' } })
  const cookieOf = (reply: Json): Record<string, string> => ({ cookie: `wheelyard=${reply}` })

  const nobody = await getPage(api, `/${HIDDEN}/secretproject`)
  assert.equal(nobody.status, 404)
  assert.match(nobody.text, /shown only to those who may read them/)
  assert.match(textOf(nobody.text), /shown only to those who may read them: log in ,/)
  assert.ok(linksIn(nobody.text).some((link) => link.startsWith('/+login?goto_url=')))
  const reader = await getPage(api, `/${HIDDEN}/secretproject`, {
    headers: cookieOf(result.password),
  })
  assert.equal(reader.status, 200)
  const stranger = await getPage(api, `/${HIDDEN}`, { headers: cookieOf(bob.result.password) })
  assert.doesNotMatch(textOf(stranger.text), /log in/)

  const form = 'targetindex=bob%2Fown&target=bob%2Fown'
  const type = { 'content-type': 'application/x-www-form-urlencoded', accept: BROWSER }
  const headers = { ...cookieOf(bob.result.password), ...type }
  const pushed = await api.post(`/${HIDDEN}/secretproject/1.0/+push`, { headers, body: form })
  assert.equal(pushed.status, 404)
})

test('a proxy that asks is told the same', async () => {
  const { api, file } = await startHidden()
  await using _ = api
  const ask = async (as?: string) =>
    (
      await api.get('/+authcheck', {
        ...(as !== undefined && { as }),
        headers: { 'x-original-uri': `http://yard${file}` },
      })
    ).status

  assert.deepEqual([await ask(), await ask('bob'), await ask('ada')], [401, 403, 200])
})

test('documentation that not everybody may read does not go to the host without logins', async () => {
  const docs = 'http://docs.example'
  const config = { docsUrl: docs, outsideUrl: 'http://yard.example' }
  const { api } = await startHidden({ config })
  await using _ = api
  const page = `/${HIDDEN}/secretproject/1.0/+doc/index.html`
  await addRelease(api, 'ada/dev', 'open', '1.0')
  await sendDocs(api, makeDocs(), { name: 'open', version: '1.0' })

  const read = await api.get(page, { as: 'ada' })
  assert.equal(read.status, 200)
  assert.match(read.headers['content-security-policy'] ?? '', /sandbox/)
  const apart = await api.get(page, { headers: { host: 'docs.example' } })
  assert.equal(apart.status, 404)
  const frame = await getPage(api, page.replace('+doc', '+d'), { as: 'ada' })
  assert.ok(!frame.text.includes(docs))
  const open = await api.get('/ada/dev/open/1.0/+doc/index.html')
  assert.equal(open.status, 302)
})

test('what was pushed from it does not tell where it came from, except to its readers', async () => {
  const { api } = await startHidden()
  await using _ = api
  const json = { name: 'secretproject', version: '1.0', targetindex: 'ada/dev' }
  assert.equal((await api.push(`/${HIDDEN}`, { as: 'ada', json })).status, 200)
  const release = '/ada/dev/secretproject/1.0'

  for (const who of [{}, { as: 'bob' }]) {
    const answers = [
      await api.get(release, who),
      await api.get('/ada/dev/secretproject', who),
      await getPage(api, release, who),
      await api.get(`${release}/+llms.txt`, who),
    ]
    for (const { status, text } of answers) {
      assert.equal(status, 200)
      assert.ok(!text.includes('eve/'), text)
    }
  }
  const page = await getPage(api, release, { as: 'ada' })
  assert.match(page.text, /by ada from eve\/hidden to ada\/dev/)
  const hidden = await api.get(`/${HIDDEN}/secretproject/1.0`, { as: 'ada' })
  assert.equal(hidden.result['+links'][0].log[0].dst, HIDDEN)

  await api.patch(`/${HIDDEN}`, { as: 'eve', json: ['acl_read-='] })
  assert.ok((await getPage(api, release)).text.includes(HIDDEN))
  assert.ok((await api.get(release)).text.includes(HIDDEN))
})

test('what names it as a base or as a target is answered as if it were not there', async () => {
  const { api } = await startHidden()
  await using _ = api
  await api.makeIndex('bob/own')
  const said = async (ask: (index: string) => Promise<Reply>): Promise<string[]> => {
    const replies = [await ask(HIDDEN), await ask('eve/nothing')]
    return replies.map(({ status, text }) => `${status} ${text}`)
  }
  const asks: ((index: string) => Promise<Reply>)[] = [
    (index) => api.put('/bob/new', { as: 'bob', json: { bases: [index] } }),
    (index) => api.patch('/bob/own', { as: 'bob', json: { bases: [index] } }),
    (index) => api.patch('/bob/own', { as: 'bob', json: [`bases+=${index}`] }),
    (index) => {
      const json = { name: 'shown', version: '1.0', targetindex: index }
      return api.push('/ada/dev', { as: 'bob', json })
    },
  ]
  await addRelease(api, 'ada/dev', 'shown', '1.0')

  for (const ask of asks) {
    const [hidden = '', nothing = ''] = await said(ask)
    assert.match(hidden, /^4/)
    assert.equal(hidden.replaceAll(HIDDEN, 'eve/nothing'), nothing)
  }
})

test('whoever owns an index may mend it where one of its bases is kept from them', async () => {
  const { api } = await startHidden()
  await using _ = api
  await api.patch(`/${HIDDEN}`, { as: 'eve', json: { acl_read: ['bob'] } })
  await api.makeIndex('bob/heir', { bases: [HIDDEN], volatile: true })
  await api.patch(`/${HIDDEN}`, { as: 'eve', json: { acl_read: ['ada'] } })
  const told = await getPage(api, '/bob/heir', { as: 'bob' })
  assert.equal(told.status, 403)
  const { message } = refuse('index-base-hidden', { index: 'bob/heir' })
  assert.ok(textOf(told.text).includes(message))
  for (const form of ['+edit', '+delete']) {
    assert.equal((await getPage(api, `/bob/heir/${form}`, { as: 'bob' })).status, 200, form)
  }

  const titled = await api.patch('/bob/heir', { as: 'bob', json: { title: 'Mine' } })
  assert.equal(titled.status, 200, titled.text)
  const mended = await api.patch('/bob/heir', { as: 'bob', json: { bases: [] } })
  assert.equal(mended.status, 200, mended.text)
  assert.equal((await api.get('/bob/heir', { as: 'bob' })).status, 200)
})

test('whatever is asked of it, others hear what they would hear of an index that is not there', async () => {
  const { api, file } = await startHidden()
  await using _ = api
  const paths = [`/${HIDDEN}`, `/${HIDDEN}/`, ...addressesOf(file), `/${HIDDEN}/+edit`]
  const below = paths.filter((path) => path.startsWith(`/${HIDDEN}`))

  for (const method of ['get', 'put', 'patch', 'del', 'post'] as const) {
    for (const path of below) {
      for (const accept of [BROWSER, 'application/json']) {
        const json = method === 'get' || method === 'del' ? {} : { json: {} }
        const options = { as: 'bob', accept, ...json }
        const other = path.replace(HIDDEN, 'eve/nothere')
        const hidden = await api[method](path, options)
        const nothing = await api[method](other, options)
        const shown = hidden.text.replaceAll('hidden', 'nothere')
        assert.equal(
          `${hidden.status} ${shown}`,
          `${nothing.status} ${nothing.text}`,
          `${method} ${path}`,
        )
      }
    }
  }
})

test('its readers see that it is not for everybody, and so is what inherits from it', async () => {
  const { api } = await startHidden()
  await using _ = api
  const marks = async (path: string, as: string): Promise<string[]> => {
    const { text } = await getPage(api, path, { as })
    return [...textOf(text).matchAll(/(\S+) stage restricted/g)].map(([, name = '']) => name)
  }

  assert.deepEqual(await marks('/', 'ada'), ['eve/heir', HIDDEN])
  assert.deepEqual(await marks('/eve', 'ada'), ['eve/heir', HIDDEN])
  assert.deepEqual(await marks(`/${HIDDEN}`, 'ada'), [HIDDEN])
  assert.deepEqual(await marks('/eve/heir', 'ada'), ['eve/heir'])
  assert.deepEqual(await marks('/ada/dev', 'ada'), [])
  assert.deepEqual(await marks('/', 'bob'), [])
})

test('who may upload to what inherits from it, but not read that, does not find it to push to', async () => {
  const { api } = await startHidden()
  await using _ = api
  await api.patch('/eve/heir', { as: 'eve', json: ['acl_upload=:AUTHENTICATED:'] })
  await api.makeIndex('bob/own')
  await addRelease(api, 'bob/own', 'boat', '1.0')
  const json = { name: 'boat', version: '1.0', targetindex: 'eve/heir' }

  const form = await getPage(api, '/bob/own/boat/1.0/+push', { as: 'bob' })
  assert.equal(form.status, 200)
  assert.ok(!form.text.includes('eve/'), form.text)
  assert.equal((await api.push('/bob/own', { as: 'bob', json })).status, 404)
  assert.equal((await api.get('/eve/heir/boat/1.0', { as: 'eve' })).status, 404)
})

test('no shared cache keeps a list that tells of it', async () => {
  const { api } = await startHidden()
  await using _ = api
  const lists = ['/', '/eve', '/+inheritance', '/+search?query=secret', '/+search/suggest?q=secret']

  for (const path of lists) {
    const { headers } = await api.get(path, { as: 'ada' })
    assert.match(headers['cache-control'] ?? '', /^private\b/, path)
  }
})

/** A mirror of `eve`'s, whose page leads to a file on a host that is not there, and all that was asked for it failed. */
async function startFailing(): Promise<{ api: Api; hosts: string[] } & AsyncDisposable> {
  const far = 'http://127.0.0.1:9'
  const upstream = await startFakeUpstream(
    byPath({ '/simple/foo/': body(`<a href="${far}/f/foo-1.0.tar.gz">foo-1.0.tar.gz</a>`) }),
  )
  const api = await startApi({ indexes: ['ada/dev'] })
  await api.makeUser('bob')
  const mirror = { type: 'mirror', mirror_url: upstream.url('/simple/'), acl_read: ['eve'] }
  await api.makeIndex('eve/far', { ...mirror, mirror_private_hosts: ['127.0.0.1:9'] })
  const accept = 'application/vnd.pypi.simple.v1+json'
  const page = await api.get('/eve/far/+simple/foo/', { as: 'eve', accept })
  await upstream[Symbol.asyncDispose]()
  const file = new URL(page.json.files[0].url, 'http://yard/eve/far/+simple/foo/').pathname
  await api.get(file, { as: 'eve', accept: '*/*' })
  await api.get('/eve/far/+simple/bar/', { as: 'eve', accept })
  return {
    ...{ api, hosts: [new URL(upstream.url('/')).host, new URL(far).host] },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
}

test('which upstreams fail is told to who may read a mirror for which they are asked', async () => {
  await using world = await startFailing()
  const { api, hosts } = world

  for (const who of [{}, { as: 'bob' }]) {
    assert.deepEqual((await api.get('/+status', who)).result.upstreams, [])
    const status = await getPage(api, '/+status', who)
    assert.match(textOf(status.text), /Status ok/)
    const answers = [status, await getPage(api, '/', who), await api.get('/+metrics', who)]
    for (const { text } of answers) {
      assert.ok(!hosts.some((host) => text.includes(host)), text)
      assert.ok(!text.includes('Status: degraded'), text)
    }
  }
  for (const as of ['eve', 'root']) {
    const told = await api.get('/+status', { as })
    const page = await getPage(api, '/+status', { as })
    const home = await getPage(api, '/', { as })
    const metrics = await api.get('/+metrics', { as })
    for (const host of hosts) {
      assert.ok(told.result.upstreams.some((one: Json) => one.upstream === `http://${host}`))
      assert.ok(page.text.includes(`http://${host} fails`), page.text)
      assert.ok(metrics.text.includes(`wheelyard_upstream_failures{upstream="http://${host}"}`))
    }
    assert.match(home.text, /degraded/)
  }

  await api.patch('/eve/far', { as: 'eve', json: ['acl_read-='] })
  assert.equal((await api.get('/+status')).result.upstreams.length, 2)
  assert.match((await getPage(api, '/')).text, /degraded/)
})

test('an upstream is told of where another mirror of the same address may be read', async () => {
  await using world = await startFailing()
  const { api, hosts } = world
  const { mirror_url } = (await api.get('/eve/far', { as: 'eve' })).result
  await api.makeIndex('ada/near', { type: 'mirror', mirror_url })
  const told = async (): Promise<Json> => (await api.get('/+status')).result.upstreams

  assert.equal((await told()).length, hosts.length)
  await api.patch('/ada/near', { as: 'ada', json: { acl_read: ['ada'] } })
  assert.deepEqual(await told(), [])
})
