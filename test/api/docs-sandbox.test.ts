/** Documentation that means no good: what its pages may do in a browser, and what its zip can do to the server. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { Sha256 } from '#base/digest'
import { refuse } from '#base/refusal'
import { keys } from '#registry/keys'
import { startApi, type Api } from '../support/api.ts'
import { makeDocs, sendDocs, zipOf, type DocsZip } from '../support/docs.ts'
import { INDEX } from '../support/upload.ts'
import { makeZip, type ZipEntry } from '../support/zip.ts'

const page = (path: string) => `/${INDEX}/foo/1.0/+doc/${path}`
const index: ZipEntry = { name: 'index.html', content: 'x' }
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

/** Documentation that no upload would have let in: a push or an import may bring it. */
async function put(api: Api, { bytes }: Pick<DocsZip, 'bytes'>, version = '1.0'): Promise<void> {
  const staged = await api.app.store.blobs.stage(Readable.from([bytes]))
  const { digest, size } = staged
  await staged.keep()
  const entry = { digest: digest as Sha256, size, addedAt: 0, log: [] }
  await api.ledger.write('test', async (tx) => tx.set(keys.docs(INDEX, 'foo', version), entry))
}

test('pages run as those of a stranger', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendDocs(api, makeDocs({ 'evil.svg': '<svg/>' }))

  for (const path of ['index.html', 'evil.svg']) {
    for (const accept of ['*/*', browser.accept]) {
      const { headers } = await api.get(page(path), { accept })
      const policy = headers['content-security-policy'] ?? ''
      assert.match(policy, /^sandbox .*allow-scripts/)
      assert.doesNotMatch(policy, /allow-same-origin|allow-top-navigation/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['access-control-allow-origin'], '*')
      assert.equal(headers['set-cookie'], undefined)
    }
  }
})

test("a form that a page sends goes without the reader's login", async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { serial } = api

  for (const origin of ['null', 'https://evil.example.org']) {
    const reply = await sendDocs(api, makeDocs(), {}, { headers: { origin } })
    assert.equal(reply.status, 401, origin)
    assert.equal(api.serial, serial)
  }
})

const heads: [text: string, before: string][] = [
  ['<!DOCTYPE html><html><head><title>x</title></head></html>', '<!DOCTYPE html><html><head>'],
  ['<HTML>\n<HEAD lang="en">\n</HEAD>', '<HTML>\n<HEAD lang="en">'],
  [`${' '.repeat(30_000)}<head></head>${'é'.repeat(100_000)}`, `${' '.repeat(30_000)}<head>`],
]
test('a page that a browser shows gets a storage for its scripts, as the first thing in its head', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })

  for (const [text, before] of heads) {
    await sendDocs(api, makeDocs({ 'index.html': text }))
    const shown = await api.get(page('index.html'), browser)
    const raw = await api.get(page('index.html'), { accept: '*/*' })

    assert.ok(shown.text.startsWith(`${before}<script>for(const n of["localStorage"`))
    assert.equal(shown.text.replace(/<script>.*?<\/script>/, ''), text)
    assert.equal(raw.text, text)
    assert.equal(shown.headers['content-length'], undefined)
    assert.deepEqual([shown.headers['vary'], raw.headers['vary']], ['Accept', 'Accept'])
    const head = await api.ask('HEAD', page('index.html'), browser)
    assert.deepEqual([head.status, head.text], [200, ''])
    assert.equal(head.headers['content-length'], undefined)
  }
})

test('a page without a head is shown as it is', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })

  const texts = ['', '<h1>x</h1>', `<header></header>${'x'.repeat(200_000)}`, '<head']
  // However many begin and don't end, the search for one takes no time to speak of.
  for (const text of [...texts, '<head '.repeat(30_000)]) {
    await sendDocs(api, makeDocs({ 'index.html': text }))
    assert.equal((await api.get(page('index.html'), browser)).text, text)
  }
})

const hostile: [what: string, zip: Buffer][] = [
  ['a way out', makeZip([index, { name: '../../etc/passwd', content: 'x' }])],
  ['a link', makeZip([index, { name: 'a', content: '/etc/passwd', mode: 0o120777 }])],
  ['two members of one name', makeZip([index, index])],
  ['a bomb', makeZip([{ ...index, declaredSize: 2 ** 31 }])],
  ['uncounted members', makeZip([index, { name: 'b' }], { declaredEntries: 1 })],
  ['a directory that is cut', makeZip([index]).subarray(0, -30)],
]
for (const [what, bytes] of hostile) {
  test(`a zip with ${what}, however it came in, has no pages`, async () => {
    await using api = await startApi({ indexes: [INDEX] })
    await put(api, { bytes })

    for (const path of ['index.html', 'a', '../../etc/passwd', '%2e%2e/%2e%2e/etc/passwd']) {
      assert.equal((await api.get(page(path))).status, 404)
    }
  })
}

test('addresses that try to leave the documentation find nothing', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await sendDocs(api, makeDocs())
  const odd = ['%2e%2e/x', '..%2f..%2fx', '%5c..%5cx', '/etc/passwd', 'a%00b', '%ff']

  for (const path of odd) {
    const { status } = await api.get(page(path), { accept: '*/*' })
    assert.ok(status === 404 || status === 400, `${path}: ${status}`)
  }
})

test('a page in a packing that is not read here is as good as missing', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const zip = makeZip([index, { name: 'odd.html', content: 'x' }])
  const at = zip.lastIndexOf('PK\x01\x02')
  zip.writeUInt16LE(12, at + 10) // bzip2
  await sendDocs(api, { ...zipOf([]), bytes: zip })

  assert.equal((await api.get(page('odd.html'))).status, 404)
  assert.equal((await api.get(page('index.html'), { accept: '*/*' })).text, 'x')
})

test('a page whose bytes are not what the zip says is refused, not half sent', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const zip = makeZip([index, { name: 'bad.html', content: 'bad', method: 'store' }])
  zip.write('BAD', zip.indexOf('badPK'))
  const packed = makeZip([index, { name: 'bad.html', content: 'b'.repeat(100) }])
  packed.fill(0xff, packed.indexOf('bad.html') + 8, packed.indexOf('bad.html') + 10)

  for (const [version, bytes] of Object.entries({ '1.0': zip, '2.0': packed })) {
    await put(api, { bytes }, version)
    for (const accept of ['application/json', browser.accept]) {
      const path = page('bad.html').replace('1.0', version)
      const reply = await api.get(path, { accept })
      assert.equal(reply.status, 404)
      if (accept !== browser.accept) {
        assert.equal(reply.message, refuse('docs-file-damaged', { path: 'bad.html' }).message)
      }
    }
  }
})
