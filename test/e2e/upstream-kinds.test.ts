/** Mirrors of whatever serves distributions: each against the real thing, and pip installs through it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, get as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { devpiAuth } from '../support/devpi-api.ts'
import {
  startApacheFiles,
  startNginxFiles,
  startPythonServer,
  type FolderFiles,
} from '../support/file-servers.ts'
import { makePip } from '../support/clients.ts'
import { startFakeUpstream } from '../support/fake-upstream.ts'
import { body, byPath } from '../support/fake-upstream.ts'
import type { TempFolder } from '../support/temp.ts'
import { sendFile } from '../support/upload.ts'
import { startDevpiServer } from '../support/upstream.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const MIRROR = 'ada/mirror'
const SIMPLE = 'application/vnd.pypi.simple.v1+json'

const anchor = makeWheel('anchor', '1.0', { requiresDist: ['rope-end>=1'] })
const rope = makeWheel('rope-end', '1.2')
const source = makeSdist('rope-end', '1.1')

const mirrorOf = (api: Api, url: string, options: object = {}): Promise<void> =>
  api.makeIndex(MIRROR, { type: 'mirror', mirror_url: url, ...options })

async function shown(api: Api, project: string): Promise<string[]> {
  const reply = await api.get(`/${MIRROR}/+simple/${project}/`, { accept: SIMPLE })
  if (reply.status !== 200) return [`${reply.status}`]
  return reply.json.files.map(({ filename }: { filename: string }) => filename).sort()
}

async function names(api: Api): Promise<string[]> {
  const { json } = await api.get(`/${MIRROR}/+simple/`, { accept: SIMPLE })
  return json.projects.map(({ name }: { name: string }) => name).sort()
}

async function assertInstalls(api: Api): Promise<void> {
  await using pip = await makePip()
  const install = await pip.install('anchor', new URL(`${MIRROR}/+simple/`, api.app.url).href)
  assert.equal(install.code, 0, install.output)
  assert.deepEqual((await pip.installed()).sort(), ['anchor-1.0', 'rope_end-1.2'])
}

const flat = {
  [`wheels/${anchor.filename}`]: anchor.bytes,
  [`wheels/${rope.filename}`]: rope.bytes,
  [`wheels/${source.filename}`]: source.bytes,
}

for (const { server, start } of [
  { server: 'nginx', start: startNginxFiles },
  { server: 'Python’s http.server', start: startPythonServer },
  { server: 'Apache', start: startApacheFiles },
  { server: 'Apache, fancily', start: (files: FolderFiles) => startApacheFiles(files, 'fancy') },
  { server: 'Apache as a table', start: (files: FolderFiles) => startApacheFiles(files, 'table') },
]) {
  test(`a folder of files that ${server} lists is an upstream`, async () => {
    await using upstream = await start(flat)
    await using api = await startApi({ transport: 'socket' })
    await mirrorOf(api, upstream.url('wheels/'), { mirror_layout: 'listing' })

    assert.deepEqual(await names(api), ['anchor', 'rope-end'])
    assert.deepEqual(await shown(api, 'rope-end'), [source.filename, rope.filename].sort())
    assert.deepEqual(await shown(api, 'nothing'), ['404'])
    await assertInstalls(api)
  })

  test(`folders for each project that ${server} lists are an upstream, however they are spelt`, async () => {
    const folders = {
      [`index/anchor/${anchor.filename}`]: anchor.bytes,
      [`index/Rope_End/${rope.filename}`]: rope.bytes,
    }
    await using upstream = await start(folders)
    await using api = await startApi({ transport: 'socket' })
    await mirrorOf(api, upstream.url('index/'), { mirror_layout: 'listing' })

    assert.deepEqual(await names(api), ['anchor', 'rope-end'])
    await assertInstalls(api)
  })
}

test('a page of links to other hosts, as for --find-links, is an upstream', async () => {
  await using files = await startNginxFiles(flat)
  const links = [anchor, rope, source]
    .map(
      ({ filename, sha256 }) =>
        `<a href="${files.url(`wheels/${filename}`)}#sha256=${sha256}">${filename}</a>`,
    )
    .join('\n')
  await using upstream = await startFakeUpstream(
    byPath({ '/links.html': body(`<html>${links}</html>`) }),
  )
  await using api = await startApi({ transport: 'socket' })
  const { host } = new URL(upstream.url())
  await mirrorOf(api, `http://ada:secret@${host}/links.html`, { mirror_layout: 'listing' })

  assert.deepEqual(await names(api), ['anchor', 'rope-end'])
  await assertInstalls(api)
  // One page for all projects, asked for with credentials.
  assert.ok(upstream.requests.every(({ path }) => path === '/links.html'))
  assert.ok(upstream.requests.length <= 2, `${upstream.requests.length} requests`)
  assert.ok(upstream.requests.every(({ headers }) => headers.authorization !== undefined))
})

test('of another Wheelyard’s index, its own files alone', async () => {
  await using upstream = await startApi({ transport: 'socket', indexes: ['bob/base', 'bob/dev'] })
  await upstream.patch('/bob/dev', { as: 'bob', json: { bases: ['bob/base'] } })
  await sendFile(upstream, 'bob/base', rope, { name: 'rope-end', version: '1.2' })
  await sendFile(upstream, 'bob/base', source, { name: 'rope-end', version: '1.1' })
  await sendFile(upstream, 'bob/dev', anchor, { name: 'anchor' })
  await using api = await startApi({ transport: 'socket' })

  const index = new URL('bob/dev/+simple/', upstream.app.url).href
  await mirrorOf(api, index, { mirror_own_only: true })

  assert.deepEqual(await names(api), ['anchor'])
  assert.deepEqual(await shown(api, 'anchor'), [anchor.filename])
  assert.deepEqual(await shown(api, 'rope-end'), ['404'])
  await api.patch(`/${MIRROR}`, { as: 'ada', json: ['mirror_own_only-='] })
  assert.equal((await shown(api, 'rope-end')).length, 2)
})

test('of a devpi-server’s index, its own files alone', async () => {
  await using devpi = await startDevpiServer({
    stages: ['bob/base', { name: 'bob/dev', bases: ['bob/base'] }],
  })
  const sent = await sendToDevpi(devpi.url(), 'bob/dev', anchor, 'anchor', '1.0')
  assert.equal(sent, 200)
  await sendToDevpi(devpi.url(), 'bob/base', rope, 'rope-end', '1.2')
  await using api = await startApi({ transport: 'socket' })
  await mirrorOf(api, devpi.url('bob/dev/+simple/'), { mirror_own_only: true })

  assert.deepEqual(await names(api), ['anchor'])
  assert.deepEqual(await shown(api, 'anchor'), [anchor.filename])
  assert.deepEqual(await shown(api, 'rope-end'), ['404'])
})

async function sendToDevpi(
  url: string,
  index: string,
  file: { readonly filename: string; readonly bytes: Buffer },
  name: string,
  version: string,
): Promise<number> {
  const form = new FormData()
  for (const [field, value] of Object.entries({ ':action': 'file_upload', name, version })) {
    form.set(field, value)
  }
  form.set('content', new Blob([new Uint8Array(file.bytes)]), file.filename)
  const login = await fetch(new URL('+login', url), {
    method: 'POST',
    body: JSON.stringify({ user: 'bob', password: 'pw' }),
  })
  const { result } = (await login.json()) as { result: { password: string } }
  const headers = devpiAuth({ user: 'bob', secret: result.password })
  return (await fetch(new URL(`${index}/`, url), { method: 'POST', body: form, headers })).status
}

test('an upstream behind a password or a token lets a mirror in that has it', async () => {
  await using upstream = await startNginxFiles(flat, {
    lines: () => `if ($http_authorization != "Bearer s3cret") { return 401; }`,
  })
  await using api = await startApi({ transport: 'socket' })
  const listing = { mirror_layout: 'listing' }
  await mirrorOf(api, upstream.url('wheels/'), listing)
  assert.deepEqual(await shown(api, 'anchor'), ['502'])

  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_token: 's3cret' } })
  assert.deepEqual(await shown(api, 'anchor'), [anchor.filename])
  await assertInstalls(api)
  // What one mirror may see is nothing for another of the same address.
  const bare = { type: 'mirror', mirror_url: upstream.url('wheels/'), mirror_layout: 'listing' }
  await api.makeIndex('ada/bare', bare)
  const other = await api.get('/ada/bare/+simple/anchor/', { accept: SIMPLE })
  assert.equal(other.status, 502)
  const { result } = await api.get(`/${MIRROR}?no_projects`)
  assert.equal(result.mirror_token, '***')
  const own = await api.get(`/${MIRROR}?no_projects`, { as: 'ada' })
  assert.equal(own.result.mirror_token, 's3cret')
})

test('an upstream with a certificate authority of its own that wants a client certificate', async () => {
  let pems: Pems | undefined
  await using upstream = await startNginxFiles(flat, {
    isSecure: true,
    lines(folder) {
      pems = makePems(folder)
      return `
        ssl_certificate ${folder.join('server.pem')};
        ssl_certificate_key ${folder.join('server.key')};
        ssl_client_certificate ${folder.join('ca.pem')};
        ssl_verify_client on;`
    },
  })
  const { ca, cert, key } = await readPems(pems!)
  await using api = await startApi({ transport: 'socket' })
  const listing = { mirror_layout: 'listing' }
  await mirrorOf(api, upstream.url('wheels/'), listing)
  const untrusted = await api.get(`/${MIRROR}/+simple/anchor/`, { accept: SIMPLE })
  assert.equal(untrusted.status, 502)
  assert.match(untrusted.text, /its certificate is of an authority that is not trusted here/)

  await api.patch(`/${MIRROR}`, { as: 'ada', json: { mirror_ca: ca } })
  assert.deepEqual(await shown(api, 'anchor'), ['502'])

  const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
  const foreign = String(other.export({ type: 'pkcs8', format: 'pem' }))
  const wrong = { mirror_client_cert: cert, mirror_client_key: foreign }
  const refused = await api.patch(`/${MIRROR}`, { as: 'ada', json: wrong })
  assert.equal(refused.status, 400)
  assert.match(refused.message ?? '', /'mirror_client_key' is not the key of the first certificate/)

  const json = { mirror_client_cert: cert, mirror_client_key: key }
  assert.equal((await api.patch(`/${MIRROR}`, { as: 'ada', json })).status, 200)
  await assertInstalls(api)
  const { result } = await api.get(`/${MIRROR}?no_projects`)
  assert.equal(result.mirror_client_key, '***')
  assert.equal(result.mirror_client_cert, cert)
  const alone = { mirror_client_key: foreign }
  assert.equal((await api.patch(`/${MIRROR}`, { as: 'ada', json: alone })).status, 400)
})

interface Pems {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** An authority, the server's certificate and a client's. */
function makePems(folder: TempFolder): Pems {
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { stdio: 'ignore', cwd: folder.path })
  const subject = (name: string): string[] => ['-subj', `/CN=${name}`]
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', ...subject('authority'))
  for (const name of ['server', 'client']) {
    openssl(
      'req',
      ...fresh,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      ...subject(name),
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    )
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-copy_extensions',
      'copy',
      '-out',
      `${name}.pem`,
    )
  }
  const path = (name: string): string => folder.join(name)
  return { ca: path('ca.pem'), cert: path('client.pem'), key: path('client.key') }
}

