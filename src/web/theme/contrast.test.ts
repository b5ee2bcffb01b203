import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findPoorContrast } from './contrast.ts'
import { themesInTheBox } from './find-theme.ts'

const ours = readFileSync(join(import.meta.dirname, '../static/style.css'), 'utf8')

test('our own colours, and those of each theme in the box, can be read in light and dark', () => {
  assert.deepEqual(findPoorContrast([ours]), [])
  for (const { name, folder } of themesInTheBox) {
    const sheet = readFileSync(join(folder, 'static/style.css'), 'utf8')
    assert.deepEqual(findPoorContrast([ours, sheet]), [], name)
  }
})

test('two colours that are too close are named, with how close, where they are', () => {
  const sheet = ':root { --accent: light-dark(#777, #79b8e6); /* --text: #fff; */ }'

  const found = findPoorContrast([ours, sheet])

  assert.ok(found.includes('--accent on --surface has a contrast of 4.47 in light; texts need 4.5'))
  assert.ok(found.every((sentence) => sentence.includes('--accent') && sentence.includes('light')))
})

test('variables, rgb() and queries of the colour scheme are followed; what is no plain colour is not judged', () => {
  const root = (text: string): string => `:root { --background: ${text} }`
  const count = (sheet: string): number => findPoorContrast([ours, sheet]).length

  assert.ok(count(root('var(--text)')) > 0)
  assert.ok(count(root('rgb(30 30 30)')) > 0)
  assert.ok(count(`@media (prefers-color-scheme: dark) { ${root('white')} }`) > 0)
  assert.equal(count(root('color-mix(in srgb, red, blue)')), 0)
  assert.equal(count(root('var(--background)')), 0)
})
