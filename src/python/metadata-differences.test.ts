import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareMetadata } from './metadata-differences.ts'

test('texts and lists are compared by their values', () => {
  const before = {
    version: '1.0',
    summary: 'An anchor',
    license: 'MIT',
    keywords: '',
    classifiers: ['Topic :: A', 'Topic :: B'],
    platform: [],
  }
  const after = {
    version: '2.0',
    summary: 'A better anchor',
    keywords: 'sea',
    classifiers: ['Topic :: B', 'Topic :: C'],
  }

  assert.deepEqual(compareMetadata(before, after).fields, [
    { field: 'classifiers', removed: ['Topic :: A'], added: ['Topic :: C'], kept: 1 },
    { field: 'keywords', removed: [], added: ['sea'], kept: 0 },
    { field: 'license', removed: ['MIT'], added: [], kept: 0 },
    { field: 'summary', removed: ['An anchor'], added: ['A better anchor'], kept: 0 },
  ])
})

test('requirements are put together by project, whatever way they are written', () => {
  const before = { requires_dist: ['Chain (>=1,<3)', "rope; extra == 'all'", 'buoy', 'gone>1'] }
  const after = {
    requires_dist: ['chain<4,>=1', 'rope ; extra == "all"', 'buoy', 'buoy; os_name=="nt"', 'new'],
  }

  assert.deepEqual(compareMetadata(before, after), {
    fields: [],
    requirements: [
      { project: 'buoy', removed: [], added: ['buoy; os_name=="nt"'] },
      { project: 'chain', removed: ['Chain (>=1,<3)'], added: ['chain<4,>=1'] },
      { project: 'gone', removed: ['gone>1'], added: [] },
      { project: 'new', removed: [], added: ['new'] },
    ],
  })
  const same = { requires_dist: ['Chain[a, b] (<3,>=1); (python_version >= "3")'] }
  const spelt = { requires_dist: ["chain[a,b]>=1,<3 ; ( python_version>='3' )"] }
  assert.deepEqual(compareMetadata(same, spelt).requirements, [])
})

test('what is no requirement is compared as it stands, in bounded time', () => {
  const before = { requires_dist: ['!!', '('.repeat(30_000), 'a'.repeat(30_000)] }
  const after = { requires_dist: ['??', ' '.repeat(30_000), `a;${' '.repeat(30_000)}x`] }

  assert.equal(compareMetadata(before, after).requirements.length, 6)
})