async function readPems({ ca, cert, key }: Pems): Promise<Pems> {
  const [a, b, c] = await Promise.all([ca, cert, key].map((path) => readFile(path, 'utf8')))
  return { ca: a!, cert: b!, key: c! }
}

test('an upstream is reached through the mirror’s own proxy, which gets its own credentials alone', async () => {
  await using upstream = await startNginxFiles(flat)
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`)
    forward(request.url ?? '', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  using stack = new DisposableStack()
  stack.defer(() => void proxy.close())
  stack.defer(() => proxy.closeAllConnections())
  await using api = await startApi()
  await mirrorOf(api, upstream.url('wheels/'), {
    mirror_layout: 'listing',
    mirror_proxy: `http://proxy:pw@127.0.0.1:${port}/`,
  })

  assert.deepEqual(await shown(api, 'anchor'), [anchor.filename])
  const login = Buffer.from('proxy:pw').toString('base64')
  assert.deepEqual(asked, [`${upstream.url('wheels/')} Basic ${login}`])
  const { result } = await api.get(`/${MIRROR}?no_projects`)
  assert.equal(result.mirror_proxy, `http://***@127.0.0.1:${port}/`)
})

for (const scheme of ['http', 'https']) {
  test(`a proxy that refuses what goes to ${scheme} is named, with what it wants`, async () => {
    const proxy = createServer((_, response) => void response.writeHead(407).end())
    proxy.on('connect', (_, socket) => void socket.end('HTTP/1.1 407 No\r\n\r\n'))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    using stack = new DisposableStack()
    stack.defer(() => void proxy.close())
    stack.defer(() => proxy.closeAllConnections())
    await using api = await startApi()
    await mirrorOf(api, `${scheme}://127.0.0.1:9/simple/`, {
      mirror_proxy: `http://127.0.0.1:${port}/`,
      mirror_no_project_list: true,
    })

    const { status, text } = await api.get(`/${MIRROR}/+simple/anchor/`, { accept: SIMPLE })

    assert.equal(status, 502)
    assert.match(text, /its proxy answers 407: it wants a user and a password/)
  })
}

for (const [option, value, message] of [
  ['mirror_layout', 'odd', /must be 'simple' or 'listing'/],
  ['mirror_token', 'two words', /must be a token/],
  ['mirror_ca', 'no certificate', /must be certificates in PEM: there is none/],
  [
    'mirror_client_cert',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    /number 1 can't be read/,
  ],
  ['mirror_client_key', 'no key', /must be a private key in PEM/],
  ['mirror_proxy', 'nowhere', /must be a URL/],
  ['mirror_private_hosts', ['http://host/'], /must be hosts such as/],
  ['mirror_private_hosts', ['a b'], /must be hosts such as/],
] as const) {
  test(`a bad ${option} is refused when it is set`, async () => {
    await using api = await startApi()
    await mirrorOf(api, 'http://127.0.0.1:9/')
    const reply = await api.patch(`/${MIRROR}`, { as: 'ada', json: { [option]: value } })
    assert.equal(reply.status, 400)
    assert.match(reply.message ?? '', message)
  })
}
