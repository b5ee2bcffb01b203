import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bestHash, fileFolder, likelyProjects } from './file-path.ts'
import type { FileEntry } from './files.ts'

const entry = (hashes: Record<string, string>, url?: string): FileEntry => ({
  hashes,
  version: '1.0',
  addedAt: 0,
  ...(url === undefined ? {} : { upstream: { url } }),
})

test('a file lies in the folder of its best hash', () => {
  const [sha256, md5] = ['0123456789abcdef0123', 'fedcba98765432100123']

  assert.equal(fileFolder(entry({ md5, sha256 })), '+f/012/3456789abcdef')
  assert.equal(fileFolder(entry({ sha1: 'aaaa', md5 })), '+f/fed/cba9876543210')
  assert.equal(fileFolder(entry({ sha1: 'abcd' })), '+f/abc/d')
  assert.equal(bestHash(entry({ sha512: 'x', sha1: 'y' })), 'x')
})

test('without a hash it lies in a folder named for where upstream has it', () => {
  const url = 'http://127.0.0.1:8000/files/a%20b/foo-1.0.zip?x'

  assert.equal(fileFolder(entry({}, url)), '+e/http_127.0.0.1_8000_files_a_20b')
  assert.equal(fileFolder(entry({ md5: 'abc' }, url)), '+e/http_127.0.0.1_8000_files_a_20b')
  assert.equal(fileFolder(entry({}, 'https://example.org/foo-1.0.zip')), '+e/https_example.org')
})

for (const [filename, projects] of [
  ['foo_bar-1.0-py3-none-any.whl', ['foo-bar']],
  ['foo-bar-1.0.tar.gz', ['foo-bar']],
  ['foo-1.0-1.tar.gz', ['foo-1-0', 'foo']],
  ['foo.tar.gz', []],
  ['foo.html', []],
  ['index', []],
] as const) {
  test(`${filename} may be of ${projects.join(' or ') || 'nobody'}`, () => {
    assert.deepEqual(likelyProjects(filename), projects)
  })
}

test('a hostile name has few likely projects', () => {
  const names = [`${'a-'.repeat(200)}1.0.tar.gz`, `${'1-'.repeat(200)}1.0.tar.gz`, '-'.repeat(400)]

  for (const name of names)
    assert.ok(likelyProjects(name).length < 10, `${likelyProjects(name).length}`)
})
