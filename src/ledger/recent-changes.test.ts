import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentChanges } from './recent-changes.ts'
import type { Change } from './change.ts'

const change = (serial: number, size: number): Change => ({
  ...{ serial, at: 0, actor: 'root', epoch: 1, format: 1, hash: `${serial}` },
  entries: [{ path: 'thing/a', value: 'x'.repeat(size) }],
})

test('the last changes are kept, as many as there is room for', () => {
  const recent = new RecentChanges(10_000)
  for (let serial = 0; serial < 100; serial++) recent.add(change(serial, 800))

  assert.equal(recent.find(99)?.hash, '99')
  const kept = Array.from({ length: 100 }, (_, serial) => recent.find(serial)).filter(Boolean)
  assert.ok(kept.length >= 5 && kept.length <= 10, `${kept.length} are kept`)
  assert.equal(recent.find(100 - kept.length)?.hash, `${100 - kept.length}`)
})

test('one that would drive out all others is left out', () => {
  const recent = new RecentChanges(10_000)
  recent.add(change(0, 100))
  recent.add(change(1, 9_000))

  assert.equal(recent.find(1), undefined)
  assert.equal(recent.find(0)?.hash, '0')
})
