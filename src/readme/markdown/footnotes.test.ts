import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderMarkdown } from './markdown.ts'

const show = (text: string): string => renderMarkdown(text, false)

test('a footnote is numbered where it is first referred to, and stands at the end', () => {
  const html = show('a[^x] b[^y] c[^x]\n\n[^y]: second\n[^x]: first\n\nd')

  assert.match(html, /a<sup class="footnote-ref"><a href="#fn-1" id="fnref-1">1<\/a><\/sup>/)
  assert.match(html, /c<sup class="footnote-ref"><a href="#fn-1">1<\/a><\/sup>/)
  assert.match(html, /<p>d<\/p>\s*<section class="footnotes">[^]*fn-1[^]*first[^]*fn-2[^]*second/)
  assert.equal(html.split('fnref-1').length - 1, 2)
})

test('a footnote may have several blocks, and refer to another', () => {
  const html = show('a[^1]\n\n[^1]: b\n\n    - c[^2]\n\n    ```\n    d\n    ```\n[^2]: e\n\nf')

  assert.match(html, /<li id="fn-1"><p>b<\/p>\s*<ul>\s*<li>c<sup/)
  assert.match(html, /<code>d\n<\/code>/)
  assert.match(html, /<li id="fn-2"><p>e <a href="#fnref-2"/)
  assert.match(html, /<p>f<\/p>\s*<section/)
})

test('a reference without its footnote is text, and a footnote without a reference is not shown', () => {
  assert.equal(show('a[^1]'), '<p>a[^1]</p>\n')
  assert.equal(show('a\n\n[^1]: b'), '<p>a</p>\n')
})

test('footnotes that refer to each other end', () => {
  const html = show('a[^1]\n\n[^1]: b[^2]\n[^2]: c[^1]')

  assert.equal(html.match(/<li id/g)?.length, 2)
})
