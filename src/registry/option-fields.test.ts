import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optionNames } from './index-options.ts'
import { listOptionFields } from './option-fields.ts'

for (const type of ['stage', 'mirror'] as const) {
  test(`a form for a ${type} has every option, and says what it does`, () => {
    const fields = listOptionFields(type, {
      cooldown: { doc: 'Waits.', store: String, parse: String },
    })

    const names = fields.map(({ name }) => name)
    assert.deepEqual(new Set(names), new Set([...optionNames(type), 'cooldown']))
    assert.equal(names.at(-1), 'cooldown')
    for (const { name, doc, label } of fields) {
      assert.match(doc, /^[A-Z].*\.$/, name)
      assert.match(label, /^[A-Z][\w ()]+$/, name)
    }
  })
}
