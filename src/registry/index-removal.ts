/**
 * Removing an index. For everybody it is gone with the first change; what it held goes in portions, so that
 * nobody waits long to write. Until the last one is gone no index of that name can be made.
 */
import type { Ledger } from '#ledger/ledger'
import type { KeyRange } from '#ledger/key'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { refuse } from '#base/refusal'
import { getIndex, type IndexName } from './indexes.ts'
import { keys } from './keys.ts'

/** Stands for as long as something of the index is left. */
export type RemovalEntry = Readonly<Record<string, never>>

/** Keys that one change removes at most: some 30 ms in which others wait. */
const PORTION = 1000

/** Removes a volatile index. `finishRemoval` must follow. */
export async function removeIndex(tx: WriteTransaction, name: IndexName): Promise<void> {
  const entry = await getIndex(tx, name)
  if (!entry.volatile) throw refuse('index-nonvolatile', { index: name })
  await removeIndexes(tx, [name])
}

/** Removes indexes, whatever their options. `finishRemoval` must follow for each. */
export async function removeIndexes(
  tx: WriteTransaction,
  names: readonly IndexName[],
): Promise<void> {
  let room = PORTION
  for (const name of names) {
    tx.remove(keys.index(name))
    room -= await removePortion(tx, name, room)
    // Without room nobody has looked whether anything is left.
    if (room <= 0) tx.set(keys.removal(name), {})
  }
}

/** Whether what a removed index held is still being removed. */
export async function isBeingRemoved(tx: ReadTransaction, name: IndexName): Promise<boolean> {
  return (await tx.get(keys.removal(name))) !== undefined
}

/** Removes all that is left of a removed index. Others get to write in between. */
export async function finishRemoval(ledger: Ledger, name: IndexName, actor: string): Promise<void> {
  while (await ledger.read((tx) => isBeingRemoved(tx, name))) {
    await ledger.write(actor, async (tx) => {
      if (!(await isBeingRemoved(tx, name))) return
      const removed = await removePortion(tx, name, PORTION)
      if (removed < PORTION) tx.remove(keys.removal(name))
    })
  }
}

/** For who makes the index anew and finds that it was removed again since `finishRemoval`. */
export async function removeLeftovers(tx: WriteTransaction, name: IndexName): Promise<void> {
  if (!(await isBeingRemoved(tx, name))) return
  await removePortion(tx, name, undefined)
  tx.remove(keys.removal(name))
}

/** Goes on where a process ended in the middle of a removal. */
export async function finishRemovals(ledger: Ledger): Promise<void> {
  const names = await ledger.read((tx) => tx.listNames(keys.removals()))
  for (const name of names) await finishRemoval(ledger, name, '')
}

/** Removes so many keys of an index; fewer if it has no more. Returns how many. */
async function removePortion(
  tx: WriteTransaction,
  name: IndexName,
  limit: number | undefined,
): Promise<number> {
  let removed = 0
  for (const range of rangesOf(name)) {
    const room = limit === undefined ? undefined : limit - removed
    if (room === 0) break
    const names = await tx.listNames(range, room === undefined ? {} : { limit: room })
    for (const below of names) tx.remove({ path: `${range.prefix}${below}` })
    removed += names.length
  }
  return removed
}

const rangesOf = (name: IndexName): readonly KeyRange<unknown>[] => [
  keys.projects(name),
  keys.versionsOfIndex(name),
  keys.filesOfIndex(name),
  keys.docsOfIndex(name),
  keys.toxresultsOfIndex(name),
]
