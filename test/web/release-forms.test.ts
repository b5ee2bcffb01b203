/** Releases on pages: yanked, pushed, deleted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../support/api.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { fieldsOf, logIn, Visitor } from '../support/visitor.ts'
import { filePart, fieldParts, plainFields, sendParts } from '../support/upload.ts'
import { addRelease, linksIn, startWeb, textOf } from '../support/web.ts'
import { makeSdist } from '../support/wheel.ts'

const release = '/ada/dev/anchor/1.0'
const wheel = 'anchor-1.0-py3-none-any.whl'
const sdist = 'anchor-1.0.tar.gz'

async function startWithRelease(): Promise<Api> {
  const indexes = ['team/prod', 'ada/dev', 'bob/dev']
  const api = await startWeb({ indexes, transport: 'inject' }) // no proxy keeps pages
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  const fields = fieldParts(plainFields({ name: 'anchor', version: '1.0' }))
  await sendParts(api, 'ada/dev', [...fields, filePart(makeSdist('anchor', '1.0'))])
  await addRelease(api, 'ada/dev', 'anchor', '2.0')
  return api
}

async function filesOf(api: Api, index = 'ada/dev'): Promise<Record<string, unknown>> {
  const accept = 'application/vnd.pypi.simple.v1+json'
  const { json } = await api.get(`/${index}/+simple/anchor/`, { accept })
  const files = (json.files ?? []) as { filename: string; yanked?: unknown }[]
  return Object.fromEntries(files.map(({ filename, yanked }) => [filename, yanked ?? false]))
}

const newer = { 'anchor-2.0-py3-none-any.whl': false }

test('a release is yanked for a reason, which can be changed and taken back', async () => {
  await using api = await startWithRelease()
  const ada = await logIn(api, 'ada')

  const reply = await ada.fill(`${release}/+yank`, { reason: 'sinks <fast>' })
  assert.deepEqual([reply.status, reply.location], [303, release])
  const yanked = { [sdist]: 'sinks <fast>', [wheel]: 'sinks <fast>', ...newer }
  assert.deepEqual(await filesOf(api), yanked)
  const again = await ada.open(`${release}/+yank`)
  assert.equal(fieldsOf(again.text).reason, 'sinks <fast>')
  await ada.fill(`${release}/+yank`, { undo: 'yes' })
  assert.deepEqual(await filesOf(api), { [sdist]: false, [wheel]: false, ...newer })
})

test('one file is yanked, and deleted, alone', async () => {
  await using api = await startWithRelease()
  const ada = await logIn(api, 'ada')
  const file = `?file=${encodeURIComponent(sdist)}`
  const page = await ada.open(`${release}/+yank`)
  assert.ok(linksIn(page.text).includes(`${release}/+yank${file}`))

  await ada.fill(`${release}/+yank${file}`, { reason: '' })
  assert.deepEqual(await filesOf(api), { [sdist]: true, [wheel]: false, ...newer })
  const deleted = await ada.fill(`${release}/+delete${file}`, { force: 'yes' })
  assert.deepEqual([deleted.status, deleted.location], [303, release])
  assert.deepEqual(await filesOf(api), { [wheel]: false, ...newer })
  const last = await ada.fill(`${release}/+delete?file=${wheel}`, { force: 'yes' })
  assert.equal(last.location, '/ada/dev/anchor')
  assert.equal((await ada.open(`${release}/+delete?file=${wheel}`)).status, 404)
})

test('a release is deleted; from an index that is not volatile only with a tick', async () => {
  await using api = await startWithRelease()
  const ada = await logIn(api, 'ada')

  const page = await ada.open(`${release}/+delete`)
  assert.match(
    textOf(page.text),
    /The release anchor 1\.0 goes from ada\/dev, .*anchor-1\.0\.tar\.gz/,
  )
  const refused = await ada.fill(`${release}/+delete`)
  assert.equal(refused.status, 403)
  assert.match(refused.text, /role="alert"/)
  const gone = await ada.fill(`${release}/+delete`, { force: 'yes' })
  assert.deepEqual([gone.status, gone.location], [303, '/ada/dev/anchor'])
  assert.deepEqual(await filesOf(api), newer)
})

test('a project is deleted by who types its name', async () => {
  await using api = await startWithRelease()
  const ada = await logIn(api, 'ada')
  await api.patch('/ada/dev', { as: 'ada', json: { volatile: true } })

  const page = await ada.open('/ada/dev/anchor/+delete')
  assert.match(textOf(page.text), /All of anchor goes from ada\/dev: 2 releases, with files/)
  assert.doesNotMatch(page.text, /name="force"/)
  assert.equal((await ada.fill('/ada/dev/anchor/+delete', { confirm: 'anker' })).status, 400)
  const gone = await ada.fill('/ada/dev/anchor/+delete', { confirm: 'anchor' })
  assert.deepEqual([gone.status, gone.location], [303, '/ada/dev'])
  assert.equal((await api.get('/ada/dev/anchor')).status, 404)
})

test('a release is pushed to one of the indexes that its reader may upload to', async () => {
  await using api = await startWithRelease()
  await api.patch('/team/prod', { as: 'team', json: { acl_upload: ['ada'] } })
  const ada = await logIn(api, 'ada')

  const { text } = await ada.open(`${release}/+push`)
  assert.match(text, /<option value="team\/prod"/)
  assert.doesNotMatch(text, /<option value="(?:bob|ada)\/dev"/)
  const reply = await ada.fill(`${release}/+push`)
  assert.deepEqual([reply.status, reply.location], [303, '/team/prod/anchor/1.0'])
  assert.deepEqual(await filesOf(api, 'team/prod'), { [sdist]: false, [wheel]: false })
  const again = await ada.fill(`${release}/+push`, { target: 'bob/dev' })
  assert.equal(again.status, 401)
  assert.match(textOf(again.text), /user 'ada' cannot upload to 'bob\/dev'/)
})

test('who may push nowhere is told so, and finds nothing to send', async () => {
  await using api = await startWithRelease()
  const ada = await logIn(api, 'ada')

  const { text } = await ada.open(`${release}/+push`)

  assert.match(textOf(text), /There is no other stage to which you may upload/)
  assert.doesNotMatch(text, /<select|Push anchor 1\.0<\/button>/)
  assert.ok(linksIn(text).includes(release))
})

test('one file is pushed alone', async () => {
  await using api = await startWithRelease()
  await api.patch('/team/prod', { as: 'team', json: { acl_upload: ['ada'] } })
  const ada = await logIn(api, 'ada')

  await ada.fill(`${release}/+push?file=${wheel}`)

  assert.deepEqual(await filesOf(api, 'team/prod'), { [wheel]: false })
})

test('what is there already with other content is told, and nothing is pushed', async () => {
  await using api = await startWithRelease()
  await addRelease(api, 'bob/dev', 'anchor', '1.0')
  await api.patch('/bob/dev', { as: 'bob', json: { acl_upload: ['ada', 'bob'] } })
  const ada = await logIn(api, 'ada')

  const reply = await ada.fill(`${release}/+push`, { target: 'bob/dev' })

  assert.equal(reply.status, 409)
  assert.match(reply.text, /role="alert"/)
  assert.deepEqual(await filesOf(api, 'bob/dev'), { [wheel]: false })
})

test('who may not sees no link, and finds no form', async () => {
  await using api = await startWithRelease()
  const [bob, nobody] = [await logIn(api, 'bob'), new Visitor(api)]
  const csrf = fieldsOf((await bob.open('/bob/+edit')).text).csrf ?? ''
  const { serial } = api
  const forms = [`${release}/+delete`, `${release}/+yank`, '/ada/dev/anchor/+delete']

  for (const form of forms) {
    assert.equal((await bob.open(form)).status, 403, form)
    const fields = { csrf, confirm: 'anchor', force: 'yes', reason: 'x' }
    assert.equal((await bob.send(form, fields)).status, 403, form)
    assert.equal((await nobody.open(form)).status, 303, form)
    assert.equal((await nobody.send(form, fields)).status, 401, form)
  }
  for (const page of [release, '/ada/dev/anchor', '/ada/dev']) {
    const [shown, plain] = [await bob.open(page), await nobody.open(page)]
    assert.doesNotMatch(linksIn(shown.text).join(' '), /\+delete|\+yank|\+upload|\+edit/)
    assert.doesNotMatch(linksIn(plain.text).join(' '), /\+delete|\+yank|\+push|\+upload|\+edit/)
  }
  assert.equal(api.serial, serial)
})

test('a release that only a base has is pushed from there, and not to be changed here', async () => {
  await using api = await startWithRelease()
  await addRelease(api, 'team/prod', 'buoy', '3.0')
  const ada = await logIn(api, 'ada')

  const links = linksIn((await ada.open('/ada/dev/buoy/3.0')).text)

  assert.ok(links.includes('/team/prod/buoy/3.0/+push'))
  assert.ok(!links.some((link) => /\+(?:yank|delete)/.test(link)))
})

test('on a mirror nothing is yanked', async () => {
  await using api = await startWithRelease()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' })
  const ada = await logIn(api, 'ada')

  const reply = await ada.open('/ada/up/anchor/1.0/+yank')

  assert.equal(reply.status, 400)
})

test('documentation is deleted alone', async () => {
  await using api = await startWithRelease()
  await sendDocs(api, makeDocs(), { name: 'anchor', version: '1.0' })
  const ada = await logIn(api, 'ada')
  const form = `${release}/+delete?file=anchor-1.0.doc.zip`
  assert.ok(linksIn((await ada.open(`${release}/+delete`)).text).includes(form))

  const reply = await ada.fill(form, { force: 'yes' })

  assert.deepEqual([reply.status, reply.location], [303, release])
  assert.equal((await api.get(`${release}/+doc/index.html`)).status, 404)
  assert.equal((await ada.open(form)).status, 404)
})

test('there is no form for what is not there', async () => {
  await using api = await startWithRelease()
  const ada = await logIn(api, 'ada')
  const forms = ['nope/+delete', 'anchor/9/+delete', 'anchor/9/+yank', 'anchor/1.0/+push?file=x']

  for (const form of forms) assert.equal((await ada.open(`/ada/dev/${form}`)).status, 404, form)
})
