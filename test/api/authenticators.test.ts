/** Logins that others than this server judge, and the groups that they tell (devpi-http 2.2, 3.1). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Authenticator, LoginOpinion } from '#registry/hooks'
import { startApi, type Api } from '../support/api.ts'
import { INDEX, sendFile, sendParts, plainFields, uploadParts } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

/** A directory of people elsewhere: `eve` is in the team, `bob` is locked out, it knows nobody else. */
const directory: Authenticator = ({ user, password }) => {
  const people: Record<string, LoginOpinion> = {
    eve: password === 'elsewhere' ? { isRight: true, groups: ['team'] } : { isRight: false },
    bob: { isRight: false },
  }
  return Promise.resolve(people[user])
}

const start = () => startApi({ hooks: { authenticate: [directory] } })

const statusOf = async (api: Api, login: { user: string; secret: string }) =>
  (await api.get('/+api', { login })).result.authstatus

test('who is known elsewhere logs in with the password from there, and has the groups from there', async () => {
  await using api = await start()

  const right = await api.post('/+login', { json: { user: 'eve', password: 'elsewhere' } })
  const wrong = await api.post('/+login', { json: { user: 'eve', password: 'pw' } })

  assert.deepEqual([right.status, right.result.expiration], [200, 36_000])
  const ok = ['ok', 'eve', ['team']]
  assert.deepEqual(await statusOf(api, { user: 'eve', secret: right.result.password }), ok)
  assert.deepEqual(await statusOf(api, { user: 'eve', secret: 'elsewhere' }), ok)
  assert.deepEqual([wrong.status, wrong.message], [401, "user 'eve' could not be authenticated"])
})

test('a refusal from elsewhere holds against the password stored here; who is unknown there uses theirs', async () => {
  await using api = await start()
  await api.makeUser('ada')
  await api.put('/bob', { json: { password: 'pw' } })

  const refused = await api.post('/+login', { json: { user: 'bob', password: 'pw' } })

  assert.equal(refused.status, 401)
  assert.deepEqual(await statusOf(api, { user: 'ada', secret: 'pw' }), ['ok', 'ada', []])
  assert.deepEqual(await statusOf(api, { user: 'root', secret: '' }), ['ok', 'root', []])
})

test('a group in an access list lets its members upload, with a token as with the password', async () => {
  await using api = await start()
  await api.makeIndex(INDEX, { acl_upload: [':team'] })
  const token = (await api.post('/+login', { json: { user: 'eve', password: 'elsewhere' } })).result
    .password as string
  const files = ['1.0', '2.0', '3.0'].map((version) => makeWheel('foo', version))
  const upload = (at: number, login: { user: string; secret: string }) =>
    sendParts(api, INDEX, uploadParts(files[at]!, plainFields({ version: `${at + 1}.0` })), {
      login,
    })

  assert.equal((await upload(0, { user: 'eve', secret: token })).status, 200)
  assert.equal((await upload(1, { user: 'eve', secret: 'elsewhere' })).status, 200)
  assert.equal((await sendFile(api, INDEX, files[2]!, { version: '3.0' })).status, 403, 'ada')
})

test('a group may be named with --restrict-modify', async () => {
  const hooks = { authenticate: [directory] }
  await using api = await startApi({ hooks, config: { restrictModify: [':team'] } })
  const login = { user: 'eve', secret: 'elsewhere' }

  const refused = await api.put('/new', { json: { password: 'pw' } })
  const allowed = await api.put('/new', { login, json: { password: 'pw' } })

  assert.deepEqual([refused.status, allowed.status], [403, 201])
})

test('a login from elsewhere ends with the last authenticator', async () => {
  await using api = await start()
  const token = (await api.post('/+login', { json: { user: 'eve', password: 'elsewhere' } })).result
    .password as string
  await using without = await startApi({ config: { dir: api.folder.path } })

  assert.deepEqual(await statusOf(without, { user: 'eve', secret: token }), ['noauth', '', []])
})
