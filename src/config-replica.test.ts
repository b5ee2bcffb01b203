import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeConfig } from './config.ts'
import { findContradictions } from './config-places.ts'
import { replicaFilter } from './config-replica.ts'

test('a filter is words of a name and its values, and is printed as it would be written', () => {
  const read = (text: string) => replicaFilter.parse(text, '/srv')

  const all = read(
    'user=ada newest=3 index=ada/dev,bob/dev platform=any lock=uv.lock project=a user=bob skip=mirror,ada/old',
  )

  assert.deepEqual(all, {
    users: ['ada', 'bob'],
    indexes: ['ada/dev', 'bob/dev'],
    projects: ['a'],
    skip: ['mirror', 'ada/old'],
    newest: 3,
    platforms: ['any'],
    lock: '/srv/uv.lock',
  })
  const text =
    'user=ada,bob index=ada/dev,bob/dev project=a skip=mirror,ada/old newest=3 platform=any lock=/srv/uv.lock'
  assert.equal(replicaFilter.print(all!), text)
  assert.deepEqual(read(text), all)
})

test('a filter that makes no sense is refused with the word that makes none', () => {
  for (const [text, reason] of [
    ['ada/dev', /'ada\/dev' is none of words such as user=/],
    ['users=ada', /'users=ada' is none of/],
    ['user=', /'user=' is none of/],
    ['user=ada,,bob', /'user=ada,,bob' has nothing between two commas/],
    ['index=dev', /index=dev is no user\/index/],
    ['skip=mirrors', /skip=mirrors is neither user\/index nor stage or mirror/],
    ['newest=0', /newest=0 is no number of 1 or more/],
    ['newest=1 newest=2', /newest= may be given once/],
    ['lock=a lock=b', /lock= may be given once/],
  ] as const) {
    assert.throws(() => replicaFilter.parse(text, '/'), reason)
  }
  assert.equal(replicaFilter.parse('  ', '/'), undefined)
})

test('a filter is for filtered blobs alone', () => {
  const found = (changes: object) => findContradictions(makeConfig(changes, '/'))
  const filter = replicaFilter.parse('user=ada', '/')

  assert.deepEqual(found({ replicaFilter: filter }), [])
  assert.deepEqual(found({ replicaFilter: filter, blobs: 'filtered' }), [])
  assert.match(
    found({ replicaFilter: filter, blobs: 'all' }).join(),
    /^--blobs: all leaves nothing/,
  )
  assert.match(found({ blobs: 'filtered' }).join(), /^--blobs: filtered needs --replica-filter/)
})
