import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDocsEntry } from './docs-entry.ts'

test('documentation begins at its start page, by whatever name, and in its folder where it was zipped with that', () => {
  assert.equal(findDocsEntry(['a.html', 'index.html', 'b/index.html']), 'index.html')
  assert.equal(findDocsEntry(['a.html', 'README.html']), 'README.html')
  assert.equal(findDocsEntry(['manual.html', 'style.css', 'api/index.html']), 'manual.html')
  assert.equal(findDocsEntry(['html/index.html', 'html/api/index.html']), 'html/index.html')
})

test('where no page is likelier than others, nor any is there, none is taken', () => {
  assert.equal(findDocsEntry(['a.html', 'b.html', 'c/index.html']), undefined)
  assert.equal(findDocsEntry(['a/index.html', 'b/index.html']), undefined)
  assert.equal(findDocsEntry(['manual.pdf']), undefined)
  assert.equal(findDocsEntry([]), undefined)
})
