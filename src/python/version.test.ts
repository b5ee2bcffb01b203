/** Rows of index-standards 9.2, and what holds for any version. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { versionText } from '../../test/support/version-texts.ts'
import {
  canonicalVersion,
  compareVersions,
  isPostrelease,
  isPrerelease,
  normalizeVersion,
  parseVersion,
  printVersion,
  type Version,
} from './version.ts'
import { atOnce } from './steps.ts'
import { compareVersionTexts, sortByVersion } from './version-order.ts'

const spellings: readonly [row: string, texts: readonly string[], normal: string | undefined][] = [
  ['V1', ['1.0a'], '1.0a0'],
  ['V2', ['1.0.a1', '1.0-a1', '1.0_a_1', '1.0alpha1', '1.0ALPHA.1'], '1.0a1'],
  ['V3', ['1.0c1', '1.0pre1', '1.0-rc.1', '1.0RC1'], '1.0rc1'],
  ['V4', ['1.0-preview'], '1.0rc0'],
  ['V5', ['1.0.beta-3'], '1.0b3'],
  ['V6', ['1.0-1'], '1.0.post1'],
  ['V7', ['1.0-0'], '1.0.post0'],
  ['V8', ['1.0_1'], undefined],
  ['V9', ['1.0-r4', '1.0.rev4', '1.0_post_4', '1.0-post-4'], '1.0.post4'],
  ['V10', ['1.0.post', '1.0.post-'], '1.0.post0'],
  ['V11', ['1.0a-', '1.0a_'], '1.0a0'],
  ['V12', ['1.0-'], undefined],
  ['V13', ['1.0a-1'], '1.0a1'],
  ['V14', ['1.0dev', '1.0.dev', '1.0.dev-'], '1.0.dev0'],
  ['V15', ['1.0-beta-dev'], '1.0b0.dev0'],
  ['V16', ['1.0.post1.dev1'], '1.0.post1.dev1'],
  ['V17', ['1.0.dev1.post1', '1.0.post1a1'], undefined],
  ['V18', ['1.0a1.post2.dev3+l.1'], '1.0a1.post2.dev3+l.1'],
  ['V19', ['1.0+ABC-1_2'], '1.0+abc.1.2'],
  ['V20', ['1.0+001'], '1.0+1'],
  ['V20', ['1.0+abc.01'], '1.0+abc.1'],
  ['V21', ['1.0+foo0100'], '1.0+foo0100'],
  ['V22', ['1.0+', '1.0+a..b', '1.0+é'], undefined],
  ['V23', ['01.02.03'], '1.2.3'],
  ['V24', ['00'], '0'],
  ['V25', ['0!1.0'], '1.0'],
  ['V26', ['1!1.0.0'], '1!1.0.0'],
  ['V27', ['v1.0', 'V1.0'], '1.0'],
  ['V28', ['vv1.0'], undefined],
  ['V29', [' 1.0 ', '1.0\n', '\t1.0'], '1.0'],
  ['V30', ['1.0 a1', '1 .0'], undefined],
  ['V31', ['1..0', '.1', '1.', '', 'dev'], undefined],
  ['V32', ['1e5', '1.0x', '1.0.final'], undefined],
  ['V33', ['１.0', '٣.0'], undefined],
  ['V34', ['1.0.0-alpha.1'], '1.0.0a1'],
  ['V35', ['1.0.0-rc.1+build.1'], '1.0.0rc1+build.1'],
  ['V36', ['1.0.0-alpha+001'], '1.0.0a0+1'],
  ['V37', ['2024.01.02'], '2024.1.2'],
  ['V38', ['99999999999999999999'], '99999999999999999999'],
  ['V39', ['1.0.0.0'], '1.0.0.0'],
]

for (const [row, texts, normal] of spellings) {
  for (const text of texts) {
    test(`${row}: ${JSON.stringify(text)} is ${normal ?? 'no version'}`, () => {
      const version = parseVersion(text)

      assert.equal(version && printVersion(version), normal)
      assert.equal(normalizeVersion(text), normal)
    })
  }
}

const keys: readonly [row: string, text: string, key: string][] = [
  ['V26', '1!1.0.0', '1!1'],
  ['V39', '1.0.0.0', '1'],
  ['all zeros', '0.0', '0'],
  ['every part', '1.0.0a1.post2.dev3+l.1', '1a1.post2.dev3+l.1'],
]

for (const [row, text, key] of keys) {
  test(`${row}: the canonical key of ${text} is ${key}`, () => {
    assert.equal(canonicalVersion(version(text)), key)
  })
}

test('V38: numbers beyond 64 bits keep every digit', () => {
  assert.ok(compareVersionTexts('99999999999999999999', '99999999999999999998') > 0)
})

test('V38: numbers up to 53 bits, beyond them and with zeros before them are in one order', () => {
  const border = '9007199254740991 9007199254740992 9007199254740993 90071992547409920'.split(' ')
  const zeros = border.map((text) => text.padStart(40, '0'))

  assert.deepEqual(border.toReversed().toSorted(compareVersionTexts), border)
  assert.deepEqual(
    zeros.map((text) => compareVersionTexts(text, border[zeros.indexOf(text)] ?? '')),
    [0, 0, 0, 0],
  )
  assert.deepEqual(zeros.map(normalizeVersion), border)
})

const chain = `
  1.dev0 1.0.dev456 1.0a0.dev1 1.0a0 1.0a1 1.0a1.post0.dev1 1.0a1.post0 1.0a2.dev456 1.0a12.dev456
  1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+a
  1.0+abc.5 1.0+abc.7 1.0+abc.7.0 1.0+b 1.0+0 1.0+5 1.0+5.a 1.0+5.0 1.0+10 1.0.post0.dev1 1.0.post0
  1.0.post456.dev34 1.0.post456 1.0.0.1 1.0.15 1.1.dev1 1.1 1.9 1.10 10 2024.1 1!0.dev0 1!0 1!0.1`
  .trim()
  .split(/\s+/)

test('the chain: each of these versions is below all that follow it', () => {
  for (const [i, lower] of chain.entries()) {
    for (const higher of chain.slice(i + 1)) {
      assert.ok(compareVersionTexts(lower, higher) < 0, `${lower} < ${higher}`)
      assert.ok(compareVersionTexts(higher, lower) > 0, `${higher} > ${lower}`)
    }
  }
})

const pairs: readonly [row: string, texts: readonly string[], isSame: boolean][] = [
  ['V40', ['1.0', '1', '1.0.0'], true],
  ['V41', ['1.0-1', '1.0.post1'], true],
  ['V42', ['1.0c1', '1.0rc1'], true],
  ['V43', ['1.0+abc-1', '1.0+ABC.1'], true],
  ['V44', ['1.0+01', '1.0+1'], true],
  ['V45', ['0!1', '1'], true],
  ['V46', ['1.0.post', '1.0.post0'], true],
  ['V47', ['1.0+foo0100', '1.0+foo100'], false],
]

for (const [row, texts, isSame] of pairs) {
  test(`${row}: ${texts.join(' and ')} are ${isSame ? 'the same release' : 'two releases'}`, () => {
    const [first, ...others] = texts.map(version)
    for (const other of others) {
      assert.equal(compareVersions(first!, other) === 0, isSame)
      assert.equal(canonicalVersion(first!) === canonicalVersion(other), isSame)
    }
  })
}

test('alphas, betas, candidates and development releases are pre-releases, post-releases are not', () => {
  const pre = ['1a1', '1b1', '1rc1', '1.dev0', '1.post1.dev0'].map(version)
  const final = ['1', '1.post1', '1+dev'].map(version)

  assert.ok(pre.every(isPrerelease))
  assert.ok(!final.some(isPrerelease))
  assert.ok(isPostrelease(version('1.post1')) && isPostrelease(version('1.post1.dev0')))
  assert.ok(!isPostrelease(version('1+post1')))
})

test('texts that are no versions come before all versions, in the order of their code points', () => {
  const sorted = ['2004d', 'Final', 'final', '\uFF5E', '\u{1F40D}', '1.dev0', '1.0']

  assert.deepEqual(sorted.toReversed().toSorted(compareVersionTexts), sorted)
})

test('what is sorted by version stays in its order where versions are equal', () => {
  const items = ['b 1.0', 'a 2', 'c 1', 'd x', 'a 1.0.0', 'e 0.9', 'f x'].map((text) =>
    text.split(' '),
  )

  const sorted = atOnce(sortByVersion(items, ([, version = '']) => version))

  assert.deepEqual(sorted.map(([name]) => name).join(''), 'dfebcaa')
})

test('a text of more than 256 characters is no version', () => {
  assert.ok(parseVersion(`1.${'0'.repeat(254)}`))
  assert.equal(parseVersion(`1.${'0'.repeat(255)}`), undefined)
  assert.equal(normalizeVersion(`1.${'1'.repeat(255)}`), undefined)
})

test('what is printed is read as the same version', () => {
  fc.assert(
    fc.property(versionText, (text) => {
      const first = version(text)
      assert.deepEqual(parseVersion(printVersion(first)), first)
      assert.equal(normalizeVersion(printVersion(first)), printVersion(first))
      assert.equal(compareVersions(version(canonicalVersion(first)), first), 0)
    }),
  )
})

test('the order is total, and versions are equal in it exactly if their keys are', () => {
  fc.assert(
    fc.property(versionText, versionText, versionText, (...texts) => {
      const [a, b, c] = texts.map(version).toSorted(compareVersions) as [Version, Version, Version]
      assert.ok(compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
      assert.ok(compareVersions(a, c) <= 0)
      assert.equal(Math.sign(compareVersions(a, b)), 0 - Math.sign(compareVersions(b, a)))
      assert.equal(compareVersions(a, b) === 0, canonicalVersion(a) === canonicalVersion(b))
    }),
  )
})

function version(text: string): Version {
  const parsed = parseVersion(text)
  assert.ok(parsed, `${text} is a version`)
  return parsed
}
