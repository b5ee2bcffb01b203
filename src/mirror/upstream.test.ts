/** Redirects and credentials: what an upstream is told, and by whom it may be told where to go. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import {
  body,
  byPath,
  notFound,
  redirectTo,
  startFakeUpstream,
} from '../../test/support/fake-upstream.ts'
import { asksOf, makeMirrorRig, MIRROR } from '../../test/support/mirror.ts'

const SECRET = 'p%40ss'
const BASIC = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`

const withCredentials = (url: string): string => url.replace('://', `://ada:${SECRET}@`)

const pageOf = (url: string): string => `<a href="${url}">anchor-1.0.tar.gz</a>`

test('credentials of the address go to its own origin, and nowhere else', async () => {
  await using files = await startFakeUpstream(body('<p>content</p>'))
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/anchor/': body(pageOf(withCredentials(files.url('anchor-1.0.tar.gz')))),
      '/simple/buoy/': redirectTo(withCredentials(files.url('simple/buoy/'))),
      '/simple/chain/': body(pageOf('/files/anchor-1.0.tar.gz')),
    }),
  )
  await using rig = await makeMirrorRig(withCredentials(upstream.url('simple')))

  await rig.mirrors.freshen(MIRROR, 'anchor')
  await rig.mirrors.freshen(MIRROR, 'buoy')
  const entry = (await rig.files('anchor'))['anchor-1.0.tar.gz']!
  await rig.mirrors.openFile(MIRROR, 'anchor', 'anchor-1.0.tar.gz', entry)

  assert.deepEqual(
    upstream.requests.map(({ headers }) => headers.authorization),
    [BASIC, BASIC, BASIC],
  )
  assert.deepEqual(
    files.requests.map(({ headers }) => headers.authorization),
    [undefined, undefined],
  )
})

for (const place of ['address', 'redirect', 'file'] as const) {
  test(`a link-local ${place}, where clouds tell machines their secrets, is not asked`, async () => {
    const metadata = 'http://169.254.169.254/latest/anchor-1.0.tar.gz'
    await using upstream = await startFakeUpstream(
      byPath({
        '/simple/anchor/': place === 'redirect' ? redirectTo(metadata) : body(pageOf(metadata)),
      }),
    )
    await using rig = await makeMirrorRig(place === 'address' ? metadata : upstream.url('simple'))

    const closed = /169\.254\.169\.254\/.*: it is at an address that nothing is sent to/
    if (place !== 'file') return await assert.rejects(rig.mirrors.freshen(MIRROR, 'anchor'), closed)
    await rig.mirrors.freshen(MIRROR, 'anchor')
    const entry = (await rig.files('anchor'))['anchor-1.0.tar.gz']!
    await assert.rejects(rig.mirrors.openFile(MIRROR, 'anchor', 'anchor-1.0.tar.gz', entry), closed)
  })
}

test('a file of the same origin is fetched with the credentials', async () => {
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/anchor/': body(pageOf('/files/anchor-1.0.tar.gz')),
      '/files/anchor-1.0.tar.gz': body('content'),
    }),
  )
  await using rig = await makeMirrorRig(withCredentials(upstream.url('simple')))
  await rig.mirrors.freshen(MIRROR, 'anchor')
  const entry = (await rig.files('anchor'))['anchor-1.0.tar.gz']!

  await rig.mirrors.openFile(MIRROR, 'anchor', 'anchor-1.0.tar.gz', entry)

  assert.equal(asksOf(upstream)[1]!.headers.authorization, BASIC)
})

// devpi-http 12: 144
test('credentials appear in no entry, error or log line', async () => {
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/anchor/': body(pageOf(withCredentials('http://127.0.0.1:1/anchor-1.0.tar.gz'))),
      '/simple/buoy/': body('', { status: 500 }),
      '/simple/chain/': redirectTo(withCredentials('http://127.0.0.1:1/')),
    }),
  )
  await using rig = await makeMirrorRig(withCredentials(upstream.url('simple')))
  const told: string[] = []

  for (const project of ['anchor', 'buoy', 'chain']) {
    const error: unknown = await rig.mirrors.freshen(MIRROR, project).catch((e: unknown) => e)
    if (error instanceof Error) told.push(error.message, error.stack ?? '')
  }
  const entry = (await rig.files('anchor'))['anchor-1.0.tar.gz']!
  const opened = rig.mirrors.openFile(MIRROR, 'anchor', 'anchor-1.0.tar.gz', entry)
  const failed: unknown = await opened.catch((error: unknown) => error)
  const list = await rig.mirrors.names(MIRROR)

  assert.equal(list.count, 1)
  told.push(String(failed), JSON.stringify(rig.log))
  told.push(JSON.stringify([await rig.project('anchor'), await rig.files('anchor')]))
  assert.equal(told.length, 7)
  for (const text of told) assert.doesNotMatch(text, /ada:|p%40ss|p@ss/)
})

test('five redirects are followed, and not one more', async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [`/${i}`, redirectTo(`/${i + 1}`)]),
  )
  await using upstream = await startFakeUpstream(
    byPath({
      ...chain,
      '/6': body(pageOf('/anchor-1.0.tar.gz')),
      '/simple/near/': redirectTo('/2'),
      '/simple/far/': redirectTo('/1'),
    }),
  )
  await using rig = await makeMirrorRig(upstream.url('simple'))

  assert.equal(await rig.mirrors.freshen(MIRROR, 'near'), 'fresh')
  await assert.rejects(rig.mirrors.freshen(MIRROR, 'far'), /redirects more than 5 times/)
})

test('pages may come compressed, and a few bytes may not become many', async () => {
  const page = pageOf('/anchor-1.0.tar.gz')
  const encoded = (bytes: Buffer, encoding: string) =>
    body(bytes, { headers: { 'content-encoding': encoding } })
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/anchor/': encoded(gzipSync(page), 'gzip'),
      '/simple/buoy/': encoded(zstdCompressSync(page), 'zstd'),
      '/simple/chain/': encoded(gzipSync(Buffer.alloc(200_000_000)), 'gzip'),
    }),
  )
  await using rig = await makeMirrorRig(upstream.url('simple'))

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(await rig.mirrors.freshen(MIRROR, 'buoy'), 'fresh')
  await assert.rejects(rig.mirrors.freshen(MIRROR, 'chain'), /is larger than \d+ bytes/)
})

test('nor are several, kept from before, each closed in the moment of its use', async () => {
  const kept = new Set<unknown>()
  const together = Promise.withResolvers<void>()
  await using upstream = await startFakeUpstream(async (request, response) => {
    if (request.url === '/simple/last/' && kept.has(request.socket)) {
      request.socket.destroy()
      return
    }
    kept.add(request.socket)
    if (request.url === '/simple/') return notFound(request, response)
    if (kept.size >= 3) together.resolve()
    await together.promise
    return body(pageOf('/anchor-1.0.tar.gz'))(request, response)
  })
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await Promise.all(['anchor', 'buoy', 'chain'].map((name) => rig.mirrors.freshen(MIRROR, name)))

  assert.equal(await rig.mirrors.freshen(MIRROR, 'last'), 'fresh')
  assert.ok(asksOf(upstream).filter(({ path }) => path === '/simple/last/').length > 1)
})

test('a connection that was closed in the moment of its use is no failure', async () => {
  let isFirst = true
  await using upstream = await startFakeUpstream((request, response) => {
    if (request.url === '/simple/') return notFound(request, response)
    if (!isFirst) return body(pageOf('/anchor-1.0.tar.gz'))(request, response)
    isFirst = false
    request.socket.destroy()
  })
  await using rig = await makeMirrorRig(upstream.url('simple'))

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(asksOf(upstream).length, 2)
})
