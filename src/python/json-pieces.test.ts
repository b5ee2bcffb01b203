/** JSON taken apart says what it says whole. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPieces } from './json-pieces.ts'
import { UnreadablePage } from './simple-page.ts'
import { atOnce } from './steps.ts'

/** What the document holds at the places that are asked for. */
function take(text: string): { files?: unknown[]; inner?: unknown[]; values: object } {
  const lists: Record<string, unknown[]> = {}
  const values: Record<string, unknown> = {}
  atOnce(
    readPieces(text, {
      lists: ['files', 'in.list'],
      objects: ['in'],
      onList: (path) => (lists[path] = []),
      onElement: (path, element) => lists[path]?.push(element),
      onValue: (path, value) => (values[path] = value),
    }),
  )
  const { files, 'in.list': inner } = lists
  return { ...(files && { files }), ...(inner && { inner }), values }
}

const odd = [
  '',
  'a"b\\',
  '\\\\"',
  '[]{}:,',
  '\ud83d\ude00\u0000',
  1.5e-7,
  -0,
  null,
  true,
  false,
  [[], {}, [1, [2]]],
  { a: { 'b"': [] } },
]

test('elements and values come as the whole document has them, however it is spaced', () => {
  for (const space of ['', ' ', '\t', '\n']) {
    const text = JSON.stringify({ x: odd, files: odd, in: { list: odd, y: 'z' } }, null, space)
    assert.deepEqual(take(text), {
      files: JSON.parse(JSON.stringify(odd)),
      inner: JSON.parse(JSON.stringify(odd)),
      values: { x: JSON.parse(JSON.stringify(odd)), 'in.y': 'z' },
    })
  }
  assert.deepEqual(take(' { } '), { values: {} })
  assert.deepEqual(take('{"files":[ ]}'), { files: [], values: {} })
  assert.deepEqual(take('{"files":{},"in":[1]}'), { values: { files: {}, in: [1] } })
})

test('of the same list twice the second counts', () => {
  assert.deepEqual(take('{"files":[1],"files":[2]}').files, [2])
})

test('what is passed over for its length counts as nothing', () => {
  const long = JSON.stringify('x'.repeat(100_000))
  assert.deepEqual(take(`{"x":${long},"files":[${long},1]}`), {
    files: [undefined, 1],
    values: { x: undefined },
  })
})

for (const text of [
  '',
  '[1]',
  'null',
  '{',
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,}',
  '{"a" 1}',
  '{a:1}',
  '{1:1}',
  '{"a":1}x',
  '{"a":1}{}',
  '{"a":1]',
  '{"a":[1}',
  '{"a":tru}',
  '{"a":01}',
  '{"a":"\\x"}',
  '{"a":"b',
  '{"a":"b\\"}',
  '{"files":[1,]}',
  '{"files":[,1]}',
  '{"files":[1 2]}',
  '{"files":[1',
  '{"files":[1}',
  '{"files":[]]}',
  '{"a":,"b":1}',
  '{"a"::1}',
  '\u00a0{}',
]) {
  test(`${JSON.stringify(text)} is refused, as by any reader of JSON`, () => {
    assert.throws(() => take(text), UnreadablePage)
  })
}

test('what is nested too deeply, or has too many keys, is refused', () => {
  const deep = (depth: number): string => `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`
  assert.ok(take(deep(64)))
  assert.throws(() => take(deep(65)), /nested too deeply/)
  const keys = (count: number): string =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at])))
  assert.ok(take(keys(1000)))
  assert.throws(() => take(keys(1001)), /too many keys/)
})

test('a thousand documents with a mistake in them are refused, or say what JSON says', () => {
  const whole = JSON.stringify({ x: [1, 'a\\"'], files: [{ a: '"' }, [1, 2]], in: { list: [3] } })
  for (let at = 0; at < whole.length; at += 1) {
    for (const other of ['', '"', '\\', ',', ':', '[', ']', '{', '}', '1', ' ']) {
      const text = whole.slice(0, at) + other + whole.slice(at + 1)
      let parsed: Record<string, unknown> | undefined
      try {
        parsed = JSON.parse(text)
      } catch {
        assert.throws(() => take(text), UnreadablePage, text)
        continue
      }
      if (Array.isArray(parsed?.['files'])) assert.deepEqual(take(text).files, parsed['files'])
    }
  }
})
