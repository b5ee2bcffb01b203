/** Pushing a release to another server, as `devpi push foo==1.0 pypi:SECTION` does (devpi-http 4.17). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import type { Api, AskOptions, Reply } from '../support/api.ts'
import { startFakePypi } from '../support/fake-pypi.ts'
import { addExtras, docsZip, pathOf, pushFoo, sdist, sendRelease } from '../support/push.ts'
import { SOURCE, startIndexes, wheel } from '../support/push.ts'
import { breakAfter, garbage, startFakeUpstream, type Answer } from '../support/fake-upstream.ts'

const login = { username: 'jo', password: 'sécret' }
const basic = `Basic ${Buffer.from('jo:sécret').toString('base64')}`

const push = (api: Api, posturl: unknown, changes = {}, options: AskOptions = {}): Promise<Reply> =>
  pushFoo(api, { targetindex: undefined, posturl, ...login, ...changes }, options)

async function start(): Promise<Api> {
  const api = await startIndexes()
  await sendRelease(api)
  return api
}

// devpi-http 12: 132
test('each file is sent with the metadata, its digest and the login', async () => {
  await using pypi = await startFakePypi()
  await using api = await start()

  const { status, json } = await push(api, pypi.url('/legacy/'))

  assert.equal(status, 200)
  assert.deepEqual(json, {
    result: [
      [200, 'upload', pathOf(wheel, SOURCE), ''],
      [200, 'upload', pathOf(sdist, SOURCE), ''],
    ],
    type: 'actionlog',
  })
  const [first, second] = pypi.forms
  assert.deepEqual([first?.path, first?.authorization], ['/legacy/', basic])
  assert.match(first?.length ?? '', /^\d+$/)
  const { fields = {}, content } = first ?? {}
  assert.deepEqual(content, wheel.bytes)
  assert.deepEqual(fields[':action'], ['file_upload'])
  assert.deepEqual(fields.content, [wheel.filename])
  assert.deepEqual(fields.sha256_digest, [wheel.sha256])
  assert.deepEqual([fields.filetype, fields.pyversion], [['bdist_wheel'], ['3']])
  assert.deepEqual([fields.name, fields.version], [['foo'], ['1.0']])
  assert.deepEqual([fields.classifiers, fields.summary], [['A', 'B'], ['All of it']])
  assert.deepEqual(fields.author, [''], 'texts are sent where they are empty')
  assert.equal(fields.requires_dist, undefined, 'empty lists are not')
  assert.deepEqual(second?.content, sdist.bytes)
  assert.deepEqual([second?.fields.filetype, second?.fields.pyversion], [['sdist'], ['source']])
})

// devpi-http 12: 132
test('a registration comes first where it is wanted, and 410 means that none is needed', async () => {
  await using pypi = await startFakePypi([{ status: 410 }])
  await using api = await start()
  await addExtras(api)

  const { status, result } = await push(api, pypi.url('/'), { register_project: true })

  assert.equal(status, 200)
  assert.deepEqual(result, [
    [410, 'register', 'foo', '1.0'],
    [200, 'upload', pathOf(wheel, SOURCE), ''],
    [200, 'upload', pathOf(sdist, SOURCE), ''],
    [200, 'docfile', 'foo'],
  ])
  const [register, , , docs] = pypi.forms
  assert.deepEqual(register?.fields[':action'], ['submit'])
  assert.equal(register?.authorization, basic)
  assert.deepEqual([docs?.fields[':action'], docs?.fields.content], [['doc_upload'], ['foo.zip']])
  assert.deepEqual(docs?.content, docsZip)
})

// devpi-http 12: 132
test('after a registration that fails nothing is sent', async () => {
  await using pypi = await startFakePypi([{ status: 403 }])
  await using api = await start()

  const { status, result } = await push(api, pypi.url('/'), { register_project: true })

  assert.deepEqual([status, result], [502, [[403, 'register', 'foo', '1.0']]])
  assert.equal(pypi.forms.length, 1)
})

// devpi-http 12: 132
test('what the server says of each file is told, and the last one decides', async () => {
  const exists = '400 File already exists'
  await using pypi = await startFakePypi([{ status: 400, text: exists }, { status: 200 }])
  await using api = await start()

  const mixed = await push(api, pypi.url('/'))
  assert.equal(mixed.status, 200)
  assert.deepEqual(mixed.result[0], [400, 'upload', pathOf(wheel, SOURCE), exists])

  for (const status of [400, 403, 410, 500, 503]) {
    await using other = await startFakePypi([{ status: 200 }, { status, text: 'no' }])
    const reply = await push(api, other.url('/'))
    assert.equal(reply.status, 502)
    assert.deepEqual(reply.result[1], [status, 'upload', pathOf(sdist, SOURCE), 'no'])
  }
})

for (const [how, answer] of [
  ['breaks the connection', breakAfter(Buffer.from('half an answer'), 4)],
  ['speaks no HTTP', garbage],
  ['closes before it has read all', (request) => void request.socket.destroy()],
] as readonly (readonly [string, Answer])[]) {
  test(`a server that ${how} is told as such, with 502`, async () => {
    await using server = await startFakeUpstream(answer)
    await using api = await start()

    const { status, json, text } = await push(api, server.url('/'))

    assert.equal(status, 502)
    assert.equal(json.type, 'actionlog')
    for (const [code, what] of json.result) {
      assert.deepEqual([code, what], [-1, 'exception on release upload:'])
    }
    assert.doesNotMatch(text, /s\\u00e9cret|sécret/)
  })
}

test('a server that is not there is told as such, for the registration too', async () => {
  await using api = await start()

  const plain = await push(api, 'http://127.0.0.1:1/')
  const registering = await push(api, 'http://127.0.0.1:1/', { register_project: true })

  const refusedEntry = [-1, 'exception on release upload:', 'connection refused']
  assert.deepEqual([plain.status, plain.result], [502, [refusedEntry, refusedEntry]])
  assert.deepEqual(
    [registering.status, registering.result],
    [502, [[-1, 'exception on register:', 'connection refused']]],
  )
})

test('the login goes to the server that was named, and to no other', async () => {
  await using other = await startFakePypi()
  const away = { status: 307, location: other.url('/elsewhere/') }
  await using pypi = await startFakePypi([away, { status: 302, location: '/x' }])
  await using api = await start()

  const { status, result } = await push(api, pypi.url('/'))

  assert.equal(status, 502)
  assert.deepEqual(result[0].slice(0, 2), [307, 'upload'])
  assert.match(result[0][3], /elsewhere/)
  assert.equal(result[1][0], 302)
  assert.deepEqual(other.forms, [])

  await using within = await startFakePypi([{ status: 308, location: '/legacy/' }])
  assert.equal((await push(api, within.url('/legacy'))).status, 200)
  assert.deepEqual(
    within.forms.map(({ path }) => path),
    ['/legacy', '/legacy/', '/legacy'],
  )
})

test('only who has logged in may send to other servers', async () => {
  await using pypi = await startFakePypi()
  await using api = await start()

  const options = { as: undefined as never }
  for (const reply of [
    await push(api, pypi.url('/'), {}, options),
    await push(api, pypi.url('/'), {}, { ...options, login: { user: 'ada', secret: 'wrong' } }),
  ]) {
    const { message } = refuse('push-unauthenticated')
    assert.deepEqual([reply.status, reply.message], [401, message])
  }
  assert.deepEqual(pypi.forms, [])
})

test('an address, a user and a password are needed, and addresses of machines in between are none', async () => {
  await using api = await start()

  for (const [posturl, changes] of [
    [undefined, {}],
    [7, {}],
    ['nope', {}],
    ['file:///etc/passwd', {}],
    ['ftp://127.0.0.1/', {}],
    ['http://127.0.0.1:1/', { username: undefined }],
    ['http://127.0.0.1:1/', { password: null }],
  ] as const) {
    const reply = await push(api, posturl, changes)
    assert.equal(reply.status, 400, JSON.stringify([posturl, changes]))
    assert.match(reply.message ?? '', /^'(?:posturl|username|password)'/)
  }
  for (const posturl of ['http://169.254.169.254/latest/', 'http://[fe80::1]/']) {
    const { status, result } = await push(api, posturl)
    assert.equal(status, 502)
    assert.deepEqual(result[0], [
      -1,
      'exception on release upload:',
      'it is at an address that nothing is sent to',
    ])
  }
})

test('a release of a mirror is fetched first', async () => {
  await using pypi = await startFakePypi()
  const page = `<a href="/f/${wheel.filename}#sha256=${wheel.sha256}">${wheel.filename}</a>`
  await using upstream = await startFakeUpstream((request, response) => {
    response.end(request.url === '/simple/foo/' ? page : wheel.bytes)
  })
  await using api = await startIndexes()
  await api.makeIndex('ada/mirror', { type: 'mirror', mirror_url: upstream.url('/simple/') })

  const json = { name: 'foo', version: '1.0', posturl: pypi.url('/'), ...login }
  const { status } = await api.ask('PUSH', '/ada/mirror', { as: 'ada', json })

  assert.equal(status, 200)
  assert.deepEqual(pypi.forms[0]?.content, wheel.bytes)
  assert.deepEqual(pypi.forms[0]?.fields.sha256_digest, [wheel.sha256])
})

test('where hosts are named releases are pushed to these alone', async () => {
  await using pypi = await startFakePypi()
  await using api = await start()
  const url = pypi.url('/')
  const { host, hostname } = new URL(url)

  for (const [pushHosts, status] of [
    [[], 403],
    [['example.org'], 403],
    [[hostname], 200],
    [[host], 200],
  ] as const) {
    await api.restart({ pushHosts })
    const reply = await push(api, url)
    assert.equal(reply.status, status, pushHosts.join())
    if (status === 403) {
      assert.equal(reply.message, refuse('push-host-closed', { host }).message)
    }
  }
  assert.equal(pypi.forms.length, 4)
})
