import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertNameAndVersion,
  completeMetadata,
  isSingleValued,
  metadataFieldName,
  readFormMetadata,
} from './releases.ts'

const read = (fields: Readonly<Record<string, readonly string[]>>) =>
  readFormMetadata(new Map(Object.entries(fields)))

test('the spellings of a field are one field, and what is no metadata is left out', () => {
  const names = ['provides_extra', 'license_files', 'classifier', 'import_names', 'project_url']

  assert.deepEqual(names.map(metadataFieldName), [
    'provides_extras',
    'license_file',
    'classifiers',
    'import_name',
    'project_urls',
  ])
  for (const other of ['content', ':action', 'constructor', '__proto__', 'toString', '']) {
    assert.equal(metadataFieldName(other), undefined)
  }
  assert.deepEqual([isSingleValued('summary'), isSingleValued('classifiers')], [true, false])
})

test('the last of a text counts, all of a list, and nothing that says "not given"', () => {
  const metadata = read({
    summary: ['a', 'b'],
    author: ['UNKNOWN'],
    platform: ['x', 'UNKNOWN', '', 'y'],
    platforms: ['z'],
    surprise: ['1'],
  })

  assert.deepEqual(metadata, { summary: 'b', author: '', platform: ['x', 'y', 'z'] })
})

test('NUL and half characters are not stored', () => {
  assert.deepEqual(read({ summary: ['a\0\ud800b'] }), { summary: 'a\ufffdb' })
})

test('what is too long is refused by its name', () => {
  const limits = { summary: 32_768, requires_dist: 32_768, requires_python: 1000, license: 2 ** 20 }

  for (const [field, limit] of Object.entries(limits)) {
    read({ [field]: ['x'.repeat(limit)] })
    assert.throws(() => read({ [field]: ['x', 'x'.repeat(limit + 1)] }), {
      message: `invalid metadata: ${field}: longer than ${limit} characters`,
    })
  }
})

test('whole metadata has every field, empty where it was not given', () => {
  const metadata = completeMetadata({ name: 'foo', classifiers: ['A'] })

  assert.deepEqual([metadata.name, metadata.summary], ['foo', ''])
  assert.deepEqual([metadata.classifiers, metadata.requires_dist], [['A'], []])
})

for (const name of ['a', '0', 'a.b_c-d', 'A1', 'x'.repeat(200)]) {
  test(`${name.slice(0, 20)} is a name`, () => assertNameAndVersion(name, '1.0'))
}

for (const [name, part] of [
  ['', 'required field "name"'],
  ['-a', 'start with'],
  ['a-', 'end with'],
  ['a b', 'contain only'],
  ['aéb', 'contain only'],
  ['x'.repeat(201), 'name: longer than 200'],
] as const) {
  test(`${JSON.stringify(name.slice(0, 20))} is no name`, () => {
    assert.throws(
      () => assertNameAndVersion(name, '1.0'),
      (error: Error) => error.message.includes(part),
    )
  })
}

for (const version of ['1.0', '1!2.0+x.1', 'legacy', '٣', '1?', 'a'.repeat(256)]) {
  test(`${version.slice(0, 20)} is a version, in its way`, () => assertNameAndVersion('a', version))
}

for (const version of [
  '',
  '1/2',
  '1\\2',
  '1#',
  '1%',
  '1<',
  '1"',
  '1 0',
  '1\n',
  '.',
  '..',
  '\ud800',
]) {
  test(`${JSON.stringify(version)} is no version`, () => {
    assert.throws(() => assertNameAndVersion('a', version), { code: 'upload-invalid' })
  })
}
