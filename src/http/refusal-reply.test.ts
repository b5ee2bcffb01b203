import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StorageFailure, UpstreamFailure } from '#base/failure'
import { Refusal, refusalCodes, refuse, type RefusalCode } from '#base/refusal'
import { makeServer } from '../../test/support/serve-routes.ts'
import { refusalRows } from './refusal-reply.ts'
import { get } from './route.ts'

async function ask(error: unknown, accept?: string, url = '/') {
  const { server, log } = makeServer([
    get(url, () => {
      throw error
    }),
  ])
  const answer = await server.inject({ url, headers: accept === undefined ? {} : { accept } })
  return { answer, log: log() }
}

for (const code of refusalCodes) {
  test(`${code} is answered with its status and its message, and is no failure of ours`, async () => {
    const { answer, log } = await ask(new Refusal(code, 'No, <thanks>.'))

    assert.equal(answer.statusCode, refusalRows[code].status)
    assert.ok(answer.statusCode >= 400)
    assert.match(answer.body, /No, (<|&#60;)thanks(>|&#62;)\./)
    assert.deepEqual(
      log.map((line) => line.level),
      ['info'],
    )
  })
}

test('kind A is JSON whatever the client accepts', async () => {
  const { answer } = await ask(refuse('user-exists'), 'text/html')

  assert.equal(answer.statusCode, 409)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.body, '{\n  "message": "user already exists"\n}\n')
})

const negotiated: readonly [accept: string | undefined, type: string][] = [
  ['application/json', 'application/json'],
  ['text/html, application/json;q=0.1', 'application/json'],
  [undefined, 'text/html; charset=UTF-8'],
  ['*/*', 'text/html; charset=UTF-8'],
  ['text/plain', 'text/plain; charset=UTF-8'],
]
for (const [accept, type] of negotiated) {
  test(`kind B with Accept: ${accept ?? '(none)'} is ${type}`, async () => {
    const { answer } = await ask(refuse('user-missing', { user: 'x' }), accept)

    assert.equal(answer.statusCode, 404)
    assert.equal(answer.headers['content-type'], type)
    if (type === 'application/json') assert.deepEqual(answer.json(), { message: "no user 'x'" })
  })
}

const framework: readonly [accept: string | undefined, type: string][] = [
  ['application/json', 'application/json'],
  ['application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7', 'application/json'],
  [undefined, 'text/plain; charset=UTF-8'],
  ['*/*', 'text/html; charset=UTF-8'],
  ['text/plain', 'text/plain; charset=UTF-8'],
]
for (const [accept, type] of framework) {
  test(`kind C with Accept: ${accept ?? '(none)'} is ${type}`, async () => {
    const { answer } = await ask(refuse('forbidden', { action: 'sing' }), accept)

    assert.equal(answer.statusCode, 403)
    assert.equal(answer.headers['content-type'], type)
  })
}

test('kind C names code and title', async () => {
  const { answer } = await ask(refuse('forbidden', { action: 'sing' }), 'application/json')

  assert.deepEqual(answer.json(), {
    message: 'You are not allowed to sing.',
    code: '403 Forbidden',
    title: 'Forbidden',
  })
})

test('kind D says it in the reason phrase and again in the body', async () => {
  const error = refuse('file-exists', { filename: 'a-1.0.zip' })
  const { answer } = await ask(error, 'application/json')

  const said = 'a-1.0.zip already exists in non-volatile index'
  assert.equal(answer.statusCode, 409)
  assert.equal(answer.statusMessage, said)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.deepEqual(answer.json(), { message: said, code: `409 ${said}`, title: said })
})

test('a page shows the message escaped', async () => {
  const { answer } = await ask(refuse('upload-invalid', { reason: '<b>&"' }), 'text/html')

  assert.doesNotMatch(answer.body, /<b>/)
  assert.match(answer.body, /&#60;b&#62;&#38;&#34;/)
})

test('a reason phrase stays on its line and within Latin-1', async () => {
  const { answer } = await ask(refuse('upload-invalid', { reason: 'a\r\nX-Evil: 1\tÿ😀b' }))

  assert.equal(answer.statusMessage, 'a X-Evil: 1 ÿ?b')
  assert.equal(answer.headers['x-evil'], undefined)
})

test('a message without a single printable character leaves the usual reason', async () => {
  const { answer } = await ask(refuse('upload-invalid', { reason: '\n' }))

  assert.equal(answer.statusMessage, 'Bad Request')
})

test('an upload without credentials is challenged, a login is not', async () => {
  const upload = await ask(refuse('upload-unauthenticated'))
  const login = await ask(refuse('login-failed', { user: 'ada' }))

  assert.equal(upload.answer.headers['www-authenticate'], 'Basic realm="pypi"')
  assert.deepEqual([upload.answer.statusCode, login.answer.statusCode], [401, 401])
  assert.equal(login.answer.headers['www-authenticate'], undefined)
})

test('too many requests are told when to come back', async () => {
  const { answer } = await ask(refuse('too-many-requests'))

  assert.match(String(answer.headers['retry-after']), /^\d+$/)
})

class TooLarge extends Error {
  override readonly name = 'TooLarge'
}
const failures: readonly [
  what: string,
  error: unknown,
  status: number,
  shown: RegExp,
  level: string,
][] = [
  [
    'a failing upstream',
    new UpstreamFailure('500 status on GET'),
    502,
    /500 status on GET/,
    'error',
  ],
  ['a full disk', new StorageFailure('x', { isFull: true }), 507, /no room left/, 'error'],
  ['a failing disk', new StorageFailure('secret'), 503, /request id/, 'error'],
  [
    'too many bytes for the store',
    new TooLarge('more than 5 bytes'),
    413,
    /more than 5 bytes/,
    'info',
  ],
  ['a bug', new TypeError('secret'), 500, /Internal error; request id/, 'error'],
  ['a thrown text', 'secret', 500, /Internal error; request id/, 'error'],
  ['a thrown nothing', undefined, 500, /Internal error; request id/, 'error'],
]
for (const [what, error, status, shown, level] of failures) {
  test(`${what} is ${status}`, async () => {
    const { answer, log } = await ask(error)

    assert.equal(answer.statusCode, status)
    assert.match(answer.body, shown)
    assert.doesNotMatch(answer.body, /secret/)
    assert.equal(log[0]?.level, level)
  })
}

test('the stack of a bug is in the log alone, under the request id of the answer', async () => {
  const { answer, log } = await ask(new TypeError('oops'))

  const logged = log.find((line) => line.level === 'error')
  assert.equal(logged?.id, answer.headers['x-request-id'])
  assert.match(JSON.stringify(logged?.error), /refusal-reply\.test\.ts/)
  assert.doesNotMatch(answer.body, /oops|\.ts/)
})

test('every refusal code has a row, and every row a code', () => {
  const rows = Object.keys(refusalRows) as RefusalCode[]

  assert.deepEqual(rows.toSorted(), refusalCodes.toSorted())
})

const lost = new UpstreamFailure('error 404 getting x', { status: 404 })
const ofFiles: readonly [what: string, error: unknown, status: number, level: string][] = [
  ['a file that upstream lacks', lost, 404, 'info'],
  [
    'a file that upstream has no more',
    new UpstreamFailure('error 410 getting x', { status: 410 }),
    502,
    'error',
  ],
  ['a file that cannot be had', new UpstreamFailure('connection refused'), 502, 'error'],
]
for (const [what, error, status, level] of ofFiles) {
  for (const path of ['+f/abc/0123456789abc', '+e/http_host']) {
    test(`${what} is ${status} in JSON below ${path}, whatever the client accepts`, async () => {
      const { answer, log } = await ask(error, 'text/html', `/ada/mirror/${path}/x-1.0.zip`)

      assert.equal(answer.statusCode, status)
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.deepEqual(answer.json(), { message: (error as Error).message })
      assert.equal(log[0]?.level, level)
    })
  }
}

test('a page that upstream fails to send is 502, whatever its status upstream', async () => {
  const { answer } = await ask(lost, 'text/html', '/ada/mirror/+simple/x/')

  assert.equal(answer.statusCode, 502)
  assert.equal(answer.headers['content-type'], 'text/html; charset=UTF-8')
})
