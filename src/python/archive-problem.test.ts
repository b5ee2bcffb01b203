import assert from 'node:assert/strict'
import { test } from 'node:test'
import { archiveLimits, assertNoBomb, MemberNames } from './archive-problem.ts'

test('an archive has at most as many members as the limit, and short names', () => {
  const names = new MemberNames()
  for (let i = 0; i < archiveLimits.entries; i += 1) names.add(`member/${i}`)
  assert.throws(() => names.add('one-more'), /too many members/)

  const long = new MemberNames()
  const name = 'x'.repeat(60_000)
  assert.throws(() => {
    for (let i = 0; i < 1000; i += 1) long.add(`${name}${i}`)
  }, /too many members/)
})

test('large archives and well packed small ones are fine, both at once is a bomb', () => {
  const { freeBytes, ratio } = archiveLimits

  assertNoBomb(freeBytes, 1)
  assertNoBomb(freeBytes * ratio, freeBytes)
  assert.throws(() => assertNoBomb(freeBytes + 1, 1), /unpack/)
})
