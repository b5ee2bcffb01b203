/** Documentation on a host name of its own (`--docs-url`). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import type { Api, AskOptions, Reply } from '../support/api.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { BROWSER, getPage, linksIn, startWeb } from '../support/web.ts'
import { logIn } from '../support/visitor.ts'

const MAIN = 'https://yard.example'
const DOCS = 'https://docs.example'
const page = '/ada/dev/anchor/1.0/+doc/index.html'

async function start(config: Parameters<typeof startWeb>[0] = {}): Promise<Api> {
  const api = await startWeb({
    ...config,
    config: { outsideUrl: MAIN, docsUrl: DOCS, ...config.config },
  })
  const docs = makeDocs({ 'index.html': '<head></head>Hello', 'sw.js': '//', 'a b/ü.html': 'x' })
  await sendDocs(api, docs, { name: 'anchor', version: '1.0' })
  return api
}

const onDocsHost = (
  api: Api,
  path: string,
  { headers, ...options }: AskOptions = {},
): Promise<Reply> =>
  api.get(path, { accept: BROWSER, ...options, headers: { host: 'docs.example', ...headers } })

test('the main host leads whoever reads documentation to its own host, programs too', async () => {
  await using api = await start()
  const paths = {
    '/ada/dev/anchor/1.0/+doc/': '/ada/dev/anchor/1.0/+doc/',
    '/ada/dev/anchor/latest/+doc/a%20b/%C3%BC.html?q=x&y':
      '/ada/dev/anchor/latest/+doc/a%20b/%C3%BC.html?q=x&y',
    '/ada/dev/anchor/1.0/+d/index.html': '/ada/dev/anchor/1.0/+doc/index.html',
    '/ada/dev/an%2Fchor/1.0/+doc/x': undefined,
  }

  for (const [path, target] of Object.entries(paths)) {
    for (const accept of ['application/json', '*/*']) {
      const reply = await api.get(path, { accept, headers: { 'user-agent': 'pip/26.0' } })
      if (target === undefined) assert.equal(reply.status, 404)
      else assert.deepEqual([reply.status, reply.headers['location']], [302, DOCS + target])
    }
  }
  const odd = await api.get('/ada/dev/anchor/1.0/+doc//evil.example/x')
  assert.equal(new URL(odd.headers['location'] ?? '').origin, DOCS)
})

test('the frame shows the documentation of its own host, and of no other', async () => {
  await using api = await start()

  const { text, headers } = await getPage(api, '/ada/dev/anchor/1.0/+d/index.html')

  const frame = /<iframe [^>]*>/.exec(text)?.[0] ?? ''
  assert.match(frame, new RegExp(`src="${DOCS}${page.replaceAll('+', '\\+')}"`))
  assert.match(frame, /sandbox="(?=[^"]*allow-same-origin)(?!.*allow-top-navigation)/)
  assert.ok(linksIn(text).includes(DOCS + page))
  assert.match(headers['content-security-policy'] ?? '', /frame-src https:\/\/docs\.example;/)
  assert.match(headers['content-security-policy'] ?? '', /frame-ancestors 'self'/)
  const other = await getPage(api, '/ada/dev')
  assert.match(other.headers['content-security-policy'] ?? '', /frame-src 'self';/)
})

test('its own host shows documentation without a box, in our frame and its own alone', async () => {
  await using api = await start()

  const { status, text, headers } = await onDocsHost(api, page)

  assert.deepEqual([status, text.replace(/<script>.*<\/script>/, '')], [200, '<head></head>Hello'])
  assert.equal(
    headers['content-security-policy'],
    `form-action 'self'; base-uri 'self'; frame-ancestors 'self' ${MAIN}`,
  )
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
  assert.equal(headers['access-control-allow-origin'], undefined)
  const bare = await onDocsHost(api, '/ada/dev/anchor/latest/+doc/?q=x')
  const target = `${DOCS}/ada/dev/anchor/latest/+doc/index.html?q=x`
  assert.deepEqual([bare.status, bare.headers['location']], [302, target])
})

test('its own host answers nothing else, and says where that is', async () => {
  await using api = await start()
  const others = [
    ...['/', '/ada', '/ada/dev', '/ada/dev/anchor/1.0', '/+login', '/+api', '/+status', '/+search'],
    ...['/ada/dev/+simple/', '/ada/dev/anchor/1.0/+d/index.html', '/nothing', '/favicon.ico'],
    ...['/ada/dev//+doc/x', '/a/b/c/d/e/f/+doc/x'],
  ]

  for (const path of others) {
    for (const accept of [BROWSER, 'application/json']) {
      const reply = await onDocsHost(api, path, { accept })
      assert.deepEqual(
        [reply.status, reply.headers['content-type']],
        [404, 'text/plain; charset=UTF-8'],
        path,
      )
      assert.match(reply.text, /All else is at https:\/\/yard\.example\/\./)
      assert.equal(reply.headers['location'], undefined)
      assert.equal(reply.headers['set-cookie'], undefined)
    }
  }
})

