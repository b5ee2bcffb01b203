import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeName } from '#python/name'
import { compareLooks, compareReleases, compareTexts } from './release-differences.ts'

const project = normalizeName('anchor')

const link = (filename: string) => ({
  index: 'alice/dev',
  filename,
  file: { hashes: {}, version: '1.0', addedAt: 0 },
})

const look = (content: string | Buffer, isWhole = true) => ({
  bytes: Buffer.from(content as string),
  isWhole,
})

test('two releases differ in metadata, description and files', () => {
  const before = {
    version: '1.0',
    metadata: { summary: 'old', description: 'one\ntwo\n' },
    links: [link('anchor-1.0.tar.gz')],
  }
  const after = {
    version: '1.1',
    metadata: { summary: 'new', description: 'one\n2\n' },
    links: [link('anchor-1.1.tar.gz'), link('anchor-1.1-py3-none-any.whl')],
  }

  const { metadata, description, files } = compareReleases(project, before, after)

  assert.deepEqual(
    metadata?.fields.map(({ field }) => field),
    ['summary'],
  )
  assert.deepEqual([description?.removed, description?.added], [1, 1])
  assert.deepEqual(
    files.map((pair) => [pair.what, pair.before?.filename, pair.after?.filename]),
    [
      ['.tar.gz', 'anchor-1.0.tar.gz', 'anchor-1.1.tar.gz'],
      ['py3-none-any', undefined, 'anchor-1.1-py3-none-any.whl'],
    ],
  )
})

test('metadata that is not known is not compared', () => {
  const unknown = { version: '1.0', metadata: undefined, links: [] }
  const known = { version: '1.1', metadata: { summary: 'new', description: 'text' }, links: [] }

  const { metadata, description } = compareReleases(project, unknown, known)

  assert.equal(metadata, undefined)
  assert.equal(description, undefined)
})

test('what is unseen in a changed line is marked, and how lines end makes no difference', () => {
  const { hunks } = compareTexts('a\r\nb', 'a\nb\u202E\n')

  assert.deepEqual(hunks[0]?.lines, [
    { kind: 'same', parts: ['a'], isCut: false },
    { kind: 'removed', parts: ['b'], isCut: false },
    { kind: 'added', parts: ['b', { mark: 'U+202E' }], isCut: false },
  ])
})

test('members are compared as texts, where both are', () => {
  const comparison = compareLooks(look('a'), look('b', false))
  assert.equal(comparison.kind, 'text')
  assert.equal(comparison.isPartial, true)

  assert.deepEqual(compareLooks(look('a'), look('\0')), { kind: 'binary', isSame: false })
  assert.deepEqual(compareLooks(look('\0'), look('\0')), { kind: 'binary', isSame: true })
  assert.deepEqual(compareLooks(look('a'), { problem: 'it is gone' }), {
    kind: 'problem',
    problem: 'it is gone',
  })
})
