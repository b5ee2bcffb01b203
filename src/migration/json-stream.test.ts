import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokenJson, readJsonStream, type Decide, type JsonPiece } from './json-stream.ts'

const decide: Decide = (path) => (path[0] === 'left' ? 'pass' : path.length < 2 ? 'enter' : 'take')

async function* inChunks(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = (text: string, size = 1024): Promise<JsonPiece[]> =>
  Array.fromAsync(readJsonStream(inChunks(text, size), decide))

const text = JSON.stringify(
  {
    'a "key\\': { one: [1, { x: ']}"\\' }], 'zwei ä€😀': null, three: -1.5e3 },
    list: ['a', {}, [], true],
    left: { of: ['what', { is: 'passed \\" over }' }] },
    empty: {},
    none: [],
    plain: 17,
  },
  undefined,
  2,
)

const pieces: JsonPiece[] = [
  { path: ['a "key\\'], value: undefined },
  { path: ['a "key\\', 'one'], value: [1, { x: ']}"\\' }] },
  { path: ['a "key\\', 'zwei ä€😀'], value: null },
  { path: ['a "key\\', 'three'], value: -1500 },
  { path: ['list'], value: undefined },
  { path: ['list', 0], value: 'a' },
  { path: ['list', 1], value: {} },
  { path: ['list', 2], value: [] },
  { path: ['list', 3], value: true },
  { path: ['empty'], value: undefined },
  { path: ['none'], value: undefined },
]

test('a file is taken apart the same wherever its chunks end', async () => {
  for (const size of [1, 2, 3, 5, 7, 64, 4096]) assert.deepEqual(await read(text, size), pieces)
  assert.deepEqual(await read(JSON.stringify(JSON.parse(text)), 3), pieces)
})

test('what is no JSON or ends too early is told with its place', async () => {
  for (const [broken, says] of [
    [text.slice(0, -2), /the file ends in the middle at byte \d+/],
    [text.slice(0, 20), /ends in the middle at byte 20, in "a \\"key/],
    ['', /ends in the middle at byte 0$/],
    ['[1', /ends in the middle/],
    ['17', /there is no JSON object at byte 0/],
    [`${text} x`, /there is more behind the end/],
    ['{"a": {"b": nope}}', /this is no JSON at byte \d+, in "a" "b"/],
    ['{"a": {"b": }}', /this is no JSON/],
    ['{"left": ,"a": 1}', /this is no JSON/],
    ['{"a" 1}', /this is no JSON/],
    ['{"a": {"b": 1 "c": 2}}', /this is no JSON/],
    ['{"a": [1,2,]}', /this is no JSON/],
    ['{a: 1}', /this is no JSON/],
    ['{"a": {"b": [1}}', /./],
  ] as const) {
    for (const size of [1, 1024]) {
      await assert.rejects(read(broken, size), (error) => {
        assert.ok(error instanceof BrokenJson, String(error))
        assert.match(error.message, says)
        return true
      })
    }
  }
})
