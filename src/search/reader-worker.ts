/** The thread that answers queries: one after the other, so that the server itself never waits for one. */
import { parentPort, workerData } from 'node:worker_threads'
import { isDamage } from './backends/sqlite-fts.ts'
import { find } from './finder.ts'
import { matchProjects } from './matching.ts'
import { openReader } from './open-reader.ts'
import type { ReaderAnswer, ReaderOrder } from './reader-messages.ts'
import { suggestNames } from './similar.ts'

const reader = openReader((workerData as { file: string }).file)

parentPort?.on('message', (order: ReaderOrder) => {
  void answer(order).then((reply) => parentPort?.postMessage(reply))
})

async function answer(order: ReaderOrder): Promise<ReaderAnswer> {
  try {
    return { value: await run(order) }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { failure, isDamaged: isDamage(error) }
  }
}

async function run(order: ReaderOrder) {
  if (order.kind === 'find') return find(reader, order.order)
  if (order.kind === 'suggest') return suggestNames(reader, order.order)
  if (order.kind === 'match') return matchProjects(reader, order.order)
  return { standing: await reader.standing(), counts: await reader.counts() }
}
