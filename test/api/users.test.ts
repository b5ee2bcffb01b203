/** Users: sign up, look, change, leave (devpi-http 4.1, 4.6; rows 31 to 41 of its checklist). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../support/api.ts'

const PHC =
  '$argon2id$v=19$m=1024,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'

test('anybody may sign up, and is shown without secrets', async () => {
  await using api = await startApi()

  const made = await api.put('/ada', {
    json: { password: 'top secret', email: 'ada@example.org', custom_data: { team: [1, 'ö'] } },
  })

  assert.equal(made.status, 201)
  assert.equal(made.headers['content-type'], 'application/json')
  assert.deepEqual(Object.keys(made.json), ['result', 'type'])
  assert.equal(made.json.type, 'userconfig')
  const { created, ...rest } = made.result
  assert.match(created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.deepEqual(rest, {
    username: 'ada',
    indexes: {},
    email: 'ada@example.org',
    custom_data: { team: [1, 'ö'] },
  })
})

test('no answer has a password, a hash or what binds tokens to a user', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const seen = [
    await api.put('/bob', { json: { password: 'top secret', pwhash: PHC } }),
    await api.get('/'),
    await api.get('/ada', { as: 'ada' }),
    await api.get('/ada', { as: 'root' }),
    await api.patch('/ada', { as: 'ada', json: { title: 'x' } }),
    await api.get('/+status', { as: 'root' }),
  ]

  for (const { text } of seen) assert.doesNotMatch(text, /pwhash|argon2|secret|life/)
})

test('a new user needs a name of its own, a password, and no unknown keys', async () => {
  await using api = await startApi()
  await api.makeUser('ada')
  const before = api.serial

  const again = await api.put('/ada', { json: { password: 'x' } })
  const emptyHanded = await api.put('/bob', { json: {} })
  const onlyHash = await api.put('/bob', { json: { pwhash: PHC } })
  const unknown = await api.put('/bob', { json: { password: 'x', zebra: 1, ape: 2 } })

  assert.deepEqual([again.status, again.message], [409, 'user already exists'])
  assert.deepEqual([emptyHanded.status, emptyHanded.message], [400, 'password needs to be set'])
  assert.deepEqual([onlyHash.status, onlyHash.message], [400, 'password needs to be set'])
  assert.deepEqual(
    [unknown.status, unknown.message],
    [400, 'Unknown keys in user config: zebra, ape'],
  )
  assert.equal(api.serial, before)
})

test('a user name has letters of any script, digits and - . @ _', async () => {
  await using api = await startApi()

  for (const name of ['a.b-c_d@e', 'éva', 'Ünï', '日本', '🐍', '__proto__', 'constructor']) {
    const made = await api.put(`/${encodeURIComponent(name)}`, { json: { password: 'x' } })
    assert.deepEqual([made.status, made.result.username], [201, name])
    const login = await api.post('/+login', { json: { user: name, password: 'x' } })
    assert.equal(login.status, 200, name)
    const secret = login.result.password
    const asked = await api.get('/+api', { login: { user: name, secret } })
    assert.deepEqual(asked.result.authstatus, ['ok', name, []])
  }
  const all = await api.get('/')
  assert.equal(Object.keys(all.result).length, 8)
  assert.ok(Object.hasOwn(all.result, '__proto__'))
})

test('other names are refused, and say why', async () => {
  await using api = await startApi()
  const before = api.serial
  const refusals: [path: string, status: number, says: RegExp][] = [
    ['/a:b', 400, /username 'a:b' contains characters that aren't allowed/],
    ['/a%20b', 400, /Any ascii symbol besides -\.@_ is blocked/],
    ["/o'brien", 400, /username "o'brien" contains/],
    ['/a%C2%A0b', 400, /contains characters/],
    ['/%E2%80%A8', 400, /contains characters/],
    [`/${'x'.repeat(129)}`, 400, /username 'x+…' is longer than 128 characters/],
    ['/a%0Ab', 400, /malformed address/],
    ['/%ED%A0%80', 400, /malformed address/],
    ['/a+b', 404, /does not exist/],
  ]

  for (const [path, status, says] of refusals) {
    const reply = await api.put(path, { json: { password: 'x' } })
    assert.equal(reply.status, status, path)
    assert.match(reply.message ?? '', says)
  }
  assert.equal(api.serial, before)
})

test('a change touches only what is given, and ignores what clients echo', async () => {
  await using api = await startApi()
  await api.put('/ada', { json: { password: 'x', email: 'a@example.org', title: 'A' } })
  await api.post('/+login', { json: { user: 'ada', password: 'x' } })
  const ada = { login: { user: 'ada', secret: 'x' } }
  const { result: first } = await api.get('/ada')
  assert.equal(first.modified, undefined)

  const echoed = await api.patch('/ada', {
    ...ada,
    json: { ...first, description: 'D', created: 'x', modified: 'y', nonsense: 1 },
  })
  const { result: second } = await api.get('/ada')
  const cleared = await api.patch('/ada/', { ...ada, json: { title: '', email: null } })
  const { result: third } = await api.get('/ada')

  assert.deepEqual([echoed.status, echoed.json], [200, { message: 'user updated' }])
  assert.deepEqual({ ...second, modified: 1 }, { ...first, description: 'D', modified: 1 })
  assert.equal(cleared.status, 200)
  assert.deepEqual(Object.keys(third).sort(), [
    'created',
    'description',
    'indexes',
    'modified',
    'username',
  ])
})

test('what changes nothing makes no serial, and no new time', async () => {
  await using api = await startApi()
  await api.put('/ada', { json: { password: 'x', custom_data: { a: 1, b: [2] } } })
  const before = api.serial

  for (const json of [{}, { title: '' }, { custom_data: { b: [2], a: 1 } }, { password: null }]) {
    const reply = await api.patch('/ada', { login: { user: 'ada', secret: 'x' }, json })
    assert.equal(reply.status, 200)
  }

  assert.equal(api.serial, before)
  assert.equal((await api.get('/ada')).result.modified, undefined)
})

// devpi-http 12: 37
test('making an index does not count as a change of the user', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })

  assert.equal((await api.get('/ada')).result.modified, undefined)
})

// devpi-http 12: 27
test('a new password comes with a new login, and the old login stays good', async () => {
  await using api = await startApi()
  const old = await api.makeUser('ada')

  const changed = await api.patch('/ada', { as: 'ada', json: { password: 'new' } })

  assert.deepEqual(
    [changed.status, changed.json.type, changed.message],
    [200, 'userpassword', 'user updated, new proxy auth'],
  )
  assert.equal(changed.result.expiration, 36_000)
  for (const secret of [changed.result.password, old, 'new']) {
    const { result } = await api.get('/+api', { login: { user: 'ada', secret } })
    assert.deepEqual(result.authstatus, ['ok', 'ada', []])
  }
  const outdated = await api.get('/+api', { login: { user: 'ada', secret: 'pw' } })
  assert.deepEqual(outdated.result.authstatus, ['noauth', '', []])
})

test('a hash from elsewhere is taken if it can be checked at a bearable cost', async () => {
  await using api = await startApi()
  await api.makeUser('ada')
  const before = api.serial
  const costly = PHC.replace('m=1024', 'm=4194304')
  const impossible = [costly, PHC.replace('t=1', 't=9999'), PHC.replace('p=1', 'p=999'), 'rubbish']
  impossible.push(PHC.replace('MDEyMzQ1Njc4OWFiY2RlZg', 'MDEy'), PHC.replace('m=1024', 'm=1'))

  for (const pwhash of impossible) {
    const reply = await api.patch('/ada', { as: 'ada', json: { pwhash } })
    assert.equal(reply.status, 400)
    assert.match(reply.message ?? '', /^'pwhash' must be an argon2 PHC string/)
  }
  assert.equal(api.serial, before)
  const taken = await api.patch('/ada', { as: 'ada', json: { pwhash: PHC } })
  assert.deepEqual([taken.status, taken.json], [200, { message: 'user updated' }])
})

test('a user changes itself, root changes everybody, others nobody', async () => {
  await using api = await startApi()
  await api.makeUser('ada')
  await api.makeUser('bob')
  const before = api.serial

  const title = await api.patch('/ada', { as: 'bob', json: { title: 'x' } })
  const password = await api.patch('/ada', { as: 'bob', json: { password: 'x' } })
  const anonymous = await api.patch('/ada', { json: { password: 'x' } })
  const missing = await api.patch('/nobody', { as: 'bob', json: { title: 'x' } })
  assert.deepEqual([title.status, title.message], [403, 'no permission to modify user ada'])
  assert.deepEqual(
    [password.status, password.message],
    [403, 'no permission to change password for user ada'],
  )
  assert.equal(anonymous.status, 403)
  assert.deepEqual([missing.status, missing.message], [404, "no user 'nobody'"])
  assert.equal(api.serial, before)

  const byRoot = await api.patch('/ada', { as: 'root', json: { title: 'x' } })
  assert.equal(byRoot.status, 200)
})

test('a user goes with all indexes, unless one is not volatile; root never goes', async () => {
  await using api = await startApi({ indexes: ['ada/prod'] })
  await api.makeIndex('ada/dev', { volatile: true })
  await api.makeUser('bob')

  const blocked = await api.del('/ada', { as: 'ada' })
  assert.deepEqual(
    [blocked.status, blocked.message],
    [403, "user 'ada' has non-volatile index: prod"],
  )
  assert.equal((await api.del('/ada', { as: 'bob' })).status, 403)
  assert.equal((await api.del('/ada')).status, 403)
  assert.equal((await api.del('/root', { as: 'root' })).status, 403)
  assert.equal((await api.del('/nobody', { as: 'bob' })).status, 403)
  assert.equal((await api.del('/nobody', { as: 'root' })).status, 404)

  await api.patch('/ada/prod', { as: 'ada', json: { volatile: true } })
  const gone = await api.del('/ada/', { as: 'ada' })
  assert.deepEqual([gone.status, gone.json], [200, { message: "user 'ada' deleted" }])
  assert.equal((await api.get('/ada')).status, 404)
  assert.equal((await api.get('/ada/dev')).status, 404)
  assert.deepEqual(Object.keys((await api.get('/')).result), ['bob', 'root'])
})

// devpi-http 12: 28
test('a login ends with its user, also where another one takes the name at once', async () => {
  await using api = await startApi()
  const secret = await api.makeUser('ada')
  await api.del('/ada', { as: 'ada' })
  const gone = await api.get('/+api', { login: { user: 'ada', secret } })
  await api.put('/ada', { json: { password: 'other' } })

  const again = await api.get('/+api', { login: { user: 'ada', secret } })

  assert.deepEqual(gone.result.authstatus, ['noauth', '', []])
  assert.deepEqual(again.result.authstatus, ['noauth', '', []])
  assert.equal((await api.patch('/ada', { as: 'ada', json: { title: 'x' } })).status, 403)
})

test('user addresses take a slash at their end, and answer JSON to those who take it', async () => {
  await using api = await startApi()
  await api.makeUser('ada')

  const slash = await api.get('/ada/')
  const page = await api.get('/ada', { accept: 'text/html' })
  const anything = await api.get('/ada', { accept: '' })
  const missing = await api.get('/nobody')

  assert.deepEqual([slash.status, slash.result.username], [200, 'ada'])
  assert.equal(page.status, 200)
  assert.equal(page.headers['content-type'], 'text/html; charset=UTF-8')
  assert.deepEqual([anything.status, anything.result.username], [200, 'ada'])
  assert.deepEqual([missing.status, missing.json], [404, { message: "no user 'nobody'" }])
  assert.equal((await api.post('/ada', { as: 'ada' })).status, 404)
  assert.equal((await api.del('/', { as: 'root' })).status, 404)
})
