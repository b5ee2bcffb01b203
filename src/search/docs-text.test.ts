/** What is read of pages of documentation. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPage } from './docs-text.ts'
import { readHtml } from './html-text.ts'

const pages: readonly (readonly [html: string, title: string, text: string | undefined])[] = [
  ['<html><title>A &amp; B</title><body>one <b>tw</b>o</body>', 'A & B', 'one two'],
  ['<p>no body at all</p>', '', undefined],
  ['<body>a<script>var x</script>b<style>p {}</style>c</body>', '', 'a b c'],
  ['<body><p>one</p><p>two</p></body>', '', 'one two'],
  ['<title>T</title><body><title>U</title>x</body>', 'T', 'U x'],
  ['<body>&lt;i&gt; &eacute;</body>', '', '<i> é'],
  ['<BODY>loud</BODY>', '', 'loud'],
]

for (const [html, title, text] of pages) {
  test(`read of ${html}`, () => {
    const read = readHtml(html, 10_000)

    assert.equal(read.title, title)
    assert.equal(read.text?.replace(/\s+/g, ' ').trim(), text)
  })
}

test('a page that Sphinx left as data has its own path', () => {
  const page = { title: '<em>Moor</em>ing', body: '<p>Throw it.</p>', current_page_name: 'a/moor' }

  const read = readPage('json/a/moor.fjson', JSON.stringify(page))

  assert.deepEqual(
    { ...read, text: read?.text.trim() },
    { path: 'a/moor', title: 'Mooring', text: 'Throw it.' },
  )
  assert.equal(readPage('x.fjson', '{"title": "no body"}'), undefined)
  assert.equal(readPage('x.fjson', 'no JSON'), undefined)
  assert.equal(readPage('a/b.html', '<body>x</body>')?.path, 'a/b')
})

test('a page that is made to harm is read in short time', () => {
  const deep = `<body>anchor${'<div>'.repeat(200_000)}x`
  const broken = `<body>${'<a b="'.repeat(200_000)}`

  assert.equal(readHtml(deep, 4_000_000).text?.trim(), 'anchor')
  assert.notEqual(readHtml(broken, 4_000_000).text, undefined)
})
