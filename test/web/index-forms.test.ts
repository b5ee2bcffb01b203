/** Indexes on pages: made, changed, deleted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOf, logIn, Visitor } from '../support/visitor.ts'
import { addRelease, linksIn, startWeb, textOf } from '../support/web.ts'

const indexes = ['team/prod', 'ada/dev', 'bob/dev']

test('a stage is made with its options', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')

  const made = await ada.fill('/ada/+new-index', {
    name: 'next',
    title: 'Next <things>',
    bases: 'team/prod\r\n\r\n bob/dev ',
    volatile: 'no',
    acl_upload: 'ada\r\n:authenticated:',
    custom_data: '{"order": 2}',
    cooldown: '7d',
    deny: 'foo>=1,<2\nbar',
    deny_yanked: 'yes',
  })

  assert.deepEqual([made.status, made.location], [303, '/ada/next'])
  const { result } = await api.get('/ada/next?no_projects')
  assert.deepEqual(result, {
    type: 'stage',
    volatile: false,
    bases: ['team/prod', 'bob/dev'],
    acl_upload: ['ada', ':AUTHENTICATED:'],
    acl_toxresult_upload: [':ANONYMOUS:'],
    mirror_whitelist: [],
    mirror_whitelist_inheritance: 'intersection',
    title: 'Next <things>',
    custom_data: { order: 2 },
    cooldown: '7d',
    deny: ['foo>=1,<2', 'bar'],
    deny_yanked: true,
  })
})

test('a mirror is made by its own form', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')
  const page = await ada.open('/ada/+new-index')
  assert.ok(linksIn(page.text).includes('/ada/+new-index?type=mirror'))

  const empty = await ada.fill('/ada/+new-index?type=mirror', { name: 'up', mirror_url: '' })
  assert.equal(empty.status, 400)
  assert.match(textOf(empty.text), /'mirror_url' option must be a URL\./)
  const mirror_url = 'https://ada:hush@up.example/simple/'
  const made = await ada.fill('/ada/+new-index?type=mirror', {
    name: 'up',
    mirror_url,
    mirror_cache_expiry: '60',
    mirror_token: 't0ken',
  })
  assert.equal(made.location, '/ada/up')
  const { result } = await api.get('/ada/up?no_projects', { as: 'ada' })
  assert.deepEqual(
    [result.mirror_url, result.mirror_cache_expiry, result.mirror_token],
    [mirror_url, 60, 't0ken'],
  )
})

test('a form shows what is set, and sent as it is changes nothing', async () => {
  await using api = await startWeb({ indexes })
  const json = {
    title: 'T',
    description: 'one\ntwo',
    custom_data: { a: [1, null] },
    strict_uploads: true,
    allow: ['foo', 'bar>1'],
    constraints: 'foo==1.0\nbar==2\n',
    newest_versions: '3',
    advisories: 'malicious',
    policy_mode: 'observe',
  }
  await api.patch('/ada/dev', { as: 'ada', json })
  const before = (await api.get('/ada/dev?no_projects')).result
  const ada = await logIn(api, 'ada')

  const reply = await ada.fill('/ada/dev/+edit')

  assert.equal(reply.status, 303, textOf(reply.text))
  assert.deepEqual((await api.get('/ada/dev?no_projects')).result, before)
})

test('only what is changed in the form is changed, and an emptied field is taken away', async () => {
  await using api = await startWeb({ indexes })
  await api.patch('/ada/dev', { as: 'ada', json: { title: 'T', cooldown: '7d', deny: ['foo'] } })
  const ada = await logIn(api, 'ada')
  const fields = fieldsOf((await ada.open('/ada/dev/+edit')).text)
  await api.patch('/ada/dev', { as: 'ada', json: { description: 'meanwhile' } })

  const reply = await ada.send('/ada/dev/+edit', {
    ...fields,
    title: 'New',
    cooldown: '',
    deny: '',
    bases: '',
  })

  assert.equal(reply.location, '/ada/dev')
  const { result } = await api.get('/ada/dev?no_projects')
  assert.deepEqual(
    [result.title, result.cooldown, result.deny, result.bases, result.acl_upload],
    ['New', undefined, undefined, [], ['ada']],
  )
})

test('all mistakes are told together, each at its field, and nothing typed is lost', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')
  const typed = { title: 'kept & <safe>', cooldown: 'soon', custom_data: '{', deny: 'foo >> 1' }

  const reply = await ada.fill('/ada/dev/+edit', typed)

  assert.equal(reply.status, 400)
  assert.match(textOf(reply.text), /Nothing was saved yet: 3 fields have a mistake\./)
  for (const field of ['cooldown', 'custom_data', 'deny']) {
    assert.match(reply.text, new RegExp(`id="field-${field}-mistake"`))
    assert.match(reply.text, new RegExp(`href="#field-${field}"`))
  }
  const fields = fieldsOf(reply.text)
  for (const [name, value] of Object.entries(typed)) assert.equal(fields[name], value)
  assert.equal((await api.get('/ada/dev?no_projects')).result.title, undefined)
})

test('bases that are none, and names that are taken, are told at their fields', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')

  const bases = await ada.fill('/ada/dev/+edit', { bases: 'team/prod\nnobody/none' })
  const taken = await ada.fill('/ada/+new-index', { name: 'dev' })
  const odd = await ada.fill('/ada/+new-index', { name: 'a+b' })

  assert.match(
    bases.text,
    /id="field-bases-mistake">base index &#39;nobody\/none&#39; does not exist/,
  )
  assert.match(taken.text, /id="field-name-mistake">index &#39;ada\/dev&#39; exists/)
  assert.match(odd.text, /id="field-name-mistake">indexname/)
  assert.deepEqual([bases.status, taken.status, odd.status], [400, 409, 400])
})

test("an upstream's secrets stand on no page, and stay where the field is left empty", async () => {
  await using api = await startWeb({ indexes })
  await api.makeIndex('ada/up', {
    type: 'mirror',
    mirror_url: 'https://u:hush@up.example/simple/',
    mirror_token: 't0ken',
  })
  const ada = await logIn(api, 'ada')

  const { text } = await ada.open('/ada/up/+edit')
  assert.doesNotMatch(text, /t0ken/)
  await ada.fill('/ada/up/+edit', { title: 'Up' })
  const { result } = await api.get('/ada/up?no_projects', { as: 'ada' })
  assert.deepEqual(
    [result.title, result.mirror_token, result.mirror_url],
    ['Up', 't0ken', 'https://u:hush@up.example/simple/'],
  )
  // Who is logged out meanwhile gets the form back, without what only the owner may see.
  const fields = { title: 'x' }
  const late = await new Visitor(api).send('/ada/up/+edit', fields)
  assert.equal(late.status, 401)
  assert.doesNotMatch(late.text, /t0ken|hush/)
  assert.match(textOf(late.text), /You are not logged in any more/)
})

test('an index is deleted by who types its name; one that is not volatile is not', async () => {
  await using api = await startWeb({ indexes })
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  const ada = await logIn(api, 'ada')

  assert.equal((await ada.open('/ada/dev/+delete')).status, 403)
  assert.ok(!linksIn((await ada.open('/ada/dev')).text).includes('/ada/dev/+delete'))
  await ada.fill('/ada/dev/+edit', { volatile: 'yes' })
  const page = await ada.open('/ada/dev/+delete')
  assert.match(textOf(page.text), /With ada\/dev goes its one project: anchor\./)
  assert.equal((await ada.fill('/ada/dev/+delete', { confirm: 'dev' })).status, 400)
  const gone = await ada.fill('/ada/dev/+delete', { confirm: 'ada/dev' })
  assert.deepEqual([gone.status, gone.location], [303, '/ada'])
  assert.equal((await api.get('/ada/dev')).status, 404)
})

test('who may not change an index finds no form for it', async () => {
  await using api = await startWeb({ indexes })
  await api.patch('/ada/dev', { as: 'ada', json: { volatile: true } })
  const bob = await logIn(api, 'bob')
  const csrf = fieldsOf((await bob.open('/bob/+edit')).text).csrf ?? ''
  const { serial } = api

  for (const form of ['+edit', '+delete', '+upload']) {
    assert.equal((await bob.open(`/ada/dev/${form}`)).status, 403, form)
    assert.ok(!linksIn((await bob.open('/ada/dev')).text).includes(`/ada/dev/${form}`), form)
    assert.equal((await bob.open(`/ada/nope/${form}`)).status, 404, form)
  }
  for (const form of ['+edit', '+delete']) {
    const fields = { csrf, title: 'x', confirm: 'ada/dev' }
    assert.equal((await bob.send(`/ada/dev/${form}`, fields)).status, 403, form)
  }
  assert.equal(api.serial, serial)
})

test('whoever deletes an index is told which have it as a base, as far as they may know', async () => {
  await using api = await startWeb({ indexes: [...indexes, 'bob/kept'] })
  await api.patch('/team/prod', { as: 'team', json: ['volatile=True'] })
  await api.patch('/bob/kept', { as: 'bob', json: { bases: ['team/prod'], acl_read: ['bob'] } })
  const team = await logIn(api, 'team')
  const told = async () => textOf((await team.open('/team/prod/+delete')).text)

  const one = await told()
  assert.match(one, /The index ada\/dev has it as a base, and no longer offers what is on it\./)
  assert.ok(!one.includes('bob/kept'))
  await api.patch('/bob/kept', { as: 'bob', json: ['acl_read-='] })
  assert.match(await told(), /2 indexes have it as a base, .*: ada\/dev, bob\/kept\./)
})
