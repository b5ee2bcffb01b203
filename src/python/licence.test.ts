/** Licences as metadata tells them, and which of them an expression can be met with. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canBeMet, readLicence } from './licence.ts'
import { parseMetadata } from './metadata.ts'

const read = (...lines: string[]): string =>
  readLicence(
    parseMetadata(
      Buffer.from(['Metadata-Version: 2.4', 'Name: a', 'Version: 1', ...lines, ''].join('\n')),
    ),
  )

for (const [lines, licence] of [
  [['License-Expression: MIT OR Apache-2.0'], 'MIT OR Apache-2.0'],
  [['Classifier: License :: OSI Approved :: MIT License', 'License: see file'], 'MIT'],
  [
    [
      'Classifier: License :: OSI Approved :: MIT License',
      'Classifier: License :: Other/Proprietary License',
    ],
    'MIT AND Other/Proprietary License',
  ],
  [['Classifier: License :: OSI Approved'], ''],
  [['License: BSD-3-Clause'], 'BSD-3-Clause'],
  [[`License: ${'a text '.repeat(100)}`], ''],
  [['License: UNKNOWN'], ''],
  [[], ''],
] as const) {
  test(`${lines.join(', ').slice(0, 80)} is the licence ${licence}`, () => {
    assert.equal(read(...lines), licence)
  })
}

for (const [expression, good, met] of [
  ['MIT', ['mit'], true],
  ['MIT OR GPL-3.0-only', ['mit'], true],
  ['MIT AND GPL-3.0-only', ['mit'], false],
  ['(MIT AND Zlib) OR GPL-3.0-only', ['mit', 'zlib'], true],
  ['MIT AND (Zlib OR GPL-3.0-only)', ['mit', 'gpl-3.0-only'], true],
  ['GPL-2.0-only WITH Classpath-exception-2.0', ['gpl-2.0-only'], true],
  ['The MIT Licence', ['the mit licence'], true],
  ['MIT OR', ['mit'], false],
  ['((MIT)', ['mit'], false],
] as const) {
  test(`${expression} can${met ? '' : 'not'} be met with ${good.join(' and ')}`, () => {
    const list: readonly string[] = good
    assert.equal(
      canBeMet(expression, (licence) => list.includes(licence.toLowerCase())),
      met,
    )
  })
}
