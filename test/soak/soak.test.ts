/** A minute of everything at once: the same that the bench `soak` does for twenty. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forgetPeak, peakMemory } from '../support/process-memory.ts'
import { soak, soakFiles, soakStages } from '../support/soak.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { startYard } from '../support/yard.ts'

const seconds = Number(process.env['WHEELYARD_TEST_SOAK_SECONDS'] ?? 60)
/** What a server holds whose caches are full of such small projects, and as much again. */
const MOST_MEMORY = 400e6

test('uploads, removals, pages, downloads, a mirror and installers at once: no wrong answer, and bounded memory', async (t) => {
  await using upstream = await startStaticIndex(soakFiles())
  await using yard = await startYard({ stages: soakStages(upstream.url('simple/')) })
  await forgetPeak(yard.pid)
  const isOver = AbortSignal.timeout(seconds * 1000)

  const { errors, ...counts } = await soak({
    url: (path) => yard.url(path),
    isOver: () => isOver.aborted,
  })

  t.diagnostic(JSON.stringify(counts))
  assert.deepEqual(errors, [])
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, `no ${what}`)
  const peak = await peakMemory(yard.pid)
  t.diagnostic(`at most ${Math.round(peak / 1e6)} MB`)
  assert.ok(peak < MOST_MEMORY, `${peak} bytes`)
})
