/** Looking into files: what is in a wheel or source distribution, and the text of a member. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../support/api.ts'
import { body, byPath, startFakeUpstream } from '../support/fake-upstream.ts'
import { sendFile } from '../support/upload.ts'
import { getPage, linksIn, startWeb, textOf } from '../support/web.ts'
import { makeSdist, makeWheel, makeZip, type Distribution } from '../support/wheel.ts'

const RELEASE = '/ada/dev/foo/1.0'
const inside = ({ filename }: Distribution) => `${RELEASE}/+contents/${filename}`

async function startWith(...files: readonly Distribution[]): Promise<Api> {
  const api = await startWeb()
  for (const file of files) {
    await sendFile(api, 'ada/dev', file)
  }
  return api
}

test('a release leads to what is in its files: folders, members, and their text', async () => {
  const wheel = makeWheel('foo', '1.0', {
    extraFiles: { 'foo/deep/data.txt': 'first line\nsecond\n', 'foo/tool.so': '\0' },
  })
  await using api = await startWith(wheel)

  const release = await getPage(api, RELEASE)
  assert.ok(linksIn(release.text).includes(inside(wheel)))

  const top = await getPage(api, inside(wheel))
  assert.equal(top.status, 200)
  assert.match(textOf(top.text), /foo\/ 2 files \d+ bytes .*foo\.py/)
  assert.ok(linksIn(top.text).includes(`${inside(wheel)}/foo/`))

  const folder = await getPage(api, `${inside(wheel)}/foo/`)
  assert.match(textOf(folder.text), /deep\/ .*tool\.so/)
  assert.ok(!linksIn(folder.text).some((link) => link.includes('tool.so')))

  const member = await getPage(api, `${inside(wheel)}/foo/deep/data.txt`)
  assert.match(textOf(member.text), /18 bytes, UTF-8 .*first line second/)
  assert.match(member.text, /id="L2">second\n<\/span>/)
})

test('a source distribution opens in its top folder', async () => {
  const sdist = makeSdist('foo', '1.0')
  await using api = await startWith(sdist)

  const { text } = await getPage(api, inside(sdist))

  assert.match(textOf(text), /foo-1\.0\.tar\.gz \/ foo-1\.0/)
  assert.ok(linksIn(text).includes(`${inside(sdist)}/foo-1.0/PKG-INFO`))
  const whole = await getPage(api, `${inside(sdist)}/`)
  assert.match(textOf(whole.text), /foo-1\.0\/ \d+/)
})

test('names and texts of strangers are shown, and nothing in them is run or turned round', async () => {
  const script = '<img src=x onerror=alert(1)>'
  const wheel = makeWheel('foo', '1.0', {
    extraFiles: {
      [`${script}.py`]: `${script}\n`,
      'turn\u202Egnp.py': 'if a\u202E: # \u200b\n',
      'per%2Fcent#?.txt': 'odd\n',
    },
  })
  await using api = await startWith(wheel)

  const top = await getPage(api, inside(wheel))
  const links = linksIn(top.text).filter((link) => link.startsWith(inside(wheel)))
  const pages = await Promise.all(links.map((link) => getPage(api, link)))

  for (const { status, text } of [top, ...pages]) {
    assert.equal(status, 200)
    assert.ok(!text.includes('<img src=x'))
    assert.ok(!text.includes('\u202E'))
  }
  const texts = pages.map(({ text }) => textOf(text)).join('\n')
  assert.match(texts, /<img src=x onerror=alert\(1\)>\.py/)
  assert.match(texts, /turn\[U\+202E\]gnp\.py/)
  assert.match(texts, /if a U\+202E : # U\+200B/)
  assert.match(texts, /per%2Fcent#\?\.txt .* odd/)
})

test('a member is downloaded as plain text alone, which no browser takes for a page', async () => {
  const html = '<!doctype html><script>alert(1)</script>\n'
  const wheel = makeWheel('foo', '1.0', { extraFiles: { 'page.html': html, 'tool.bin': '\0' } })
  await using api = await startWith(wheel)
  const page = await getPage(api, `${inside(wheel)}/page.html`)
  const [raw = ''] = linksIn(page.text).filter((link) => link.includes('raw'))

  const { headers, text } = await api.get(raw, { accept: 'text/html' })

  assert.equal(text, html)
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.match(headers['content-security-policy'] ?? '', /sandbox/)
  assert.equal(headers['content-disposition'], 'attachment; filename="page.html.txt"')
  assert.equal((await api.get(`${inside(wheel)}/tool.bin?raw=yes`)).status, 404)
  const binary = await getPage(api, `${inside(wheel)}/tool.bin`)
  assert.match(textOf(binary.text), /This is no text/)
})

test('a large text shows its beginning, a large folder a page at a time', async () => {
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`many/f${at}`, '']))
  const wheel = makeWheel('foo', '1.0', {
    extraFiles: { 'big.txt': 'line\n'.repeat(200_000), ...many },
  })
  await using api = await startWith(wheel)

  const big = await getPage(api, `${inside(wheel)}/big.txt`)
  const folder = await getPage(api, `${inside(wheel)}/many/`)
  const last = await getPage(api, `${inside(wheel)}/many/?page=2`)

  assert.match(textOf(big.text), /Only the beginning is shown/)
  assert.ok(!linksIn(big.text).some((link) => link.includes('raw')))
  assert.ok(linksIn(folder.text).includes(`${inside(wheel)}/many/?page=2`))
  assert.match(textOf(last.text), /many .*f999 .*Previous 1 2/)
})

test('an archive that no installer would take is shown as what it is, and every member is had', async () => {
  const names = ['../../etc/passwd', '/abs.txt', 'twice.txt', 'twice.txt', 'a\\b.txt', 'nul\0.txt']
  const entries = names.map((name, at) => ({ name, content: `text ${at}` }))
  const bytes = makeZip([...entries, { name: 'link.txt', mode: 0o120777, content: '/etc/shadow' }])
  const egg = { ...makeWheel('foo', '1.0'), filename: 'foo-1.0-py2.7.egg', bytes }
  await using api = await startWith(egg)

  const top = await getPage(api, inside(egg))
  assert.match(
    textOf(top.text),
    /a\\b\.txt unsafe name .*link\.txt link .*twice\.txt name comes twice/,
  )
  const folders = linksIn(top.text).filter((link) => link.includes('folder='))
  const deeper = await Promise.all(folders.map((link) => getPage(api, link)))
  assert.match(textOf(deeper[0]?.text ?? ''), /foo-1\.0-py2\.7\.egg \/ \.\./)

  const places = names.map((_, at) => `${inside(egg)}/?member=${at}`)
  const members = await Promise.all(places.map((path) => getPage(api, path)))
  for (const [at, { text }] of members.entries())
    assert.match(textOf(text), new RegExp(`text ${at}`))
  assert.equal((await getPage(api, `${inside(egg)}/link.txt`)).status, 404)
})

test('programs get the members as JSON', async () => {
  const wheel = makeWheel('foo', '1.0')
  await using api = await startWith(wheel)

  const { result } = await api.get(inside(wheel))
  const head = await api.ask('HEAD', inside(wheel))

  assert.deepEqual([head.status, head.headers['content-type']], [200, 'application/json'])
  assert.equal(result.state, 'listed')
  const [first] = result.members as { path: string; kind: string; size: number }[]
  assert.deepEqual([first?.path, first?.kind, first?.size], ['foo.py', 'file', 16])
})

test('what is not there is refused', async () => {
  const wheel = makeWheel('foo', '1.0')
  await using api = await startWith(wheel)

  for (const path of [
    `${RELEASE}/+contents/other-1.0.tar.gz`,
    `/ada/dev/foo/2.0/+contents/${wheel.filename}`,
    `${inside(wheel)}/nothing`,
    `${inside(wheel)}/nothing/`,
    `${inside(wheel)}/?member=9`,
    `${inside(wheel)}/?member=x`,
    `${inside(wheel)}/?folder=..`,
    `${inside(wheel)}/..%2F..%2Fetc%2Fpasswd`,
  ]) {
    assert.equal((await getPage(api, path)).status, 404, path)
  }
})

test('a mirrored file that is not here is not fetched by a look, and can be fetched', async () => {
  const wheel = makeWheel('foo', '1.0')
  const file = `/f/${wheel.filename}`
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/foo/': body(`<a href="${file}#sha256=${wheel.sha256}">${wheel.filename}</a>`),
      [file]: body(wheel.bytes),
    }),
  )
  await using api = await startWeb()
  const options = { type: 'mirror', mirror_url: upstream.url('/simple/') }
  await api.makeIndex('ada/mirror', options)
  const path = `/ada/mirror/foo/1.0/+contents/${wheel.filename}`

  const before = await getPage(api, path)
  assert.match(textOf(before.text), /not stored here yet/)
  assert.equal(upstream.requestsTo(file).length, 0)

  const [download = ''] = linksIn(before.text).filter((link) => link.includes('/+f/'))
  await api.get(download, { accept: '*/*' })
  for (;;) {
    const after = await getPage(api, path)
    if (textOf(after.text).includes('not stored here yet')) continue
    assert.ok(linksIn(after.text).includes(`${path}/foo.py`))
    break
  }
})
