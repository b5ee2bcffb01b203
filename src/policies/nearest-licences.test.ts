/** Which licences are meant by names that are none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggestLicences } from './nearest-licences.ts'

for (const [text, ids] of [
  ['GPL', ['GPL-2.0-only', 'GPL-2.0-or-later', 'GPL-3.0-only', 'GPL-3.0-or-later']],
  ['GPLv3', ['GPL-3.0-only', 'GPL-3.0-or-later']],
  ['MTI', ['MIT']],
  ['MIT License', ['MIT', 'MIT-0', 'MIT-advertising', 'MIT-Click']],
  ['Apache License, Version 2.0', ['Apache-2.0']],
  ['Apache 2', ['Apache-2.0']],
  ['BSD 3-Clause', ['BSD-3-Clause']],
  ['Frobnicate', []],
  ['License', []],
] as const) {
  test(`${text} suggests ${ids.join(', ')}`, () => {
    assert.deepEqual(suggestLicences(text).slice(0, Math.max(ids.length, 1)), ids)
  })
}
