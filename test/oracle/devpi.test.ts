/** Wheelyard against the devpi-server whose API it has: the same requests, and the same answers but for what is meant. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startPair, type Pair } from './pair.ts'
import { stories } from './stories.ts'

let told = 0

for (const story of stories) {
  describe(`beside devpi-server: ${story.name}`, () => {
    let pair: Pair
    before(async () => void (pair = await startPair(story)))
    after(async () => {
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

test('several hundred requests were compared', () => {
  assert.ok(told >= 400, `${told} steps`)
})
