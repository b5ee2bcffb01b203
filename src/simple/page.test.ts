import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { Page } from './page.ts'

test('a page has the bytes and the validator of its text, however it was made', async () => {
  const piece = 256 * 1024
  const texts = ['', 'é', 'a'.repeat(piece), `${'a'.repeat(piece - 1)}😀${'b'.repeat(piece)}`]

  for (const text of texts) {
    const bytes = Buffer.from(text)
    const tag = createHash('sha256').update('name\0').update(bytes).digest('base64url')
    const pages = [
      new Page(text, undefined, 'name'),
      await Page.of(text, undefined, 'name'),
      await Page.of(bytes, undefined, 'name'),
    ]

    for (const page of pages) {
      assert.ok(page.body.equals(bytes))
      assert.equal(page.etag('identity'), `"${tag.slice(0, 27)}"`)
    }
  }
})
