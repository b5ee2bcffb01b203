/** Users on pages: made, changed, given passwords, deleted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOf, logIn, Visitor } from '../support/visitor.ts'
import { addRelease, getPage, linksIn, startWeb, textOf } from '../support/web.ts'

const indexes = ['team/prod', 'ada/dev', 'bob/dev']

test('anybody makes a user, who then logs in', async () => {
  await using api = await startWeb()
  const cy = new Visitor(api)

  const made = await cy.fill('/+new-user', {
    name: 'cy',
    password: 'sesame',
    again: 'sesame',
    title: 'Cy <3',
  })

  assert.deepEqual([made.status, made.location], [303, '/+login?goto_url=%2Fcy'])
  await cy.logIn('cy', 'sesame')
  assert.match(textOf((await cy.open('/cy')).text), /cy Cy <3/)
})

test('mistakes in a new user stand at their fields, and nothing typed is lost but passwords', async () => {
  await using api = await startWeb()
  const cy = new Visitor(api)
  const good = { name: 'cy', password: 'sesame', again: 'sesame', title: 'Cy & <co>' }
  const mistakes: [changes: Record<string, string>, field: string, text: RegExp, status: number][] =
    [
      [{ name: 'ada' }, 'name', /user already exists/, 409],
      [{ name: 'a b' }, 'name', /contains characters that aren&#39;t allowed/, 400],
      [{ name: '' }, 'name', /A user needs a name/, 400],
      [{ password: '', again: '' }, 'password', /A password is needed/, 400],
      [{ again: 'other' }, 'again', /The two are not the same/, 400],
      [{ custom_data: '{"a":' }, 'custom_data', /This is no JSON/, 400],
    ]

  for (const [changes, field, text, status] of mistakes) {
    const reply = await cy.fill('/+new-user', { ...good, ...changes })
    assert.equal(reply.status, status)
    const beside = reply.text.split(`id="field-${field}-mistake">`)[1] ?? ''
    assert.match(beside.split('</p>')[0] ?? '', text)
    assert.match(reply.text, /role="alert" tabindex="-1" autofocus/)
    const { csrf: _csrf, ...typed } = fieldsOf(reply.text)
    assert.deepEqual(typed, {
      email: '',
      description: '',
      custom_data: '',
      ...good,
      ...changes,
      password: '',
      again: '',
    })
  }
  assert.equal((await api.get('/cy')).status, 404)
})

test('a user is changed, and a field that is emptied is taken away', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')

  const set = await ada.fill('/ada/+edit', {
    title: 'Ada',
    email: 'ada@example.org',
    description: 'first\r\nsecond',
    custom_data: '{"team": ["a"]}',
  })
  assert.deepEqual([set.status, set.location], [303, '/ada'])
  const { result } = await api.get('/ada')
  assert.deepEqual(
    [result.title, result.email, result.description, result.custom_data],
    ['Ada', 'ada@example.org', 'first\nsecond', { team: ['a'] }],
  )
  const shown = fieldsOf((await ada.open('/ada/+edit')).text)
  assert.deepEqual(JSON.parse(shown.custom_data ?? ''), { team: ['a'] })
  await ada.fill('/ada/+edit', { email: '', custom_data: '' })
  const after = (await api.get('/ada')).result
  assert.deepEqual([after.title, after.email, after.custom_data], ['Ada', undefined, undefined])
})

test('a user gets a new password', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')

  const reply = await ada.fill('/ada/+password', { password: 'new', again: 'new' })

  assert.deepEqual([reply.status, reply.location], [303, '/ada'])
  assert.equal(
    (await new Visitor(api).fill('/+login', { username: 'ada', password: 'pw' })).status,
    401,
  )
  await logIn(api, 'ada', 'new')
})

test('a user is deleted by who types its name', async () => {
  await using api = await startWeb({ indexes })
  await api.patch('/bob/dev', { as: 'bob', json: { volatile: true } })
  const bob = await logIn(api, 'bob')

  const page = await bob.open('/bob/+delete')
  assert.match(textOf(page.text), /With bob go all indexes and what is on them: bob\/dev\./)
  const wrong = await bob.fill('/bob/+delete', { confirm: 'ada' })
  assert.equal(wrong.status, 400)
  assert.match(textOf(wrong.text), /This is not bob\. Nothing was deleted\./)
  assert.equal((await api.get('/bob')).status, 200)
  const right = await bob.fill('/bob/+delete', { confirm: 'bob' })
  assert.deepEqual([right.status, right.location], [303, '/'])
  assert.equal((await api.get('/bob')).status, 404)
})

test('what keeps a user from being deleted is told', async () => {
  await using api = await startWeb({ indexes })
  const bob = await logIn(api, 'bob')

  const reply = await bob.fill('/bob/+delete', { confirm: 'bob' })

  assert.equal(reply.status, 403)
  assert.match(textOf(reply.text), /user 'bob' has non-volatile index: dev/)
})

test('nobody changes others, sees links to it, or learns whether they could', async () => {
  await using api = await startWeb({ indexes })
  const [ada, nobody] = [await logIn(api, 'ada'), new Visitor(api)]
  const forms = ['+edit', '+password', '+delete', '+new-index']
  const csrf = fieldsOf((await ada.open('/ada/+edit')).text).csrf ?? ''

  for (const form of forms) {
    const path = `/bob/${form}`
    assert.equal((await ada.open(path)).status, 403, path)
    const fields = { csrf, confirm: 'bob', password: 'x', again: 'x', title: 'x', name: 'x' }
    assert.equal((await ada.send(path, fields)).status, 403, path)
    assert.equal((await nobody.open(path)).status, 303, path)
    assert.equal((await nobody.send(path, fields)).status, 401, path)
    assert.equal((await ada.open(`/nope/${form}`)).status, 404, form)
    assert.ok(linksIn((await ada.open('/ada')).text).includes(`/ada/${form}`), form)
    assert.ok(!linksIn((await ada.open('/bob')).text).includes(path), path)
  }
  assert.equal((await api.get('/bob')).result.title, undefined)
  const root = await logIn(api, 'root', '')
  assert.equal((await root.open('/bob/+edit')).status, 200)
})

test('a form counts only with the token of its login, from our own pages', async () => {
  await using api = await startWeb({ indexes })
  const [ada, bob] = [await logIn(api, 'ada'), await logIn(api, 'bob')]
  const fields = fieldsOf((await ada.open('/ada/+edit')).text)
  const other = fieldsOf((await bob.open('/bob/+edit')).text).csrf ?? ''
  const { serial } = api

  for (const csrf of ['', 'x', other]) {
    const reply = await ada.send('/ada/+edit', { ...fields, title: 'Mine', csrf })
    assert.equal(reply.status, 403)
    assert.match(textOf(reply.text), /This form was not made for your login/)
    // To be sent again, it has the right token now.
    assert.deepEqual(fieldsOf(reply.text), { ...fields, title: 'Mine' })
  }
  for (const headers of [{ origin: 'null' }, { origin: 'https://evil.example' }]) {
    const reply = await ada.send('/ada/+edit', { ...fields, title: 'Evil' }, { headers })
    assert.equal(reply.status, 403)
    assert.doesNotMatch(reply.text, /Evil|name="csrf"/)
  }
  assert.equal(api.serial, serial)
})

test('where some are named to change users, the others find no such pages', async () => {
  await using api = await startWeb({ indexes })
  await api.restart({ restrictModify: ['bob'] })
  const ada = await logIn(api, 'ada')

  assert.equal((await new Visitor(api).open('/+new-user')).status, 403)
  assert.equal((await ada.open('/ada/+edit')).status, 403)
  assert.equal((await ada.open('/ada/+password')).status, 200)
  assert.doesNotMatch((await ada.open('/+login')).text, /new-user/)
})

test('whoever may not use a form is told so on a page, and who may', async () => {
  await using api = await startWeb({ indexes })
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  await api.patch('/ada/dev', { as: 'ada', json: ['volatile=False'] })
  const [bob, ada] = [await logIn(api, 'bob'), await logIn(api, 'ada')]
  const refused: [visitor: Visitor, path: string, help: RegExp, link?: string][] = [
    [bob, '/ada/+edit', /no permission to modify user ada ada or root can\./],
    [bob, '/ada/+password', /no permission to change password for user ada ada can, and root\./],
    [bob, '/ada/+new-index', /ada or root can\./, '/bob/+new-index'],
    [bob, '/ada/dev/+edit', /ada or root can\./],
    [bob, '/ada/dev/+upload', /Those may upload here: ada \(acl_upload\)\. ada or root can change/],
    [bob, '/ada/dev/anchor/+delete', /ada or root can, and those who may upload here: ada\./],
    [bob, '/ada/+delete', /ada or root can\./],
    [ada, '/ada/dev/+delete', /Who makes it volatile first can delete it/, '/ada/dev/+edit'],
  ]

  for (const [visitor, path, help, link] of refused) {
    const page = await visitor.open(path)
    assert.equal(page.status, 403, path)
    assert.match(page.headers['content-type'] ?? '', /^text\/html/, path)
    assert.match(textOf(page.text), help, path)
    assert.doesNotMatch(textOf(page.text), /You are not logged in/)
    if (link !== undefined) assert.ok(linksIn(page.text).includes(link), path)
  }
  const root = await bob.open('/root/+delete')
  assert.equal(root.status, 403)
  assert.doesNotMatch(textOf(root.text), /can\./)
  const sent = await bob.send('/ada/+edit', {})
  assert.deepEqual([sent.status, sent.headers['content-type']?.slice(0, 9)], [403, 'text/html'])
})

test('whoever is refused without a login is led to it', async () => {
  await using api = await startWeb({ indexes })
  await api.restart({ restrictModify: ['bob'] })

  const page = await getPage(api, '/+new-user')

  assert.equal(page.status, 403)
  assert.match(textOf(page.text), /You are not logged in: log in/)
  assert.match(textOf(page.text), /Those whom the server names for it \(--restrict-modify\) can\./)
})

test('where a page below a project is not there, the project is a link away', async () => {
  await using api = await startWeb({ indexes })
  await addRelease(api, 'ada/dev', 'anchor', '1.0')

  for (const path of ['/ada/dev/anchor/9.9', '/ada/dev/Anchor/1.0/+contents/nothing.whl']) {
    const page = await getPage(api, path)
    assert.equal(page.status, 404, path)
    assert.match(page.text, /<a href="\/ada\/dev\/anchor">The project anchor on ada\/dev<\/a>/)
  }
  const other = await getPage(api, '/ada/dev/rope/1.0')
  assert.doesNotMatch(other.text, /The project rope on/)
})
