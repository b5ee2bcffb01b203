/** Files that a real nginx sends from the disk, since the server told it which: nobody sees a difference. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openFilesystemBlobs } from '#blobs/backends/filesystem'
import { ada } from '../support/client.ts'
import { makePip, twine } from '../support/clients.ts'
import { assertDone } from '../support/installers.ts'
import { startNginx, type Nginx } from '../support/nginx.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const wheel = makeWheel('anchor', '1.0')
/** Too large to be kept in memory. */
const sdist = makeSdist('anchor', '1.0', {
  extraFiles: {
    'anchor-1.0/noise': Buffer.from(
      Array.from({ length: 300_000 }, (_, at) => (at * at * 31) >> 3),
    ),
  },
})
const pathOf = ({ sha256, filename }: Distribution): string =>
  `ada/dev/+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}/${filename}`

async function startBoth() {
  await using stack = new AsyncDisposableStack()
  const args = ['--send-file', 'x-accel-redirect']
  const yard = stack.use(await startYard({ stages: ['ada/dev'], args }))
  const nginx = stack.use(await startNginx({ upstream: yard.url(), sendsFrom: yard.folder }))
  assertDone(await twine.upload([wheel, sdist], nginx.url('ada/dev/'), ada))
  const kept = stack.move()
  return { yard, nginx, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** All that one may see of an answer, but for what belongs to the one request or connection. */
async function ask(url: string, init: RequestInit) {
  const reply = await fetch(url, init)
  const headers = Object.fromEntries(reply.headers)
  for (const name of ['date', 'server', 'connection', 'keep-alive', 'x-request-id']) {
    delete headers[name]
  }
  if (reply.status === 206) delete headers['accept-ranges'] // a part says so by itself, and nginx leaves it at that
  return { status: reply.status, headers, bytes: Buffer.from(await reply.arrayBuffer()) }
}

/** What the server's log says that it sent itself, of the last request. */
async function sentBytes(yard: Yard, id: string): Promise<number> {
  const line = await yard.logged(new RegExp(`.*"id":"${id}".*`))
  return (JSON.parse(line) as { bytes: number }).bytes
}

async function askNginx(yard: Yard, nginx: Nginx, path: string, headers: Record<string, string>) {
  const reply = await fetch(nginx.url(path), { headers })
  await reply.arrayBuffer()
  return { reply, own: await sentBytes(yard, reply.headers.get('x-request-id') ?? '') }
}

const kinds: readonly (readonly [string, Record<string, string>, number, boolean])[] = [
  ['the whole file', {}, 200, true],
  ['its first byte', { range: 'bytes=0-0' }, 206, true],
  ['its end', { range: 'bytes=-10' }, 206, true],
  ['its rest', { range: 'bytes=100-' }, 206, true],
  ['a part behind its end', { range: 'bytes=9999999-' }, 416, false],
  ['several parts', { range: 'bytes=0-1,4-5' }, 200, false],
  ['a part that is none', { range: 'bytes=abc' }, 200, false],
  ['what is known already', { 'if-none-match': 'ETAG' }, 304, false],
  ['what is not known', { 'if-none-match': '"other"' }, 200, true],
  ['what has not changed since', { 'if-modified-since': 'MODIFIED' }, 304, false],
  ['what has changed since', { 'if-modified-since': 'Tue, 01 Jan 2019 00:00:00 GMT' }, 200, true],
  ['the rest of this very file', { range: 'bytes=5-', 'if-range': 'ETAG' }, 206, true],
  ['the rest by its time', { range: 'bytes=5-', 'if-range': 'MODIFIED' }, 206, true],
  ['the rest of another file', { range: 'bytes=5-', 'if-range': '"other"' }, 200, false],
]

test('nginx answers as the server itself does, and sends the bytes', async (t) => {
  await using both = await startBoth()
  const { yard, nginx } = both

  for (const file of [wheel, sdist]) {
    const path = pathOf(file)
    const { headers: known } = await ask(yard.url(path), { method: 'HEAD' })
    const filled = (headers: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          value
            .replace('ETAG', known['etag'] ?? '')
            .replace('MODIFIED', known['last-modified'] ?? ''),
        ]),
      )
    for (const [what, given, status, isSent] of kinds) {
      await t.test(`${file.filename}: ${what}`, async () => {
        const headers = filled(given)
        const direct = await ask(yard.url(path), { headers })
        const passed = await ask(nginx.url(path), { headers })

        assert.equal(direct.status, status)
        assert.deepEqual(passed, direct)
        const { own } = await askNginx(yard, nginx, path, headers)
        assert.equal(own, isSent ? 0 : direct.bytes.length)
      })
    }
    await t.test(`${file.filename}: its head`, async () => {
      const head = await ask(nginx.url(path), { method: 'HEAD' })
      assert.deepEqual(head, await ask(yard.url(path), { method: 'HEAD' }))
      assert.equal(head.headers['content-length'], `${file.bytes.length}`)
    })
  }
})

test('nobody gets at blobs by the address that nginx has for them', async () => {
  await using both = await startBoth()
  const { nginx } = both
  const { sha256 } = wheel

  for (const path of [`+blobs/${sha256.slice(0, 2)}/${sha256}`, '+blobs/', '+blobs/../+blobs/']) {
    const reply = await fetch(nginx.url(path), {
      headers: { 'x-sendfile-type': 'X-Accel-Redirect', 'x-accel-redirect': `/${path}` },
    })
    assert.equal(reply.status, 404, path)
  }
})

test('what nginx finds no file of comes from the server', async () => {
  await using both = await startBoth()
  const { yard, nginx } = both
  const path = pathOf(wheel)
  const before = await ask(yard.url(path), {})
  const store = await openFilesystemBlobs(join(yard.folder, 'blobs'))
  await rm(store.pathOf(wheel.sha256))
  await store.close()

  assert.deepEqual(await ask(nginx.url(path), {}), before)
  const { own } = await askNginx(yard, nginx, path, {})

  assert.equal(own, wheel.bytes.length)
})

test('pip installs through it, and metadata comes as it does without', async () => {
  await using both = await startBoth()
  const { yard, nginx } = both
  await using pip = await makePip()

  assertDone(await pip.install('anchor==1.0', nginx.url('ada/dev/+simple/')))

  const path = `${pathOf(wheel)}.metadata`
  const passed = await ask(nginx.url(path), {})
  assert.deepEqual(passed, await ask(yard.url(path), {}))
  assert.deepEqual(passed.bytes, wheel.metadataBytes)
})

test('who comes past nginx, or asks it for something else, gets the bytes from the server', async () => {
  await using yard = await startYard({ stages: ['ada/dev'] })
  assertDone(await twine.upload([wheel], yard.url('ada/dev/'), ada))
  const path = pathOf(wheel)

  const asked = await ask(yard.url(path), { headers: { 'x-sendfile-type': 'X-Accel-Redirect' } })

  assert.deepEqual(asked.bytes, wheel.bytes)
  assert.equal(asked.headers['x-accel-redirect'], undefined)
})
