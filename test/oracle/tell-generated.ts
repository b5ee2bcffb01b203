/** Tells generated stories until one is answered differently. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { anyDeeds, prologue, stepsOf } from './generated.ts'
import { startPair } from './pair.ts'

export interface Telling {
  readonly seed: number
  readonly runs: number
  /** No new story begins after it. */
  readonly timeLimitMs?: number
  /** Looks for a shorter story once one is answered differently; that takes a while. */
  readonly shrinks?: boolean
}

/** Returns how many steps were told. */
export async function tellGenerated({
  seed,
  runs,
  timeLimitMs,
  shrinks = false,
}: Telling): Promise<number> {
  await using pair = await startPair({ theirs: ['--enable-core-metadata'] })
  assert.deepEqual(await pair.tell(prologue), [])
  await fc.assert(
    fc.asyncProperty(anyDeeds, async (deeds) => {
      // From there on the two servers have not the same in them.
      const faults = await pair.tell(stepsOf(deeds), 'refused-changes-nothing')
      assert.equal(faults.length, 0, `\n${faults.slice(0, 3).join('\n')}`)
    }),
    {
      seed,
      numRuns: runs,
      endOnFailure: !shrinks,
      ...(timeLimitMs !== undefined && { interruptAfterTimeLimit: timeLimitMs }),
    },
  )
  return pair.told
}
