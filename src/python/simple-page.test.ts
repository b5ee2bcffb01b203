/** The rows of the traps table, through both serialisations. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProjectHtml } from './html-page-reader.ts'
import { printProjectHtml } from './simple-page-html.ts'
import { parseProjectJson, printProjectJson } from './simple-page-json.ts'
import type { PageFile } from './simple-page.ts'

const pageUrl = 'https://example.org/simple/foo/'
const hash = 'ab'.repeat(32)

const file = (changes: Partial<PageFile> = {}): PageFile => ({
  filename: 'foo-1.0.tar.gz',
  url: 'foo-1.0.tar.gz',
  hashes: { sha256: hash },
  ...changes,
})

const html = (changes: Partial<PageFile>) =>
  printProjectHtml({ name: 'foo', files: [file(changes)] })

const json = (changes: Partial<PageFile>): Record<string, unknown> =>
  JSON.parse(printProjectJson({ name: 'foo', files: [file(changes)] })).files[0]

const fromHtml = (attributes: string): PageFile =>
  parseProjectHtml(`<a href="foo-1.0.tar.gz" ${attributes}>foo-1.0.tar.gz</a>`, pageUrl).files[0]!

const fromJson = (values: object): PageFile =>
  parseProjectJson(JSON.stringify({ files: [{ ...file(), ...values }] }), pageUrl).files[0]!

const printed: [row: string, changes: Partial<PageFile>, inHtml: string][] = [
  ['E1', { requiresPython: '>=3.7,<4' }, 'data-requires-python="&gt;=3.7,&lt;4"'],
  ['E3', { requiresPython: '>=3.6, !=3.9.*' }, '"&gt;=3.6, !=3.9.*"'],
  ['E4', { yanked: 'bad "q" & <b>x</b>' }, '"bad &quot;q&quot; &amp; &lt;b&gt;x&lt;/b&gt;"'],
  ['E5', { yanked: "it's" }, 'data-yanked="it&#39;s"'],
  ['E6', { yanked: 'a&lt;b' }, 'data-yanked="a&amp;lt;b"'],
  ['E8', { yanked: true }, ' data-yanked=""'],
  ['E12', { yanked: 'two\nlines' }, 'data-yanked="two\nlines"'],
  ['E13', { yanked: 'a\0b' }, 'data-yanked="ab"'],
  ['E14', { yanked: 'é ☃' }, 'data-yanked="é ☃"'],
  ['E17', { coreMetadata: { sha256: hash } }, ` data-core-metadata="sha256=${hash}"`],
  ['E17', { coreMetadata: { sha256: hash } }, ` data-dist-info-metadata="sha256=${hash}"`],
  ['E18', { coreMetadata: true }, ' data-dist-info-metadata="true" data-core-metadata="true"'],
]
for (const [row, changes, expected] of printed) {
  test(`${row}: HTML has ${JSON.stringify(expected)}`, () => {
    assert.ok(html(changes).includes(expected), html(changes))
  })
}

const inJson: [row: string, changes: Partial<PageFile>, key: string, value: unknown][] = [
  ['E2', { requiresPython: '>=3.7,<4' }, 'requires-python', '>=3.7,<4'],
  ['E9', { yanked: true }, 'yanked', true],
  ['E12', { yanked: 'two\nlines' }, 'yanked', 'two\nlines'],
  ['E13', { yanked: 'a\0b' }, 'yanked', 'ab'],
  ['E13', { yanked: '\0' }, 'yanked', true],
  ['E16', {}, 'core-metadata', undefined],
  ['E16', { coreMetadata: false }, 'core-metadata', undefined],
  ['E17', { coreMetadata: { sha256: hash } }, 'core-metadata', { sha256: hash }],
  ['E18', { coreMetadata: true }, 'core-metadata', true],
  ['E19', { uploadedAt: '2026-01-02T03:04:05Z' }, 'upload-time', '2026-01-02T03:04:05Z'],
  ['E20', {}, 'upload-time', undefined],
  ['E21', {}, 'provenance', undefined],
  ['size', { size: 7 }, 'size', 7],
  ['size unknown', {}, 'size', undefined],
  ['not yanked', { yanked: false }, 'yanked', undefined],
]
for (const [row, changes, key, value] of inJson) {
  test(`${row}: JSON has ${JSON.stringify(value)} for ${key} of ${JSON.stringify(changes)}`, () => {
    assert.deepEqual(json(changes)[key], value)
    assert.equal(key in json(changes), value !== undefined)
  })
}

test('E7: what upstream escaped once is read as meant, and never escaped in JSON', () => {
  const parsed = fromHtml('data-requires-python="&gt;=3.7"')

  assert.equal(parsed.requiresPython, '>=3.7')
  assert.equal(json(parsed)['requires-python'], '>=3.7')
})

test('E10: a bare data-yanked is a yank without reason', () => {
  assert.equal(fromHtml('data-yanked').yanked, true)
  assert.equal(fromHtml('data-yanked="broken"').yanked, 'broken')
  assert.equal(fromHtml('').yanked, undefined)
})

for (const yanked of ['', null, false]) {
  test(`E11: upstream's "yanked": ${JSON.stringify(yanked)} is no yank`, () => {
    assert.equal(fromJson({ yanked }).yanked, undefined)
  })
}

test('E14: HTML says that it is UTF-8', () => {
  assert.match(html({}), /<meta charset="utf-8">/)
})

test('E15: a plus sign is encoded in the address and plain in the text', () => {
  const filename = 'foo-1.0+l-py3-none-any.whl'
  const line = html({ filename, url: 'foo-1.0%2Bl-py3-none-any.whl' })

  assert.ok(line.includes(`href="foo-1.0%2Bl-py3-none-any.whl#sha256=${hash}">${filename}</a><br>`))
  const [parsed] = parseProjectHtml(line, pageUrl).files
  assert.equal(parsed?.filename, filename)
  assert.equal(parsed?.url, `${pageUrl}foo-1.0%2Bl-py3-none-any.whl`)
})

test('E16, E21: HTML has no attribute for what is not there', () => {
  assert.doesNotMatch(html({}), /metadata|provenance|gpg|requires|yanked|size|time/)
  assert.doesNotMatch(html({ coreMetadata: false }), /metadata/)
})

test('E18: metadata is found under its older names', () => {
  assert.equal(fromHtml('data-dist-info-metadata="true"').coreMetadata, true)
  assert.deepEqual(fromHtml(`data-dist-info-metadata="sha256=${hash}"`).coreMetadata, {
    sha256: hash,
  })
  assert.equal(fromJson({ 'dist-info-metadata': true }).coreMetadata, true)
  assert.equal(fromJson({ 'data-dist-info-metadata': true }).coreMetadata, true)
  const both = { 'core-metadata': false, 'dist-info-metadata': true }
  assert.equal(fromJson(both).coreMetadata, false)
  const unsaid = { 'core-metadata': null, 'dist-info-metadata': { sha256: hash } }
  assert.deepEqual(fromJson(unsaid).coreMetadata, { sha256: hash })
})

const times: [text: unknown, read: string | undefined][] = [
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
  ['2026-01-02T03:04:05.123456Z', '2026-01-02T03:04:05.123456Z'],
  ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456Z'],
  ['2026-01-02T03:04:05+00:00', '2026-01-02T03:04:05Z'],
  ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
  ['2026-01-02 03:04:05', '2026-01-02T03:04:05Z'],
  ['2026-13-02T03:04:05Z', undefined],
  ['yesterday', undefined],
  ['', undefined],
  [null, undefined],
  [1767322645, undefined],
]
for (const [text, read] of times) {
  test(`E19, E20: the upload time ${JSON.stringify(text)} is read as ${read}`, () => {
    assert.equal(fromJson({ 'upload-time': text }).uploadedAt, read)
  })
}

test('E22: a script in a name stays text', () => {
  const page = { name: 'foo', files: [file({ filename: '<script>x</script>.zip' })] }
  const text = printProjectHtml(page, { title: '<script>y</script>' })

  assert.doesNotMatch(text, /<script/)
  assert.match(text, /&lt;script&gt;x/)
})

test('what was printed is read back the same', () => {
  const full = file({
    url: `${pageUrl}foo-1.0.tar.gz`,
    requiresPython: '>=3.7, <4',
    yanked: `"it's" <b>\nbroken & é ☃`,
    coreMetadata: { sha256: 'cd'.repeat(32) },
    provenance: 'https://example.org/provenance',
    gpgSig: true,
  })
  const page = { name: 'foo', files: [full], status: { status: 'archived', reason: 'a & b' } }

  assert.deepEqual(parseProjectHtml(printProjectHtml(page), pageUrl), page)
  const more = { ...page, files: [{ ...full, size: 3, uploadedAt: '2026-01-02T03:04:05Z' }] }
  const versions = ['1.0']
  assert.deepEqual(parseProjectJson(printProjectJson(more), pageUrl), { ...more, versions })
})
