/** Whatever is sent as JSON: a 4xx that says what is wrong, and nothing changed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { startApi, type Api, type AskOptions, type Method } from '../support/api.ts'
import { fuzzRuns } from '../support/fuzz.ts'

interface Target {
  readonly method: Method
  readonly path: string
  readonly as?: string
  /** A good body, whose fields are spoilt one by one. */
  readonly good: Readonly<Record<string, unknown>>
}

const stage = {
  type: 'stage',
  volatile: true,
  bases: [],
  acl_upload: ['ada'],
  acl_toxresult_upload: [],
  mirror_whitelist: ['x'],
  mirror_whitelist_inheritance: 'union',
  strict_uploads: true,
}
const mirror = {
  type: 'mirror',
  volatile: true,
  mirror_url: 'http://127.0.0.1:9/simple/',
  mirror_cache_expiry: 60,
  mirror_ignore_serial_header: true,
  mirror_no_project_list: true,
  mirror_provides_core_metadata: true,
  mirror_use_external_urls: true,
  mirror_web_url_fmt: 'http://127.0.0.1/{name}',
}
const user = { password: 'x', email: 'x@example.org', title: 'x', description: 'x' }

const targets: readonly Target[] = [
  { method: 'POST', path: '/+login', good: { user: 'ada', password: 'pw' } },
  { method: 'PUT', path: '/new', good: user },
  { method: 'PATCH', path: '/ada', as: 'ada', good: user },
  { method: 'PUT', path: '/ada/new', as: 'ada', good: stage },
  { method: 'PUT', path: '/ada/new', as: 'ada', good: mirror },
  { method: 'PATCH', path: '/ada/dev', as: 'ada', good: stage },
  { method: 'PATCH', path: '/ada/up', as: 'ada', good: mirror },
]

async function start(): Promise<Api> {
  const api = await startApi({ indexes: ['ada/dev'] })
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: mirror.mirror_url })
  return api
}

const send = (api: Api, { method, path, as }: Target, body: AskOptions) =>
  api.ask(method, path, { ...(as !== undefined && { as }), ...body })

/** Members that no field takes. Some make sense for one kind of field, and are left out for that. */
const wrong: readonly [value: unknown, fits: (good: unknown) => boolean][] = [
  [12.5, () => false],
  [{ a: 1 }, () => false],
  [[[]], () => false],
  [[1], () => false],
  [true, (good) => typeof good === 'boolean'],
  ['\ud800 ', () => false],
]

test('each field with a value of the wrong kind is refused by its name', async () => {
  await using api = await start()
  const before = api.serial

  for (const target of targets) {
    for (const field of Object.keys(target.good)) {
      for (const [value, fits] of wrong) {
        const isText = ['password', 'email', 'title', 'description', 'user'].includes(field)
        if (fits(target.good[field])) continue
        if (typeof value === 'string' && (isText || field.startsWith('acl'))) continue
        const reply = await send(api, target, { json: { ...target.good, [field]: value } })
        const what = `${target.method} ${target.path} ${field}=${JSON.stringify(value)}: ${reply.text}`
        assert.equal(reply.status, 400, what)
        const isNamed = field === 'bases' ? /base/ : new RegExp(field)
        assert.match(reply.message ?? '', isNamed, what)
      }
    }
  }
  assert.equal(api.serial, before)
})

test('a body that is no JSON, or no object, is refused', async () => {
  await using api = await start()
  const before = api.serial
  const deep = '['.repeat(5000) + ']'.repeat(5000)
  const bodies = [
    '',
    ' ',
    '{',
    'null',
    '7',
    '"x"',
    'NaN',
    '{"a":1,}',
    '\xff\xfe',
    deep,
    `{"a":${deep}}`,
  ]

  for (const target of targets) {
    for (const body of bodies) {
      const reply = await send(api, target, { body })
      assert.equal(reply.status, 400, `${target.method} ${target.path} ${body.slice(0, 20)}`)
      assert.match(reply.message ?? '', /^Bad request: /)
    }
    const bytes = await send(api, target, { body: Buffer.from([0x7b, 0xff, 0x7d]) })
    assert.equal(bytes.status, 400)
  }
  assert.equal(api.serial, before)
})

