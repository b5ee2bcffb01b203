/** Indexes: create, look, change, remove (devpi-http 4.7, 4.8; rows 42 to 61 of its checklist). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Method } from '../support/api.ts'

const UPSTREAM = 'http://127.0.0.1:9/simple/'

test('a new stage has the options that devpi gives it', async () => {
  await using api = await startApi()
  await api.makeUser('ada')

  const made = await api.put('/ada/dev', { as: 'ada', json: {} })

  assert.equal(made.status, 200)
  assert.deepEqual(made.json, {
    result: {
      type: 'stage',
      volatile: true,
      bases: [],
      acl_upload: ['ada'],
      acl_toxresult_upload: [':ANONYMOUS:'],
      mirror_whitelist: [],
      mirror_whitelist_inheritance: 'intersection',
    },
    type: 'indexconfig',
  })
})

test('a new mirror has what it was given, and needs an upstream', async () => {
  await using api = await startApi()
  await api.makeUser('ada')
  const mirror = { type: 'mirror', mirror_url: UPSTREAM, bases: 'a/b', acl_upload: 7 }

  const made = await api.put('/ada/up', { as: 'ada', json: mirror })
  const lacking = await api.put('/ada/up2', { as: 'ada', json: { type: 'mirror' } })

  assert.deepEqual(made.result, { type: 'mirror', volatile: true, mirror_url: UPSTREAM })
  assert.deepEqual([lacking.status, lacking.message], [400, "'mirror_url' option must be a URL."])
})

// devpi-http 12: 45
test('the owner in the path uploads, also where root makes the index', async () => {
  await using api = await startApi()
  await api.makeUser('ada')

  const made = await api.put('/ada/dev', { as: 'root', json: {} })

  assert.deepEqual(made.result.acl_upload, ['ada'])
})

test('an index needs a user, a free and possible name, and the right to make it', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await api.makeUser('bob')
  const before = api.serial
  const refusals: [path: string, as: string | undefined, status: number, message: string][] = [
    ['/nobody/dev', 'root', 404, "no user 'nobody'"],
    ['/ada/dev', undefined, 409, "index 'ada/dev' exists"],
    ['/ada/x', 'bob', 403, 'no permission to create index ada/x'],
    ['/ada/x', undefined, 403, 'no permission to create index ada/x'],
    [
      '/ada/a:b',
      'ada',
      400,
      "indexname 'a:b' contains characters that aren't allowed. " +
        'Any ascii symbol besides -.@_ is blocked.',
    ],
    [
      `/ada/${'x'.repeat(129)}`,
      'ada',
      400,
      `indexname '${'x'.repeat(20)}…' is longer than 128 characters`,
    ],
  ]

  for (const [path, as, status, message] of refusals) {
    const reply = await api.put(path, { ...(as !== undefined && { as }), json: {} })
    assert.deepEqual([reply.status, reply.message], [status, message])
  }
  assert.equal(api.serial, before)
})

test('an index is changed and removed by its user and root; a missing one by nobody', async () => {
  await using api = await startApi({ indexes: ['ada/prod'] })
  await api.makeIndex('ada/dev', { volatile: true, acl_upload: 'bob' })
  await api.makeUser('bob')
  const before = api.serial

  for (const as of ['bob', undefined]) {
    const who = as === undefined ? {} : { as }
    assert.equal((await api.patch('/ada/dev', { ...who, json: {} })).status, 403)
    assert.equal((await api.del('/ada/dev', who)).status, 403)
  }
  assert.equal((await api.patch('/ada/nope', { as: 'root', json: {} })).status, 403)
  assert.equal((await api.del('/ada/nope', { as: 'root' })).status, 403)
  const kept = await api.del('/ada/prod?force', { as: 'ada' })
  assert.deepEqual([kept.status, kept.message], [403, 'index ada/prod non-volatile, cannot delete'])
  assert.equal(api.serial, before)

  const removed = await api.del('/ada/dev/', { as: 'root' })
  assert.deepEqual([removed.status, removed.json], [201, { message: 'index ada/dev deleted' }])
  const missing = await api.get('/ada/dev')
  assert.deepEqual(
    [missing.status, missing.message],
    [404, 'The stage ada/dev could not be found.'],
  )
})

test("an upstream's credentials are shown to those who may set them, and can't be blotted out by others", async () => {
  await using api = await startApi()
  await api.makeUser('bob')
  const mirror_url = 'https://reader:hidden@packages.example.org/simple/'
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url })
  const blotted = 'https://***@packages.example.org/simple/'

  for (const path of ['/ada/up?no_projects', '/ada', '/']) {
    const own = await api.get(path, { as: 'ada' })
    const root = await api.get(path, { as: 'root' })
    assert.ok(own.text.includes(mirror_url) && root.text.includes(mirror_url), path)
    for (const other of [await api.get(path), await api.get(path, { as: 'bob' })]) {
      assert.ok(other.text.includes(blotted), path)
      assert.ok(!other.text.includes('hidden') && !other.text.includes('reader'), path)
    }
  }
  const sentBack = await api.patch('/ada/up', { as: 'ada', json: { mirror_url: blotted } })
  assert.equal(sentBack.status, 400)
})

test('a volatile index with its projects and files goes in one change', async () => {
  await using api = await startApi()
  await api.makeIndex('ada/dev', { volatile: true })
  await api.ledger.write('test', async (tx) => {
    const { keys } = await import('#registry/keys')
    tx.set(keys.project('ada/dev', 'anchor'), { name: 'Anchor' })
    tx.set(keys.version('ada/dev', 'anchor', '1.0'), {})
    const file = { hashes: {}, version: '1.0', addedAt: 0 }
    tx.set(keys.file('ada/dev', 'anchor', 'anchor-1.0.tar.gz'), file)
  })
  assert.deepEqual((await api.get('/ada/dev')).result.projects, ['anchor'])
  const before = api.serial

  await api.del('/ada/dev', { as: 'ada' })

  assert.equal(api.serial, before + 1)
  const { entries } = (await api.ledger.change(api.serial))!
  assert.deepEqual(
    entries.map(({ path, value }) => [path.split('/')[0], value]),
    [
      ['file', null],
      ['index', null],
      ['project', null],
      ['version', null],
    ],
  )
  await api.put('/ada/dev', { as: 'ada', json: {} })
  assert.deepEqual((await api.get('/ada/dev')).result.projects, [])
})

test('an index is shown with its own projects, or briefly', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })

  const whole = await api.get('/ada/dev/')
  const brief = await api.get('/ada/dev?no_projects=')
  const page = await api.get('/ada/dev', { accept: 'text/html' })

  assert.deepEqual(whole.result.projects, [])
  assert.equal(brief.result.projects, undefined)
  assert.equal(page.headers['content-type'], 'text/html; charset=UTF-8')
})

test('what is there, and who may do what, is said before the body is looked at', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  const before = api.serial
  const refusals: [method: Method, path: string, as: string | undefined, status: number][] = [
    ['PUT', '/ada', undefined, 409],
    ['PATCH', '/nobody', 'root', 404],
    ['PUT', '/ada/dev', undefined, 409],
    ['PUT', '/nobody/dev', 'root', 404],
    ['PUT', '/ada/x', undefined, 403],
    ['PATCH', '/ada/dev', undefined, 403],
    ['PATCH', '/ada/nope', 'ada', 403],
    ['PUT', '/ada/x', 'ada', 400],
    ['PATCH', '/ada/dev', 'ada', 400],
  ]

  for (const [method, path, as, status] of refusals) {
    for (const body of ['{', '1']) {
      const reply = await api.ask(method, path, { ...(as !== undefined && { as }), body })
      assert.equal(reply.status, status, `${method} ${path}`)
    }
  }
  assert.equal(api.serial, before)
})
