import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDescriptionType } from './content-type.ts'

test('the content type is read as the core metadata standard writes it', () => {
  const table: readonly (readonly [string | undefined, string])[] = [
    ['text/markdown', 'markdown'],
    ['text/markdown; charset=UTF-8', 'markdown'],
    ['text/markdown; charset=UTF-8; variant=GFM', 'markdown'],
    ['Text/Markdown;Variant="gfm"', 'markdown'],
    ['text/x-rst', 'rst'],
    ['text/x-rst; charset=UTF-8', 'rst'],
    ['text/plain', 'plain'],
    ['TEXT/PLAIN ; charset=utf-8', 'plain'],
    [undefined, 'rst'],
    ['', 'rst'],
    ['; charset=UTF-8', 'rst'],
    ['text/html', 'plain'],
    ['text/markdownish', 'plain'],
    ['constructor', 'plain'],
  ]

  for (const [field, kind] of table) {
    assert.equal(parseDescriptionType(field).kind, kind, String(field))
  }
})

test('a variant chooses CommonMark, and GitHub is what is read without one', () => {
  assert.equal(parseDescriptionType('text/markdown; variant=CommonMark').isCommonMark, true)
  assert.equal(parseDescriptionType('text/markdown; VARIANT="commonmark"').isCommonMark, true)
  assert.equal(parseDescriptionType('text/markdown; variant=GFM').isCommonMark, false)
  assert.equal(parseDescriptionType('text/markdown').isCommonMark, false)
})

test('a type that is none of the three is named, and a missing one is assumed', () => {
  assert.equal(parseDescriptionType('text/html').unknown, 'text/html')
  assert.equal(parseDescriptionType('text/markdown').unknown, undefined)
  assert.equal(parseDescriptionType(undefined).isAssumed, true)
  assert.equal(parseDescriptionType('text/x-rst').isAssumed, false)
})