test('a body beyond all bounds is refused', async () => {
  await using api = await start()
  const before = api.serial
  const body = `{"title": "${'x'.repeat(9 * 1024 * 1024)}"}`

  for (const target of targets) {
    const reply = await send(api, target, { body })
    assert.equal(reply.status, 413)
    assert.match(reply.message ?? '', /^The body is larger than \d+ bytes\.$/)
  }
  assert.equal(api.serial, before)
})

test('a field beyond its bounds is refused by its name', async () => {
  await using api = await start()
  const before = api.serial
  const long = 'x'.repeat(300_000)
  const cases: [target: Target, field: string, value: unknown][] = [
    ...['password', 'email', 'title', 'description', 'custom_data'].flatMap((field) =>
      [targets[1]!, targets[2]!].map((target): [Target, string, unknown] => [target, field, long]),
    ),
    ...['title', 'description', 'custom_data'].flatMap((field) =>
      [targets[3]!, targets[5]!, targets[6]!].map((target): [Target, string, unknown] => [
        target,
        field,
        long,
      ]),
    ),
    [targets[4]!, 'mirror_web_url_fmt', long],
    [targets[6]!, 'mirror_url', `http://127.0.0.1/${long}`],
    [targets[5]!, 'acl_upload', [long]],
    [targets[5]!, 'mirror_whitelist', Array.from({ length: 10_001 }, () => 'x')],
  ]

  for (const [target, field, value] of cases) {
    const reply = await send(api, target, { json: { ...target.good, [field]: value } })
    assert.equal(reply.status, 400, `${target.method} ${target.path} ${field}`)
    assert.match(reply.message ?? '', new RegExp(`'${field}'`))
    assert.ok(reply.text.length < 2000)
  }
  assert.equal(api.serial, before)
})

/** Bodies near to good ones: their keys, with anything as a value, and keys that mean something to JavaScript. */
function nearlyGood(good: Readonly<Record<string, unknown>>) {
  const names = [
    ...Object.keys(good),
    '__proto__',
    'constructor',
    'toString',
    'pwhash',
    'bases',
    'index',
  ]
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('', 'x', 'yes', ':ANONYMOUS:', '/', 'a/b', 'ada/dev', '\ud800', '\0', -1, 1e21),
  )
  return fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 })), value), {
      maxLength: 6,
    })
    .map(
      (members) =>
        `{${members.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join(',')}}`,
    )
}

const edits = fc
  .array(
    fc.oneof(
      fc
        .tuple(
          fc.constantFrom(
            ...Object.keys(stage),
            ...Object.keys(mirror),
            '__proto__',
            'constructor',
            '',
          ),
          fc.constantFrom('=', '+=', '-='),
          fc.oneof(
            fc.constantFrom('', 'ada', 'ada/dev', 'yes', '*'),
            fc.string({ unit: 'binary', maxLength: 8 }),
          ),
        )
        .map((parts) => parts.join('')),
      fc.jsonValue({ maxDepth: 1 }),
    ),
    { maxLength: 5 },
  )
  .map((list) => JSON.stringify(list))

test(
  'no body makes the server fail, and a refused one changes nothing',
  { timeout: 120_000 },
  async () => {
    await using api = await start()
    const paths: Record<string, string> = { '/new': 'PUT', '/ada/new': 'PUT' }

    for (const target of targets) {
      const bodies =
        target.method === 'PATCH' && target.path !== '/ada'
          ? fc.oneof(nearlyGood(target.good), edits)
          : nearlyGood(target.good)
      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const before = api.serial
          const reply = await send(api, target, { body })

          assert.ok(reply.status < 500, `${reply.status} ${reply.text}`)
          if (reply.status >= 400) assert.equal(api.serial, before)
          else if (paths[target.path] === target.method) await api.del(target.path, { as: 'root' })
          const shown = await api.get('/', { as: 'ada' })
          assert.equal(shown.status, 200)
        }),
        fuzzRuns(60),
      )
    }
  },
)
