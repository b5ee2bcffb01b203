/** Which names of licences are identifiers, and which of them are one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CURRENT_LICENCES, DEPRECATED_LICENCES } from './licence-ids.ts'
import { isLicenceId, licenceKey } from './licence-name.ts'

test('every identifier of the list is one, in any case, and that of a later version too', () => {
  for (const id of [...CURRENT_LICENCES, ...DEPRECATED_LICENCES]) {
    assert.ok(isLicenceId(id), id)
    assert.ok(isLicenceId(id.toUpperCase()), id)
  }
  assert.ok(isLicenceId('Apache-1.1+'))
  assert.ok(isLicenceId('LicenseRef-Our-Own-1.0'))
})

for (const text of [
  '',
  'GPL',
  'MTI',
  'BSD',
  'LicenseRef-',
  'LicenseRef-a b',
  '+',
  'MIT++',
  'Apache 2.0',
]) {
  test(`${JSON.stringify(text)} is no identifier`, () => {
    assert.ok(!isLicenceId(text))
  })
}

for (const [text, key] of [
  ['GPL-3.0', 'gpl-3.0-only'],
  ['GPL-3.0+', 'gpl-3.0-or-later'],
  ['LGPL-2.1-only', 'lgpl-2.1-only'],
  ['MIT', 'mit'],
] as const) {
  test(`${text} is kept as ${key}`, () => {
    assert.equal(licenceKey(text), key)
  })
}
