import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diffLimits, diffLines, type LineDiff } from './line-diff.ts'

const signs = { same: ' ', removed: '-', added: '+' } as const

const print = ({ hunks }: LineDiff): string =>
  hunks
    .map(({ oldStart, newStart, lines }) =>
      [
        `@@ ${oldStart} ${newStart}`,
        ...lines.map(({ kind, text }) => `${signs[kind]}${text}`),
      ].join('\n'),
    )
    .join('\n')

const range = (length: number, write = (at: number) => `line ${at}`) =>
  Array.from({ length }, (_, at) => write(at))

test('equal texts have no differences', () => {
  const equal = { hunks: [], added: 0, removed: 0, isCut: false }
  assert.deepEqual(diffLines([], []), equal)
  assert.deepEqual(diffLines(['a', 'b'], ['a', 'b']), equal)
})

test('the shortest way is shown, with three lines around it', () => {
  const before = 'abcdefghij'.split('')
  const after = 'abcdeXghij'.split('')

  assert.equal(print(diffLines(before, after)), '@@ 3 3\n c\n d\n e\n-f\n+X\n g\n h\n i')
  assert.equal(
    print(diffLines('ABCABBA'.split(''), 'CBABAC'.split(''))).match(/^[-+]/gm)?.length,
    5,
  )
})

test('what is all new, or all gone', () => {
  assert.equal(print(diffLines([], ['a', 'b'])), '@@ 1 1\n+a\n+b')
  assert.equal(print(diffLines(['a', 'b'], [])), '@@ 1 1\n-a\n-b')
})

test('differences that are far apart are hunks of their own, with their lines in both texts', () => {
  const before = range(40)
  const after = ['first', ...before.slice(0, 30), ...before.slice(31)]

  const { hunks, added, removed } = diffLines(before, after)

  assert.deepEqual([added, removed], [1, 1])
  assert.deepEqual(
    hunks.map(({ oldStart, newStart, lines }) => [oldStart, newStart, lines.length]),
    [
      [1, 1, 4],
      [28, 29, 7],
    ],
  )
})

test('any two texts: what is shown leads from one to the other in as few steps as can be', () => {
  let seed = 1
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  for (let round = 0; round < 500; round++) {
    const before = range(random(12), () => 'abc'[random(3)]!)
    const after = range(random(12), () => 'abc'[random(3)]!)

    const { hunks, added, removed } = diffLines(before, after)

    const changed = [...before]
    for (const { oldStart, lines } of hunks.toReversed()) {
      const of = (kind: string) =>
        lines.filter((line) => line.kind !== kind).map(({ text }) => text)
      const gone = changed.splice(oldStart - 1, of('added').length, ...of('removed'))
      assert.deepEqual(gone, of('added'))
    }
    assert.deepEqual(changed, after)
    assert.equal(added + removed, before.length + after.length - 2 * longestCommon(before, after))
  }
})

function longestCommon([first, ...before]: readonly string[], after: readonly string[]): number {
  if (first === undefined || after.length === 0) return 0
  const at = after.indexOf(first)
  const without = longestCommon(before, after)
  return at === -1 ? without : Math.max(without, 1 + longestCommon(before, after.slice(at + 1)))
}

test('texts that differ too much are told as one replaced by the other', () => {
  const before = range(diffLimits.edits, (at) => `old ${at}`)
  const after = range(diffLimits.edits, (at) => `new ${at}`)

  const { hunks, added, removed, isCut } = diffLines(before, after)

  assert.deepEqual([added, removed, isCut], [1000, 1000, false])
  assert.equal(hunks.length, 1)
  assert.equal(hunks[0]?.lines[0]?.kind, 'removed')
})

test('what is too long is cut', () => {
  const long = range(diffLimits.lines + 10)

  const much = diffLines([], long)

  assert.equal(much.added, diffLimits.lines)
  assert.equal(much.hunks[0]?.lines.length, diffLimits.shown)
  assert.equal(much.isCut, true)
  assert.equal(diffLines(long, [...long, 'more']).isCut, true)
})
