/** The order in which an index and its bases are asked. */
import type { ReadTransaction } from '#ledger/transaction'
import { findIndex, type IndexName, type NamedIndex } from './indexes.ts'

/**
 * Breadth first over the bases in listed order; mirrors after all stages, in the order they were met; each
 * index once. Missing bases are skipped, cycles do no harm. An index that is itself a mirror comes first.
 */
export async function listResolutionOrder(
  tx: ReadTransaction,
  start: IndexName,
): Promise<NamedIndex[]> {
  const stages: NamedIndex[] = []
  const mirrors: NamedIndex[] = []
  const seen = new Set<IndexName>([start])
  const queue = [start]
  for (const name of queue) {
    const entry = await findIndex(tx, name)
    if (!entry) continue
    if (entry.type === 'mirror') {
      mirrors.push({ name, entry })
      continue
    }
    stages.push({ name, entry })
    for (const base of entry.bases) {
      if (!seen.has(base)) queue.push(base)
      seen.add(base)
    }
  }
  return [...stages, ...mirrors]
}
