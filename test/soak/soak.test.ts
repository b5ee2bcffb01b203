/** A minute of everything at once: the same that the bench `soak` does for twenty. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { peakMemory } from '../support/process-memory.ts'
import { soak, soakFiles, soakStages } from '../support/soak.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { startWorkers } from '../support/workers.ts'

const seconds = Number(process.env['WHEELYARD_TEST_SOAK_SECONDS'] ?? 60)
/** Each worker is replaced once. */
const RESTART_AFTER = 0.4
/** What a worker holds whose caches are full of such small projects, and as much again. */
const MOST_MEMORY = 400e6

test('uploads, removals, pages, downloads, a mirror, installers and a restart at once: no wrong answer, and bounded memory', async (t) => {
  await using upstream = await startStaticIndex(soakFiles())
  const stages = soakStages(upstream.url('simple/'))
  await using yard = await startWorkers({ stages, args: ['--log-level', 'info'] })
  const first = [...yard.workers().values()]
  const isOver = AbortSignal.timeout(seconds * 1000)
  const timer = setTimeout(() => process.kill(yard.pid, 'SIGHUP'), seconds * RESTART_AFTER * 1000)

  const { errors, ...counts } = await soak({
    url: (path) => yard.url(path),
    isOver: () => isOver.aborted,
  })
  clearTimeout(timer)

  t.diagnostic(JSON.stringify(counts))
  assert.deepEqual(errors, [])
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, `no ${what}`)
  await yard.begun(4)
  const workers = [...yard.workers().values()].slice(first.length)
  assert.ok(
    workers.every((pid) => !first.includes(pid)),
    'each worker was replaced',
  )
  const peaks = await Promise.all(workers.map(peakMemory))
  t.diagnostic(`a worker held ${Math.round(Math.max(...peaks) / 1e6)} MB at most`)
  assert.ok(
    peaks.every((peak) => peak < MOST_MEMORY),
    `${peaks.join()} bytes`,
  )
})