test('its own host changes nothing, whatever is sent to it', async () => {
  await using api = await start()
  const { serial } = api
  const json = { password: 'pw', volatile: true }

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PUSH', 'OPTIONS'] as const) {
    for (const path of ['/+login', '/ada', '/ada/dev', '/ada/dev/anchor', page]) {
      const reply = await api.ask(method, path, {
        as: 'ada',
        json,
        headers: { host: 'docs.example' },
      })
      assert.equal(reply.status, 404, `${method} ${path}`)
      assert.equal(reply.headers['set-cookie'], undefined)
    }
  }
  assert.equal(api.serial, serial)
})

test('on its own host nobody is logged in, and missing pages are told as text', async () => {
  await using api = await start()
  const ada = await logIn(api, 'ada')

  const cookie = await onDocsHost(api, page, { headers: { cookie: ada.cookie } })
  const wrong = await onDocsHost(api, page, { login: { user: 'ada', secret: 'wrong' } })
  const missing = await onDocsHost(api, page.replace('index', 'none'))
  const program = await onDocsHost(api, page.replace('index', 'none'), {
    accept: 'application/json',
  })

  assert.deepEqual([cookie.status, wrong.status], [200, 200])
  assert.equal(cookie.headers['set-cookie'], undefined)
  assert.deepEqual(
    [missing.status, missing.headers['content-type']],
    [404, 'text/plain; charset=UTF-8'],
  )
  assert.match(
    missing.text,
    /File none\.html not found in documentation\.[^]*https:\/\/yard\.example\//,
  )
  assert.deepEqual(
    [program.status, program.message],
    [404, 'File none.html not found in documentation.'],
  )
})

test('a proxy that asks about its own host is told that documentation may be seen, and nothing else', async () => {
  await using api = await start()
  const ask = async (path: string) =>
    (await onDocsHost(api, '/+authcheck', { headers: { 'x-original-uri': path } })).status

  assert.deepEqual([await ask(page), await ask('/+login'), await ask('/ada/dev')], [200, 403, 403])
})

test('documentation installs no service worker, which would answer in place of its host', async () => {
  await using api = await start()
  const script = page.replace('index.html', 'sw.js')

  const worker = await onDocsHost(api, script, { headers: { 'service-worker': 'script' } })
  const plain = await onDocsHost(api, script)

  assert.deepEqual([worker.status, plain.status], [403, 200])
  assert.match(worker.text, new RegExp(refuse('docs-worker-refused').message))
})

test('whatever names the host for documentation leads to it: Host, port or no port, and what a trusted proxy says', async () => {
  await using api = await start({
    config: { trustedProxy: '*', trustedProxyHeaders: ['x-forwarded-host'] },
  })
  const names = [
    { host: 'docs.example' },
    { host: 'DOCS.example:8443' },
    { host: 'docs.example.' },
    { host: 'docs.example', 'x-outside-url': MAIN },
    { host: 'backend', 'x-outside-url': DOCS },
    { host: 'backend', 'x-forwarded-host': 'docs.example' },
    { host: 'docs.example', 'x-forwarded-host': 'yard.example' },
  ]

  for (const headers of names) {
    const shown = await api.get(page, { accept: '*/*', headers })
    const login = await getPage(api, '/+login', { headers })
    assert.deepEqual([shown.status, login.status], [200, 404], JSON.stringify(headers))
  }
  for (const host of ['yard.example', '127.0.0.1:3141', 'docs.example.evil', 'xdocs.example']) {
    assert.equal((await getPage(api, '/+login', { headers: { host } })).status, 200, host)
  }
})

test('who is no trusted proxy does not lead there by what it says of the host', async () => {
  await using api = await start()
  const headers = { host: 'yard.example', 'x-forwarded-host': 'docs.example' }

  assert.equal((await getPage(api, '/+login', { headers })).status, 200)
})

test('both hosts may have a path', async () => {
  await using api = await start({
    config: { outsideUrl: `${MAIN}/index`, docsUrl: `${DOCS}/docs` },
  })

  const main = await api.get(`/index${page}`, { accept: '*/*' })
  const shown = await onDocsHost(api, `/docs${page}`)
  const other = await onDocsHost(api, '/docs/')

  assert.equal(main.headers['location'], `${DOCS}/docs${page}`)
  assert.equal(shown.status, 200)
  assert.match(
    shown.headers['content-security-policy'] ?? '',
    /frame-ancestors 'self' https:\/\/yard\.example$/,
  )
  assert.match(other.text, /https:\/\/yard\.example\/index\//)
})
