/** Who may do what (devpi-http 3.2), as anybody may and where some are named with `--restrict-modify`. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api, type AskOptions, type Method, type Reply } from '../support/api.ts'
import { toxResult } from '../support/toxresults.ts'
import { INDEX, makeForm, plainFields, sendFile, uploadParts, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')

/** `ada` owns the index, `carl` may upload to it, `mia` is named with `--restrict-modify`. */
const roles = ['anonymous', 'bob', 'ada', 'carl', 'root', 'mia'] as const
type Role = (typeof roles)[number]

type Login = AskOptions['login']

interface Operation {
  /** The permission's name in devpi. */
  readonly permission: string
  readonly method: Method
  readonly path: string
  readonly options?: AskOptions
  /** Who may. */
  readonly usually: readonly Role[]
  readonly restricted: readonly Role[]
}

const everybody = roles
const upload = makeForm(uploadParts(makeWheel('foo', '2.0'), plainFields({ version: '2.0' })))
const form = { accept: '*/*', headers: { 'content-type': upload.type }, body: upload.body }
const title = { json: { title: 'x' } }

const owner = { usually: ['ada', 'root'], restricted: ['mia'] } as const
const remover = { usually: ['ada', 'carl', 'root'], restricted: ['carl', 'mia'] } as const
const any = { usually: everybody, restricted: everybody } as const

const operations: readonly Operation[] = [
  {
    ...{ permission: 'user_login', method: 'POST', path: '/+login', ...any },
    options: { json: { user: 'bob', password: 'pw' } },
  },
  {
    ...{ permission: 'user_create', method: 'PUT', path: '/new' },
    options: { json: { password: 'pw' } },
    usually: everybody,
    restricted: ['mia'],
  },
  { permission: 'user_modify', method: 'PATCH', path: '/ada', options: title, ...owner },
  {
    ...{ permission: 'user_modify', method: 'PATCH', path: '/ada' },
    options: { json: { email: '', password: 'pw' } },
    ...owner,
  },
  {
    ...{ permission: 'user_modify_password', method: 'PATCH', path: '/ada' },
    options: { json: { password: 'pw' } },
    usually: ['ada', 'root'],
    restricted: ['ada', 'mia'],
  },
  { permission: 'user_delete', method: 'DELETE', path: '/ada', ...owner },
  {
    ...{ permission: 'user_delete of who is named', method: 'DELETE', path: '/mia' },
    usually: ['root', 'mia'],
    restricted: [],
  },
  { permission: 'index_create', method: 'PUT', path: '/ada/new', options: { json: {} }, ...owner },
  { permission: 'index_modify', method: 'PATCH', path: `/${INDEX}`, options: title, ...owner },
  { permission: 'index_delete', method: 'DELETE', path: `/${INDEX}`, ...owner },
  {
    ...{ permission: 'upload', method: 'POST', path: `/${INDEX}/`, options: form },
    usually: ['carl'],
    restricted: ['carl'],
  },
  {
    ...{ permission: 'toxresult_upload', method: 'POST', path: urlOf(wheel) },
    options: { headers: { 'content-type': 'application/json' }, body: toxResult() },
    usually: ['carl'],
    restricted: ['carl'],
  },
  { permission: 'del_entry', method: 'DELETE', path: urlOf(wheel), ...remover },
  { permission: 'del_project', method: 'DELETE', path: `/${INDEX}/foo`, ...remover },
  { permission: 'del_verdata', method: 'DELETE', path: `/${INDEX}/foo/1.0`, ...remover },
  { permission: 'pkg_read', method: 'GET', path: urlOf(wheel), options: { accept: '*/*' }, ...any },
  // The last one, for it succeeds.
  {
    ...{ permission: 'user_delete of root', method: 'DELETE', path: '/root' },
    usually: [],
    restricted: ['mia'],
  },
]

/** Makes what an operation may have taken away. */
async function repair(api: Api): Promise<void> {
  for (const user of ['new', 'ada/new']) await api.del(`/${user}`, { as: 'root' })
  for (const user of ['ada', 'bob', 'carl', 'mia']) {
    if ((await api.get(`/${user}`)).status === 404) await api.makeUser(user)
  }
  if ((await api.get(`/${INDEX}`)).status === 404) await api.makeIndex(INDEX, { volatile: true })
  await api.patch(`/${INDEX}`, { as: 'ada', json: ['acl_upload=ada'] })
  await sendFile(api, INDEX, wheel)
  await api.patch(`/${INDEX}`, {
    as: 'ada',
    json: ['acl_upload=carl', 'acl_toxresult_upload=carl'],
  })
}

