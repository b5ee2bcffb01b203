import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProjectJson, printProjectJson } from './simple-page-json.ts'
import { UnreadablePage } from './simple-page.ts'

const pageUrl = 'https://example.org/simple/Foo.Bar/'
const hashes = { sha256: 'ab'.repeat(32) }
const file = { filename: 'foo-1.0.tar.gz', url: 'foo-1.0.tar.gz', hashes }

const parse = (page: unknown) => parseProjectJson(JSON.stringify(page), pageUrl)

test('a page is versioned, its name normal, its versions listed once each', () => {
  const text = printProjectJson({
    name: 'foo',
    files: [file, { ...file, filename: 'foo-1.0-py3-none-any.whl' }],
    lastSerial: 7,
  })

  assert.deepEqual(JSON.parse(text), {
    meta: { 'api-version': '1.4', '_last-serial': 7 },
    name: 'foo',
    versions: ['1.0'],
    files: [file, { ...file, filename: 'foo-1.0-py3-none-any.whl' }],
  })
})

test('versions given are printed as they are, without files too', () => {
  const text = printProjectJson({ name: 'foo', files: [], versions: ['1.0', '2.0'] })

  assert.deepEqual(JSON.parse(text).versions, ['1.0', '2.0'])
  assert.deepEqual(JSON.parse(printProjectJson({ name: 'foo', files: [] })).versions, [])
})

test('a project status stands at the top of the page, in both directions', () => {
  const status = { status: 'quarantined', reason: 'looks odd' }
  const text = printProjectJson({ name: 'foo', files: [], status })

  assert.deepEqual(JSON.parse(text)['project-status'], status)
  assert.deepEqual(parse({ files: [], 'project-status': status }).status, status)
  assert.equal(parse({ files: [], 'project-status': 'archived' }).status, undefined)
})

test('addresses are resolved against the page, and lose their fragment', () => {
  const read = (url: string) => parse({ files: [{ ...file, url }] }).files[0]?.url

  assert.equal(read('../../f/x.zip'), 'https://example.org/f/x.zip')
  assert.equal(read('//files.example.org/x.zip#sha256=ab'), 'https://files.example.org/x.zip')
  assert.equal(read('http://example.org/a%2Bb.zip'), 'http://example.org/a%2Bb.zip')
})

test('a page without name is named by its address', () => {
  assert.equal(parse({ files: [] }).name, 'foo-bar')
  assert.equal(parse({ name: 'Foo_Baz', files: [] }).name, 'foo-baz')
})

const unreadable: [what: string, text: string][] = [
  ['HTML', '<!DOCTYPE html>'],
  ['half a page', '{"files": ['],
  ['an array', '[]'],
  ['null', 'null'],
  ['an object without files', '{"meta": {"api-version": "1.0"}}'],
  ['files that are no list', '{"files": {}}'],
  ['the next major version', '{"meta": {"api-version": "2.0"}, "files": []}'],
  ['a version that is none', '{"meta": {"api-version": "one"}, "files": []}'],
]
for (const [what, text] of unreadable) {
  test(`${what} cannot be read as a page`, () => {
    assert.throws(() => parseProjectJson(text, pageUrl), UnreadablePage)
  })
}

for (const version of ['1.0', '1.4', '1.99', 1, undefined]) {
  test(`a page of API version ${version} is read`, () => {
    assert.deepEqual(parse({ meta: { 'api-version': version }, files: [] }).files, [])
  })
}

const broken: [what: string, file: unknown][] = [
  ['is no object', 'foo-1.0.tar.gz'],
  ['is null', null],
  ['has no name', { ...file, filename: undefined }],
  ['is named as a path', { ...file, filename: '../foo-1.0.tar.gz' }],
  ['has a control character in its name', { ...file, filename: 'foo\n.zip' }],
  ['has no address', { ...file, url: undefined }],
  ['is not on the web', { ...file, url: 'file:///etc/passwd' }],
  ['runs in the browser', { ...file, url: 'javascript:alert(1)' }],
  ['has a hash that is none', { ...file, hashes: { sha256: 'xyz' } }],
  ['has hashes that are none', { ...file, hashes: 'sha256' }],
]
for (const [what, one] of broken) {
  test(`a file that ${what} is left out, the others stay`, () => {
    assert.deepEqual(
      parse({ files: [one, file] }).files.map(({ filename }) => filename),
      ['foo-1.0.tar.gz'],
    )
  })
}

test('single values that are not as they should be count as absent', () => {
  const odd = {
    ...file,
    hashes: null,
    size: '12',
    'upload-time': null,
    'requires-python': null,
    provenance: 'http://example.org/plain',
    'gpg-sig': 'yes',
    'core-metadata': 'sha256=ab',
    unknown: 1,
  }

  assert.deepEqual(parse({ files: [odd] }).files, [
    { filename: file.filename, url: `${pageUrl}foo-1.0.tar.gz`, hashes: {} },
  ])
})

test('hashes are kept as upstream has them, in lower case', () => {
  const many = { SHA256: 'AB', blake2b: 'cd' }

  assert.deepEqual(parse({ files: [{ ...file, hashes: many }] }).files[0]?.hashes, {
    sha256: 'ab',
    blake2b: 'cd',
  })
})
