/** Tells generated stories until one is answered differently, and then looks for a shorter one that is too. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { anyDeeds, prologue, stepsOf } from './generated.ts'
import { startPair } from './pair.ts'

export interface Telling {
  readonly seed: number
  readonly runs: number
  /** No new story begins after it. */
  readonly timeLimitMs?: number
}

/** Returns how many steps were told. */
export async function tellGenerated({ seed, runs, timeLimitMs }: Telling): Promise<number> {
  await using pair = await startPair({ theirs: ['--enable-core-metadata'] })
  assert.deepEqual(await pair.tell(prologue), [])
  await fc.assert(
    fc.asyncProperty(anyDeeds, async (deeds) => {
      const faults = await pair.tell(stepsOf(deeds))
      assert.equal(faults.length, 0, `\n${faults.slice(0, 3).join('\n')}`)
    }),
    {
      seed,
      numRuns: runs,
      ...(timeLimitMs !== undefined && { interruptAfterTimeLimit: timeLimitMs }),
    },
  )
  return pair.told
}
