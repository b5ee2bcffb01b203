import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptsEncoding, bestType, parseAccept, quality } from './accept.ts'

test('no header and an empty one have no ranges', () => {
  assert.deepEqual(parseAccept(undefined), [])
  assert.deepEqual(parseAccept(''), [])
})

test('ranges carry their q and their parameters, in lower case', () => {
  const ranges = parseAccept('Text/HTML;Level=1;q=0.5, */*;q=0.1 , a/b;x="p,q;r"')

  assert.deepEqual(ranges, [
    { type: 'text/html', q: 0.5, params: { level: '1' } },
    { type: '*/*', q: 0.1, params: {} },
    { type: 'a/b', q: 1, params: { x: '"p,q;r"' } },
  ])
})

const broken = [
  'garbage',
  'a/b;q=1.5',
  'a/b;q=0.1234',
  'a/b;q=',
  'a/b;q=-1',
  '*/html',
  'a/b/c',
  'a /b',
  'a/b;x',
]
for (const header of broken) {
  test(`${header} is no Accept header`, () => {
    assert.equal(parseAccept(header), 'invalid')
  })
}

test('the most specific range decides the q of a type', () => {
  const ranges = parseAccept('*/*;q=0.1, text/*;q=0.2, text/html;q=0')
  assert.ok(ranges !== 'invalid')

  assert.equal(quality(ranges, 'text/html'), 0)
  assert.equal(quality(ranges, 'text/plain'), 0.2)
  assert.equal(quality(ranges, 'application/json'), 0.1)
})

test('a range with a parameter matches nothing', () => {
  const ranges = parseAccept('text/html;charset=utf-8')
  assert.ok(ranges !== 'invalid')

  assert.equal(quality(ranges, 'text/html'), 0)
})

test('the best type is the one liked best, the first of equals, or none', () => {
  const offered = ['text/html', 'application/json'] as const

  assert.equal(bestType('*/*', offered), 'text/html')
  assert.equal(
    bestType('application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7', offered),
    'application/json',
  )
  assert.equal(bestType('text/plain', offered), undefined)
  assert.equal(bestType('garbage', offered), undefined)
  assert.equal(bestType(undefined, offered), undefined)
})

const encodings: readonly [header: string | undefined, best: readonly string[]][] = [
  [undefined, ['identity']],
  ['', ['identity']],
  ['gzip, deflate', ['gzip', 'identity']],
  ['gzip, deflate, zstd', ['zstd', 'gzip', 'identity']],
  ['gzip;q=1.0, br;q=0.5', ['gzip', 'br', 'identity']],
  ['*', ['zstd', 'br', 'gzip', 'identity']],
  ['*;q=0', []],
  ['identity', ['identity']],
  ['identity;q=0, gzip', ['gzip']],
  ['identity, gzip;q=0.5', ['identity', 'gzip']],
  ['GZIP;q=0', ['identity']],
  ['x-gzip', ['gzip', 'identity']],
]
for (const [header, best] of encodings) {
  test(`Accept-Encoding: ${header ?? '(none)'} takes ${best.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(acceptsEncoding(header), best)
  })
}
