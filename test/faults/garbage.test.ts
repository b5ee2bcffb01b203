/**
 * Whatever comes in over the wire, from whomever, for whichever route there is: an answer that is no failure of ours,
 * what is refused changes nothing, and no secret is told.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Parts } from '#api/parts'
import { apiRoutes } from '#api/routes'
import { makeUser } from '../support/devpi-api.ts'
import { fuzzRuns } from '../support/fuzz.ts'
import { oddRequest, type OddRequest } from '../support/garbage.ts'
import { exchange } from '../support/raw-socket.ts'
import { uploadForm } from '../support/uploader.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

/** No route looks at its parts before a request comes. */
const routes = apiRoutes({ server: {} } as unknown as Parts, []).flatMap(({ methods, path }) =>
  methods.map((method) => ({ method, path })),
)

const wheel = makeWheel('anchor', '1.0')
const good = {
  ':user': 'ada',
  ':index': 'dev',
  ':project': 'anchor',
  ':version': '1.0',
  ':filename': wheel.filename,
  ':a': wheel.sha256.slice(0, 3),
  ':b': wheel.sha256.slice(3, 16),
  '*': 'index.html',
}

/** An upstream's, and what is sent in an address. */
const SECRETS = ['Up5tream', 'Qu3ry']
const upstream = `http://up:${SECRETS[0]}@127.0.0.1:9/simple/`
const askers = ['', 'bob', 'ada', 'root'] as const
type Asker = (typeof askers)[number]

describe('garbage', () => {
  let yard: Yard
  let serial = 0
  const tokens = new Map<Asker, string>()
  const everyToken: string[] = []

  before(async () => {
    yard = await startYard()
    for (const user of ['bob', 'root'] as const) await logIn(user)
    await mend()
  })
  after(() => yard[Symbol.asyncDispose]())

  for (const route of routes) {
    test(`to ${route.method} ${route.path} is answered without a failure, and what is refused changes nothing`, async () => {
      const request = oddRequest(route, good)

      await fc.assert(fc.asyncProperty(request, fc.constantFrom(...askers), send), fuzzRuns(40))
    })
  }

  test('makes the log tell of no failure, and of no secret', () => {
    const { log } = yard
    assert.deepEqual(
      log
        .split('\n')
        .filter((line) => line.includes('"level":"error"') && !line.includes('"UpstreamFailure"')),
      [],
    )
    for (const secret of [...SECRETS, ...everyToken, '$argon2', 'pwhash']) {
      assert.ok(!log.includes(secret), secret)
    }
  })

  async function send(request: OddRequest, asker: Asker): Promise<void> {
    const answer = await exchange(yard.url(), write(request, tokens.get(asker)))
    const shown = `${asker} ${request.method} ${request.target}: ${answer.slice(0, 500)}`
    const [, status = ''] =
      /^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (\d{3}) /.exec(answer) ?? []
    // The upstream is away, as is what a push to elsewhere names.
    assert.match(status, /^(?:[234]\d\d|502)$/, shown)
    assertWholeHead(answer, shown)
    for (const secret of [...everyToken, '$argon2']) assert.ok(!answer.includes(secret), shown)
    const maySee = asker === 'ada' || asker === 'root'
    assert.ok(maySee || !answer.includes(SECRETS[0]!), shown)

    const now = Number(/^x-devpi-serial: (\d+)/im.exec(answer)?.[1] ?? serial)
    if (now === serial) return
    assert.ok(Number(status) < 400, shown)
    await mend()
  }

  async function logIn(user: Exclude<Asker, ''>): Promise<void> {
    const token = await makeUser(yard.url(), user)
    tokens.set(user, token)
    everyToken.push(token)
  }

  /** What was changed by good luck is put in order. */
  async function mend(): Promise<void> {
    if ((await ask('GET', 'ada', '')).status === 404) await logIn('ada')
    if ((await ask('GET', 'bob', '')).status === 404) await logIn('bob')
    const dev = { type: 'stage', volatile: true, bases: [], acl_upload: ['ada'] }
    await make('ada/dev', { ...dev, acl_toxresult_upload: [':ANONYMOUS:'] })
    await make('ada/up', { type: 'mirror', mirror_url: upstream, mirror_no_project_list: true })
    const file = `ada/dev/+f/${good[':a']}/${good[':b']}/${wheel.filename}`
    let last = await ask('GET', file, 'ada')
    if (last.status !== 200) {
      const { type, body } = uploadForm(wheel)
      last = await ask('POST', 'ada/dev/', 'ada', { type, body: Buffer.from(body) })
    }
    assert.equal(last.status, 200)
    serial = Number(last.headers.get('x-devpi-serial'))
  }

  async function make(index: string, options: Readonly<Record<string, unknown>>): Promise<void> {
    const body = JSON.stringify(options)
    const made = await ask('PUT', index, 'root', { body })
    if (made.status !== 200) await ask('PATCH', index, 'root', { body })
  }

  async function ask(
    method: string,
    path: string,
    asker: Asker,
    { type, body }: { readonly type?: string; readonly body?: string | Buffer<ArrayBuffer> } = {},
  ): Promise<Response> {
    const headers = {
      accept: 'application/json',
      ...(type !== undefined && { 'content-type': type }),
      ...auth(tokens.get(asker)),
    }
    const answer = await fetch(yard.url(path), { method, headers, ...(body && { body }) })
    await answer.arrayBuffer()
    return answer
  }
})

const auth = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

function write({ method, target, headers, body }: OddRequest, token?: string): Buffer {
  const secret = target.includes('?') ? `&password=${SECRETS[1]}` : ''
  const lines = [
    `${method} ${target}${secret} HTTP/1.1`,
    ...Object.entries(auth(token)).map(([name, value]) => `${name}: ${value}`),
    ...headers,
    `Content-Length: ${body.length}`,
    'Host: x',
    'Connection: close',
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

/** Nothing that was sent has become a line of its own. */
function assertWholeHead(answer: string, shown: string): void {
  const [head = ''] = answer.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '').split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  for (const line of [first, ...lines]) assert.match(line, /^[ -~\xa0-\xff]+$/, shown)
  for (const line of lines) assert.match(line, /^[\w-]+: /i, shown)
  assert.ok(!lines.some((line) => /^x-injected/i.test(line)), shown)
}
