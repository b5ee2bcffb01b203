/** Which tags a pattern means. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Mistake } from '#plugins/options'
import { readPlatform, readPythonTag } from './tag-pattern.ts'

const rows: readonly (readonly [
  read: typeof readPlatform,
  pattern: string,
  means: readonly string[],
  others: readonly string[],
])[] = [
  [
    readPythonTag,
    'cp312',
    ['cp312-cp312', 'cp312-abi3', 'cp312-none'],
    ['cp31-none', 'cp3120-none'],
  ],
  [readPythonTag, 'CP313-cp313t', ['cp313-cp313t'], ['cp313-cp313']],
  [readPythonTag, '*-abi3', ['cp39-abi3'], ['cp39-none']],
  [readPythonTag, 'py*', ['py3-none', 'pypy310-pp73'], ['cp310-none']],
  [
    readPlatform,
    'manylinux*_x86_64',
    ['manylinux_2_28_x86_64', 'manylinux1_x86_64'],
    ['linux_x86_64'],
  ],
  [readPlatform, 'Macosx_11_0_arm64', ['macosx_11_0_arm64'], ['macosx_11_1_arm64']],
  [readPlatform, 'musllinux_1*', ['musllinux_1_2_x86_64'], ['manylinux_1_2_x86_64']],
]
for (const [read, text, means, others] of rows) {
  test(`${text} means ${means.join(', ')} and not ${others.join(', ')}`, () => {
    const found = read(text)
    assert.ok(!(found instanceof Mistake))
    for (const tag of means) assert.ok(found.means(tag), tag)
    for (const tag of others) assert.ok(!found.means(tag), tag)
  })
}

for (const text of ['', '-', 'a-', '-a', 'a-b-c', 'a.b', 'a b', 'é']) {
  test(`${JSON.stringify(text)} is no tag of Python`, () => {
    assert.ok(readPythonTag(text) instanceof Mistake)
  })
}

for (const [text, at] of [
  ['', 1],
  ['manylinux-x86_64', 10],
  ['macosx_11.0_arm64', 10],
  ['win amd64', 4],
  ['manylinux_x86_64', 11],
  ['macosx_arm64', 8],
] as const) {
  test(`${JSON.stringify(text)} is no platform tag, for its character ${at}`, () => {
    const found = readPlatform(text)
    assert.ok(found instanceof Mistake)
    assert.match(
      found.problem,
      new RegExp(`^character ${at} can be in no platform tag as .*win_amd64`),
    )
  })
}

for (const text of [
  'any',
  '*',
  'win32',
  'linux_armv7l',
  'manylinux1_x86_64',
  'manylinux2014_*',
  'manylinux_*_x86_64',
  'manylinux_2_17_aarch64',
  'manylinux_2*',
  'macosx*arm64',
  'macosx_10_9_universal2',
  'ios_13_0_arm64_iphoneos',
  'pyodide_2024_0_wasm32',
]) {
  test(`${text} is a platform tag`, () => {
    assert.ok(!(readPlatform(text) instanceof Mistake))
  })
}

test('many stars cost nothing', () => {
  const found = readPlatform(`${'*a'.repeat(500)}*b`)
  assert.ok(!(found instanceof Mistake))
  assert.equal(found.means('a'.repeat(250)), false)
  assert.equal(found.means(`${'a'.repeat(500)}b`), true)
})
