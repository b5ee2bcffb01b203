/** What of an upstream's page becomes an entry. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PageFile } from '#python/simple-page'
import { atOnce } from '#python/steps'
import { readLinks, type Link } from './page-links.ts'

const plain = { providesMetadata: false }

function linkOf(file: Partial<PageFile>, options = plain): Link | undefined {
  const filename = file.filename ?? 'anchor-1.0-py3-none-any.whl'
  const url = `https://example.org/${filename}`
  const page = { name: 'anchor', files: [{ filename, url, hashes: {}, ...file }] }
  return atOnce(readLinks(page, 'anchor', options)).links.get(filename)
}

test('hashes are exactly upstream’s, and the digest is their SHA-256', () => {
  const hashes = { sha256: 'a'.repeat(64), md5: 'b'.repeat(32), other: 'cc' }

  assert.deepEqual(linkOf({ hashes })?.hashes, hashes)
  assert.equal(linkOf({ hashes })?.digest, 'a'.repeat(64))
  assert.equal(linkOf({ hashes: { md5: 'b'.repeat(32) } })?.digest, undefined)
  assert.equal(linkOf({ hashes: { sha256: 'short' } })?.digest, undefined)
})

const skipped = [
  '',
  '..',
  'anchor-1.0/../x.tar.gz',
  'anchor-1.0..tar.gz',
  'anchor\\-1.0.tar.gz',
  'anchor-1.0\n.tar.gz',
  'anchor-1.0.tar.gz\0',
  'anchor-1.0\ud800.tar.gz',
  `anchor-${'1'.repeat(300)}.tar.gz`,
  'buoy-1.0.tar.gz',
  'anchorage-1.0.tar.gz',
  'anchor_plus-1.0-py3-none-any.whl',
  'anchor-1.0.tar.gz.asc',
  'index.html',
]

for (const filename of skipped) {
  test(`a file named ${JSON.stringify(filename.slice(0, 40))} is left out`, () => {
    assert.equal(linkOf({ filename }), undefined)
  })
}

const versions: Readonly<Record<string, string>> = {
  'anchor-1.0-py3-none-any.whl': '1.0',
  'Anchor-1.0.0RC1.tar.gz': '1.0.0rc1',
  'anchor-latest.zip': 'latest',
  'anchor-1.0.win32-py2.7.exe': '1.0',
}

for (const [filename, version] of Object.entries(versions)) {
  test(`${filename} is of version ${version}`, () => {
    assert.equal(linkOf({ filename })?.version, version)
  })
}

test('yanks and their reasons are kept, without what no page may hold', () => {
  assert.equal(linkOf({ yanked: true })?.yanked, true)
  assert.equal(linkOf({ yanked: '' })?.yanked, true)
  assert.equal(linkOf({ yanked: 'bad\0 one' })?.yanked, 'bad one')
  assert.equal(linkOf({ yanked: false })?.yanked, undefined)
})

test('core metadata is that of wheels, by SHA-256 or as a fact', () => {
  const hex = 'd'.repeat(64)

  assert.equal(linkOf({ coreMetadata: { sha256: hex } })?.metadata, hex)
  assert.equal(linkOf({ coreMetadata: { md5: 'e'.repeat(32) } })?.metadata, true)
  assert.equal(linkOf({ coreMetadata: true })?.metadata, true)
  assert.equal(linkOf({ coreMetadata: false })?.metadata, undefined)
  assert.equal(linkOf({})?.metadata, undefined)
  assert.equal(linkOf({}, { providesMetadata: true })?.metadata, true)
  assert.equal(linkOf({ filename: 'anchor-1.0.tar.gz', coreMetadata: true })?.metadata, undefined)
})

test('addresses are kept without credentials', () => {
  const url = 'https://ada:secret@example.org/anchor-1.0-py3-none-any.whl'

  assert.equal(linkOf({ url })?.upstream?.url, 'https://example.org/anchor-1.0-py3-none-any.whl')
})

test('a file at an address of endless length is left out', () => {
  assert.equal(linkOf({ url: `https://example.org/${'x'.repeat(9000)}.whl` }), undefined)
})

test('equal pages have equal fingerprints, in whatever order their files come', () => {
  const file = (version: string): PageFile => ({
    filename: `anchor-${version}.tar.gz`,
    url: `https://example.org/anchor-${version}.tar.gz`,
    hashes: {},
  })
  const print = (files: readonly PageFile[], status?: { status: string }) =>
    atOnce(readLinks({ name: 'anchor', files, ...(status && { status }) }, 'anchor', plain))
      .fingerprint

  assert.equal(print([file('1'), file('2')]), print([file('2'), file('1')], { status: 'active' }))
  assert.notEqual(print([file('1')]), print([file('2')]))
  assert.notEqual(print([file('1')]), print([file('1')], { status: 'archived' }))
})
