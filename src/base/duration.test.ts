import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDuration, parseSize, printDuration, printSize } from './duration.ts'

const durations: readonly (readonly [text: string, ms: number | undefined])[] = [
  ['250ms', 250],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['3d', 259_200_000],
  ['2w', 1_209_600_000],
  ['1.1s', 1100],
  ['30', 30_000],
  [' 30 s ', 30_000],
  ['0', 0],
  ['', undefined],
  ['s', undefined],
  ['-1s', undefined],
  ['1e3', undefined],
  ['3 days', undefined],
  ['0x10', undefined],
  ['9999999999999999d', undefined],
]

const sizes: readonly (readonly [text: string, bytes: number | undefined])[] = [
  ['64MB', 64_000_000],
  ['64mb', 64_000_000],
  ['1GiB', 1_073_741_824],
  ['0.5KiB', 512],
  ['17', 17],
  ['17B', 17],
  ['2TB', 2e12],
  ['64M', undefined],
  ['64 bytes', undefined],
  ['-1', undefined],
]

for (const [text, expected] of durations) {
  test(`the duration "${text}" is ${expected === undefined ? 'refused' : `${expected} ms`}`, () => {
    assert.equal(parseDuration(text), expected)
  })
}

for (const [text, expected] of sizes) {
  test(`the size "${text}" is ${expected === undefined ? 'refused' : `${expected} bytes`}`, () => {
    assert.equal(parseSize(text), expected)
  })
}

test('durations and sizes print in the largest unit that fits', () => {
  assert.deepEqual([0, 90_000, 3_600_000, 1500].map(printDuration), ['0s', '90s', '1h', '1500ms'])
  assert.deepEqual([0, 1024, 64_000_000, 1001].map(printSize), ['0B', '1KiB', '64MB', '1001B'])
})

test('what is printed is read back as the same number', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      assert.equal(parseDuration(printDuration(number)), number)
      assert.equal(parseSize(printSize(number)), number)
    }),
  )
})
