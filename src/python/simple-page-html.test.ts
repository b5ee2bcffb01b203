import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProjectHtml } from './html-page-reader.ts'
import { printProjectHtml } from './simple-page-html.ts'
import { UnreadablePage } from './simple-page.ts'

const pageUrl = 'https://example.org/simple/foo/'
const sha256 = 'ab'.repeat(32)
const sha1 = 'cd'.repeat(20)

const parse = (html: string | Iterable<string>) => parseProjectHtml(html, pageUrl)
const filenames = (html: string) => parse(html).files.map(({ filename }) => filename)

test('a page looks as browsers, pip and regular expressions like it', () => {
  const file = { filename: 'foo-1.0.zip', url: '../../f/foo-1.0.zip', hashes: { sha256 } }

  assert.equal(
    printProjectHtml({ name: 'foo', files: [file] }, { title: 'ada/dev: foo' }),
    `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="pypi:repository-version" content="1.4">
<title>ada/dev: foo</title>
</head>
<body>
<h1>ada/dev: foo</h1>
<a href="../../f/foo-1.0.zip#sha256=${sha256}">foo-1.0.zip</a><br>
</body>
</html>
`,
  )
})

const fragments: [hashes: Record<string, string>, fragment: string][] = [
  [{ md5: 'aa', sha1, sha512: 'bb', sha256 }, `#sha256=${sha256}`],
  [{ md5: 'aa', sha512: 'bb' }, '#sha512=bb'],
  [{ md5: 'aa' }, '#md5=aa'],
  [{ sha1, sha224: 'bb', blake2b: 'cc' }, ''],
  [{}, ''],
]
for (const [hashes, fragment] of fragments) {
  test(`of ${Object.keys(hashes).join(', ') || 'no hashes'} the address carries "${fragment.slice(0, 7)}"`, () => {
    const html = printProjectHtml({
      name: 'foo',
      files: [{ filename: 'f.zip', url: 'f.zip', hashes }],
    })

    assert.ok(html.includes(`<a href="f.zip${fragment}">`), html)
  })
}

test('a status and its reason are told in the head', () => {
  const status = { status: 'archived', reason: 'use "bar"' }
  const html = printProjectHtml({ name: 'foo', files: [], status })

  assert.match(html, /<meta name="pypi:project-status" content="archived">/)
  assert.deepEqual(parse(html).status, status)
})

test('addresses are resolved against the base, where the page has one', () => {
  const anchor = '<a href="foo-1.0.zip">x</a>'

  assert.equal(parse(anchor).files[0]?.url, `${pageUrl}foo-1.0.zip`)
  assert.equal(
    parse(`<base href="/files/"><base href="/other/">${anchor}`).files[0]?.url,
    'https://example.org/files/foo-1.0.zip',
  )
})

test('a file is named by its address, not by the text beside it', () => {
  assert.deepEqual(filenames('<A HREF="/f/foo-1.0%2Bl.zip?x=1#egg=foo">Download here</A>'), [
    'foo-1.0+l.zip',
  ])
})

const ignored: [what: string, html: string][] = [
  ['inside a template', '<template><a href="foo-1.0.zip">x</a></template>'],
  ['in a comment', '<!-- <a href="foo-1.0.zip">x</a> -->'],
  ['in a script', '<script>"<a href=\'foo-1.0.zip\'>"</script>'],
  ['without address', '<a name="foo-1.0.zip">foo-1.0.zip</a>'],
  ['to another protocol', '<a href="ftp://example.org/foo-1.0.zip">x</a>'],
  ['to a script', '<a href="javascript:foo-1.0.zip">x</a>'],
  ['to a page', '<a href="https://example.org/foo/">Home</a><a href="../">Up</a>'],
  ['to a name that hides a path', '<a href="..%2Ffoo-1.0.zip">x</a>'],
  ['with a broken escape', '<a href="foo%ZZ-1.0.zip">x</a>'],
]
for (const [what, html] of ignored) {
  test(`an anchor ${what} is no file`, () => {
    assert.deepEqual(filenames(`${html}<a href="bar-1.0.zip">x</a>`), ['bar-1.0.zip'])
  })
}

test('of several anchors to one file name the first with a hash counts', () => {
  const html = `<a href="/a/foo-1.0.zip">x</a>
    <a href="/b/foo-1.0.zip#md5=aa">x</a>
    <a href="/c/foo-1.0.zip#sha256=${sha256}">x</a>`

  assert.deepEqual(parse(html).files, [
    { filename: 'foo-1.0.zip', url: 'https://example.org/b/foo-1.0.zip', hashes: { md5: 'aa' } },
  ])
})

test('a hash is found beside other things in the fragment; what is no hash is none', () => {
  const hashes = (fragment: string) => parse(`<a href="f.zip#${fragment}">x</a>`).files[0]?.hashes

  assert.deepEqual(hashes(`egg=foo&amp;sha256=${sha256.toUpperCase()}`), { sha256 })
  assert.deepEqual(hashes('sha256=none'), {})
  assert.deepEqual(hashes('top'), {})
})

test('sizes and times are read where a server adds them', () => {
  const [file] = parse(
    '<a href="f.zip" data-size="12" data-upload-time="2026-01-02T03:04:05Z">',
  ).files

  assert.equal(file?.size, 12)
  assert.equal(file?.uploadedAt, '2026-01-02T03:04:05Z')
})

test('a later major version is not guessed at', () => {
  const page = (version: string) => `<meta name="pypi:repository-version" content="${version}">`

  assert.throws(() => parse(page('2.0')), UnreadablePage)
  assert.deepEqual(parse(page('1.9')).files, [])
})

test('a page that comes in pieces reads the same wherever it is cut', () => {
  const files = [1, 2, 3].map((n) => ({
    filename: `foo-${n}.0.zip`,
    url: `${pageUrl}foo-${n}.0.zip`,
    hashes: { sha256 },
    requiresPython: '>=3.7 & <4',
  }))
  const html = printProjectHtml({ name: 'foo', files })

  assert.deepEqual(parse(html).files, files)
  assert.deepEqual(parse(html.split('')).files, files)
})

test('text that is no page at all has no files', () => {
  assert.deepEqual(parse('404 <<< not ="here').files, [])
  assert.equal(parse('').name, 'foo')
})

test('a page that is made to take very long is refused before it does', () => {
  const deep = '<div>'.repeat(1_000_000)
  assert.throws(() => parse(deep), /nested too deeply/)
  const links = '<a href="foo-1.0.zip">foo</a>\n'.repeat(40_001)
  assert.throws(() => parse(links), /more than 40000 links/)
  assert.equal(filenames(`${'<br>'.repeat(20_000)}<a href="foo-1.0.zip">foo</a>`).length, 1)
})
