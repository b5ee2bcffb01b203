/** Addresses of files: every file name reads back as itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FileEntry } from '#registry/files'
import { encodeFilename, fileAddresses } from './file-address.ts'

const file: FileEntry = { hashes: { sha256: 'abc0123456789abcdef' }, version: '1.0', addedAt: 0 }
const filename = 'anchor-1.0+x.tar.gz'
const folder = '+f/abc/0123456789abc'

const rows: readonly [where: string, place: Parameters<typeof fileAddresses>[0], base: string][] = [
  ['the page’s own index', { index: 'ada/dev', depth: 2 }, '../../'],
  ['another of the same user', { index: 'ada/prod', depth: 2 }, '../../../dev/'],
  ['another user’s', { index: 'bob/dev', depth: 1 }, '../../../ada/dev/'],
  ['anywhere, absolute', { index: 'bob/dev', depth: 1, root: 'https://x' }, 'https://x/ada/dev/'],
  ['an index with policies', { index: 'bob/dev', depth: 1, isPoliced: true }, '../'],
]

for (const [where, place, base] of rows) {
  test(`a file is addressed from the page of ${where}`, () => {
    const addressOf = fileAddresses(place)
    const link = { index: 'ada/dev', filename, file } as const

    assert.equal(addressOf(link), `${base}${folder}/anchor-1.0%2Bx.tar.gz`)
    assert.equal(addressOf(link), `${base}${folder}/anchor-1.0%2Bx.tar.gz`)
  })
}

test('an encoded file name holds nothing but what addresses may, and reads back as itself', () => {
  const plain = fc.stringMatching(/^[\w.~!+ -]*$/)
  fc.assert(
    fc.property(fc.oneof(plain, fc.string({ unit: 'grapheme' })), (name) => {
      const encoded = encodeFilename(name)

      assert.equal(encoded, encodeURIComponent(name).replaceAll('!', '%21'))
      assert.equal(decodeURIComponent(encoded), name)
    }),
  )
})
