/** OSV advisories: which versions they mean. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAffected, listFixes, readAdvisory, type AdvisoryEntry } from './advisory.ts'

const about = (affected: object, more: object = {}): AdvisoryEntry => {
  const named = { package: { ecosystem: 'PyPI', name: 'Foo.Bar' }, ...affected }
  const entries = readAdvisory({ id: 'GHSA-1', affected: [named], ...more })
  assert.ok(typeof entries !== 'string' && entries[0])
  return entries[0]
}

const range = (...events: object[]) => ({ ranges: [{ type: 'ECOSYSTEM', events }] })

const meant = (entry: AdvisoryEntry, ...versions: string[]): string[] =>
  versions.filter((version) => isAffected(entry, version))

test('a range begins with what introduced it and ends before what fixed it', () => {
  const entry = about(range({ fixed: '1.5' }, { introduced: '1.2' }))
  assert.equal(entry.project, 'foo-bar')
  assert.deepEqual(meant(entry, '1.1', '1.2.dev1', '1.2', '1.5rc1', '1.5', '2'), ['1.2', '1.5rc1'])
})

test('a range that begins with 0 covers all versions before its end', () => {
  const entry = about(range({ introduced: '0' }, { last_affected: '2.0' }))
  assert.deepEqual(meant(entry, '0.dev1', '1.0', '2.0', '2.0.1'), ['0.dev1', '1.0', '2.0'])
})

test('a range may begin again', () => {
  const events = [{ introduced: '0' }, { fixed: '1' }, { introduced: '2' }, { fixed: '3' }]
  assert.deepEqual(meant(about(range(...events)), '0.9', '1', '2.5', '3'), ['0.9', '2.5'])
})

test('listed versions are meant beside the ranges, however they are spelt', () => {
  const entry = about({ versions: ['1.0', '2.0a1', 'odd'], ...range({ introduced: '5' }) })
  const versions = ['1', '1.0.0', '1.0+cpu', '2.0-alpha.1', '3', '5']
  assert.deepEqual(meant(entry, ...versions), ['1', '1.0.0', '1.0+cpu', '2.0-alpha.1', '5'])
})

test('a version that cannot be compared is meant wherever there is a range', () => {
  assert.ok(isAffected(about(range({ introduced: '1' })), 'whatever'))
  assert.ok(!isAffected(about({ versions: ['1'] }), 'whatever'))
  assert.ok(isAffected(about({ versions: ['whatever'] }), 'whatever'))
})

test('a beginning that is no version counts from the first, and such an end is none', () => {
  assert.ok(isAffected(about(range({ introduced: 'odd' }, { fixed: '2' })), '1'))
  assert.ok(isAffected(about(range({ introduced: '1' }, { fixed: 'odd' })), '9'))
})

test('ranges of commits mean no version', () => {
  const commits = { ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }
  assert.deepEqual(meant(about(commits), '1.0'), [])
})

test('malicious is what its id or its origins say, and all of it where no version is told', () => {
  assert.ok(!about({ versions: ['1'] }).isMalicious)
  const byId = about({}, { id: 'MAL-2024-1' })
  assert.deepEqual([byId.isMalicious, isAffected(byId, '1')], [true, true])
  const origins = { database_specific: { 'malicious-packages-origins': [{ source: 'x' }] } }
  assert.ok(about({ versions: ['1'] }, origins).isMalicious)
  assert.ok(about({ versions: ['1'], ...origins }).isMalicious)
})

test('the fixes of a vulnerability are known', () => {
  const events = [{ introduced: '0' }, { fixed: '1.2.0' }, { introduced: '2' }, { fixed: '2.1' }]
  assert.deepEqual(listFixes(about(range(...events))), ['1.2', '2.1'])
  assert.deepEqual(listFixes(about(range(...events), { id: 'MAL-1' })), [])
})

test('what is withdrawn, or about other ecosystems, says nothing', () => {
  const affected = [{ package: { ecosystem: 'PyPI', name: 'foo' } }]
  assert.deepEqual(readAdvisory({ id: 'MAL-1', withdrawn: '2024-01-01T00:00:00Z', affected }), [])
  const npm = [{ package: { ecosystem: 'npm', name: 'foo' } }]
  assert.deepEqual(readAdvisory({ id: 'MAL-1', affected: npm }), [])
})

test('whatever else is sent is told or passed over, and never fails', () => {
  for (const value of [null, 1, 'x', [], {}, { id: '' }, { id: 'A\n', affected: [] }]) {
    assert.equal(typeof readAdvisory(value), 'string', JSON.stringify(value))
  }
  assert.equal(typeof readAdvisory({ id: 'A', affected: 'foo' }), 'string')
  const odd = [null, 1, {}, { package: null }, { package: { ecosystem: 1, name: 'x' } }]
  assert.deepEqual(readAdvisory({ id: 'A', aliases: [1, null], affected: odd }), [])
  const strange = about({ versions: [1, null, {}], ranges: [null, { events: [null, 1, {}] }] })
  assert.deepEqual(meant(strange, '1'), [])
  const many = { package: { ecosystem: 'PyPI', name: 'x' }, versions: Array(300_000).fill('1') }
  assert.equal(readAdvisory({ id: 'A', affected: [many] }), 'A names too many versions')
})
