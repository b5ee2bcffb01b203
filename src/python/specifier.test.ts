/** Rows of index-standards 9.3, and the rules of 2.2 on what a specifier takes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { specifierText, versionText } from '../../test/support/version-texts.ts'
import { matches, parseSpecifiers } from './specifier.ts'
import { parseVersion } from './version.ts'

const texts: readonly [row: string, texts: readonly string[], parts: number | undefined][] = [
  ['R1', ['>= 3.7 , < 4'], 2],
  ['R2', ['>=3.7,'], 1],
  ['R3', ['', ' '], 0],
  ['R4', ['==3.7.*'], 1],
  ['R4', ['!=3.0.*,>=2.7'], 2],
  ['R5', ['<4.0.0a1'], 1],
  ['R6', ['>=3.*', '>=3.7.*', '~=3.7.*', '==3.*.1'], undefined],
  ['R7', ['3.7', '^3.7', '~=3', '>=3.7<4'], undefined],
  ['R8', [">=3.7; python_version>'3'"], undefined],
  ['R9', ['>=3.*'], undefined],
  ['local parts', ['==1.0+x', '!=1.0+x'], 1],
  ['local parts', ['>=1.0+x', '<1.0+x', '~=1.0+x', '==1.0+x.*'], undefined],
  [
    'prefixes of releases only',
    ['==1.0a1.*', '==1.0.post1.*', '==1.0.dev1.*', '==1.0 .*'],
    undefined,
  ],
  ['any text', ['===1.0-whatever', '===', '=== foo'], 1],
  ['any text', ['===foo bar', '===foo;', '===(foo)'], undefined],
]

for (const [row, spellings, parts] of texts) {
  for (const text of spellings) {
    test(`${row}: ${JSON.stringify(text)} is ${parts === undefined ? 'invalid' : 'valid'}`, () => {
      assert.equal(parseSpecifiers(text)?.length, parts)
    })
  }
}

const answers: readonly [specifiers: string, taken: string, refused: string][] = [
  ['', '0 1.0 1!2 1.0a1 1.0+x', ''],
  ['>=3.7,<4', '3.7 3.12.1 3.99 3.8a1', '3.6.15 3.7rc1 4.0 4.0a1'],
  ['==1.0', '1 1.0.0 1.0+x', '1.0.1 1.0a1 1.0.post1'],
  ['==1.0+x', '1.0+x 1.0.0+X', '1.0 1.0+y'],
  ['!=1.0', '1.0.1 1.0a1 1.0.post1', '1 1.0+x'],
  ['==1.2.*', '1.2 1.2.3 1.2a1 1.2.dev0 1.2.post1 1.2+x', '1.3 1.3.dev0 1.1.9 1!1.2'],
  ['!=1.2.*', '1.3 1.3.dev0 1.1.9', '1.2 1.2.3 1.2a1'],
  ['==9007199254740991.*', '9007199254740991.5', '9007199254740992 9007199254740992.dev0'],
  ['~=2.2', '2.2 2.3 2.2.post1', '2.1 3.0 3.0.dev0 2.2a1'],
  ['~=1.4.5a4', '1.4.5a4 1.4.5 1.4.9', '1.4.5a3 1.5'],
  ['>1.7', '1.7.1 1.8.dev0', '1.7 1.7.0.post1 1.7+x 1.7.dev1 1.7a1'],
  ['>1.7.post2', '1.7.1 1.7.0.post3', '1.7 1.7.post2+x 1.7.post2'],
  ['>1.7a1', '1.7a2 1.7', '1.7a1.post1 1.7.dev0 1.7a1'],
  ['<1.7', '1.6 1.6.post1', '1.7 1.7a1 1.7.dev0 1.7.post1'],
  ['<1.7a2', '1.7a1 1.7.dev0 1.6', '1.7a2 1.7'],
  ['<=1.7', '1.7 1.7+x 1.7a1', '1.7.post1 1.7.1'],
  ['>=1.7', '1.7 1.7+x 1.7.post1', '1.7a1 1.6'],
  ['===1.0', '1.0', '1 1.0.0'],
]

for (const [specifiers, taken, refused] of answers) {
  test(`"${specifiers}" takes ${taken}${refused && `, but not ${refused}`}`, () => {
    const set = parseSpecifiers(specifiers)!

    for (const text of words(taken)) assert.equal(matches(set, parseVersion(text)!), true, text)
    for (const text of words(refused)) assert.equal(matches(set, parseVersion(text)!), false, text)
  })
}

test('pre-releases are taken unless they are unwanted', () => {
  const set = parseSpecifiers('>=1.0')!
  const candidate = parseVersion('2.0rc1')!

  assert.equal(matches(set, candidate), true)
  assert.equal(matches(set, candidate, { prereleases: true }), true)
  assert.equal(matches(set, candidate, { prereleases: false }), false)
  assert.equal(matches(set, parseVersion('2.0')!, { prereleases: false }), true)
})

test('a set takes what each of its parts takes', () => {
  fc.assert(
    fc.property(specifierText, specifierText, versionText, (left, right, text) => {
      const [first, second] = [parseSpecifiers(left), parseSpecifiers(right)]
      const both = parseSpecifiers(`${left},${right}`)
      const version = parseVersion(text)!

      assert.equal(both === undefined, first === undefined || second === undefined)
      if (!both || !first || !second) return
      assert.equal(matches(both, version), matches(first, version) && matches(second, version))
    }),
  )
})

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '')
}