const loginOf = (role: Role): Login =>
  role === 'anonymous' ? undefined : { user: role, secret: role === 'root' ? '' : 'pw' }

/** Two servers on one data folder: one open to all, one that names who may change users and indexes. */
let open: Api
let restricted: Api

before(async () => {
  open = await startApi()
  const config = { dir: open.folder.path, restrictModify: ['mia', ':nobody'] }
  restricted = await startApi({ config })
})

after(async () => {
  await restricted[Symbol.asyncDispose]()
  await open[Symbol.asyncDispose]()
})

async function whoMay({ method, path, options }: Operation, api: Api): Promise<Role[]> {
  const allowed: Role[] = []
  for (const role of roles) {
    await repair(open)
    const login = loginOf(role)
    const reply = await api.ask(method, path, { ...options, ...(login && { login }) })
    if (reply.status < 300) allowed.push(role)
    else assert.ok([401, 403].includes(reply.status), `${role}: ${reply.status} ${reply.text}`)
  }
  return allowed
}

// devpi-http 12: 148
for (const operation of operations) {
  const { permission, usually } = operation
  const body = JSON.stringify(operation.options?.json) ?? ''
  describe(`${permission}: ${operation.method} ${operation.path.slice(0, 20)} ${body}`, () => {
    test(`is usually for ${usually.join(', ') || 'nobody'}`, async () => {
      assert.deepEqual(await whoMay(operation, open), usually)
    })

    test(`with --restrict-modify mia is for ${operation.restricted.join(', ') || 'nobody'}`, async () => {
      assert.deepEqual(await whoMay(operation, restricted), operation.restricted)
    })
  })
}

// devpi-http 12: 148
test('who is not named is refused in the words that fit, and nothing changes', async () => {
  await repair(open)
  const serial = open.serial
  const said = ({ status, message }: Reply) => [status, message]
  const login = { user: 'ada', secret: 'pw' }

  const create = await restricted.put('/new', { login, json: { password: 'pw' } })
  const index = await restricted.put('/ada/new', { login, json: {} })
  const modify = await restricted.patch('/ada', { login, json: { title: 'x' } })
  const strange = await restricted.patch('/bob', { login, json: { password: 'x' } })

  assert.equal(create.status, 403)
  assert.match(create.text, new RegExp(refuse('forbidden', { action: 'create user new' }).message))
  assert.deepEqual(said(index), [403, 'no permission to create index ada/new'])
  assert.deepEqual(said(modify), [403, 'no permission to modify user ada'])
  assert.deepEqual(said(strange), [403, 'no permission to change password for user bob'])
  assert.equal((await open.get('/+api')).status, 200)
  assert.equal(open.serial, serial)
})

// devpi-http 12: 148
test("one's own password may come with all that was read, as devpi's client sends it, and with nothing new", async () => {
  await repair(open)
  const login = { user: 'ada', secret: 'pw' }
  await open.patch('/ada', { login, json: { email: 'ada@example.org' } })
  const { username: _name, indexes: _own, ...read } = (await open.get('/ada')).result
  const send = (change: object) =>
    restricted.patch('/ada', { login, json: { ...read, password: 'pw', ...change } })

  const changed = await send({})
  const more = await send({ email: 'eve@example.org' })
  const dropped = await send({ email: '' })
  const other = await restricted.patch('/ada', { login: { user: 'bob', secret: 'pw' }, json: read })

  assert.deepEqual([changed.status, changed.json.type], [200, 'userpassword'])
  assert.deepEqual([more.status, dropped.status, other.status], [403, 403, 403])
  assert.equal((await open.get('/ada')).result.email, 'ada@example.org')
})

test("only who may set an upstream's credentials sees them", async () => {
  await repair(open)
  const mirror_url = 'http://user:secret@127.0.0.1:1/simple/'
  await open.put('/ada/mirror', { as: 'ada', json: { type: 'mirror', mirror_url } })
  const seen = async (api: Api, user: 'ada' | 'mia') => {
    const reply = await api.get('/ada/mirror?no_projects', { login: { user, secret: 'pw' } })
    return String(reply.result.mirror_url).includes('secret')
  }

  assert.deepEqual([await seen(open, 'ada'), await seen(restricted, 'ada')], [true, false])
  assert.deepEqual([await seen(open, 'mia'), await seen(restricted, 'mia')], [false, true])
  await open.del('/ada/mirror', { as: 'ada' })
})
