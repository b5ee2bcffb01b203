/** Wheelyard against the devpi-server whose API it has: the same requests, and the same answers but for what is meant. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { differences, type DifferenceId } from './differences.ts'
import { startPair, type Pair } from './pair.ts'
import { stories } from './stories.ts'

const met = new Set<DifferenceId>()
let told = 0

for (const story of stories) {
  describe(`beside devpi-server: ${story.name}`, () => {
    let pair: Pair
    before(async () => void (pair = await startPair(story)))
    after(async () => {
      for (const id of pair.met) met.add(id)
      told += pair.told
      await pair[Symbol.asyncDispose]()
    })

    for (const { title, steps } of story.chapters) {
      test(title, async () => {
        const faults = await pair.tell(steps)
        assert.equal(faults.length, 0, `\n${faults.join('\n')}`)
      })
    }
  })
}

test('what may differ from devpi-server does', () => {
  const idle = differences.map(({ id }) => id).filter((id) => !met.has(id))
  assert.deepEqual(idle, [])
  assert.ok(told >= 1000, `${told} steps`)
})
