/** Rows of index-standards 9.1, and what holds for any name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  fileForm,
  isNormalName,
  isValidName,
  normalizeLoosely,
  normalizeName,
  parseName,
} from './name.ts'

const names: readonly [row: string, text: string, name: string | undefined][] = [
  ['N1', 'Foo', 'foo'],
  ['N2', 'foo.bar', 'foo-bar'],
  ['N3', 'Foo__Bar..baz', 'foo-bar-baz'],
  ['N4', 'FrIeNdLy-._.-bArD', 'friendly-bard'],
  ['N5', 'A.B_c', 'a-b-c'],
  ['N6', 'ruamel.yaml.clib', 'ruamel-yaml-clib'],
  ['N7', 'zope.interface', 'zope-interface'],
  ['N8', '0', '0'],
  ['N9', 'a', 'a'],
  ['N10', 'foo\n', undefined],
  ['N11', '-foo', undefined],
  ['N11', 'foo-', undefined],
  ['N11', 'foo_', undefined],
  ['N11', '_private', undefined],
  ['N11', '.foo', undefined],
  ['N12', '', undefined],
  ['N13', 'foo bar', undefined],
  ['N13', 'foo/bar', undefined],
  ['N13', 'foo+bar', undefined],
  ['N13', 'foo~x', undefined],
  ['N14', 'é', undefined],
  ['N14', '\u017F', undefined],
  ['N14', '\u212A', undefined],
  ['N14', '\u0130', undefined],
  ['N15', '%2e%2e', undefined],
  ['N15', '..', undefined],
]

for (const [row, text, name] of names) {
  test(`${row}: ${JSON.stringify(text)} is ${name ?? 'no name'}`, () => {
    assert.equal(parseName(text), name)
    assert.equal(isValidName(text), name !== undefined)
  })
}

test('N7: a file name has underscores for the dashes of a name', () => {
  assert.equal(fileForm(normalizeName('zope.interface')), 'zope_interface')
})

test('N16: an extra Foo_Bar is foo-bar, but is not in normal form as metadata 2.3 wants it', () => {
  assert.equal(normalizeName('Foo_Bar'), 'foo-bar')
  assert.equal(isNormalName('Foo_Bar'), false)
  assert.equal(isNormalName('foo-bar'), true)
})

test('a name has 200 characters at most', () => {
  assert.equal(isValidName('a'.repeat(200)), true)
  assert.equal(isValidName('a'.repeat(201)), false)
})

test('the loose rule makes every run of other characters one dash', () => {
  assert.equal(normalizeLoosely('Foo+~ Bär_.1'), 'foo-b-r-1')
})

test('a normal name is its own normal form, and of valid names always a valid name', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/), (text) => {
      const name = normalizeName(text)
      assert.equal(normalizeName(name), name)
      assert.equal(normalizeLoosely(normalizeLoosely(text)), normalizeLoosely(text))
      if (isValidName(text)) assert.ok(isNormalName(name))
    }),
  )
})
