/** docs/explain/explained.md shows what the command prints, word for word. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { explainedPage } from '../support/explained.ts'

test('the page on explain holds what the command prints', async () => {
  const page = join(import.meta.dirname, '../../docs/explain/explained.md')
  assert.equal(await readFile(page, 'utf8'), await explainedPage())
})
