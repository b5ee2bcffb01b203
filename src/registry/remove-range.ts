/** Removes everything in a range of keys. */
import type { KeyRange } from '#ledger/key'
import type { WriteTransaction } from '#ledger/transaction'

export async function removeRange(tx: WriteTransaction, range: KeyRange<unknown>): Promise<void> {
  for (const below of await tx.listNames(range)) tx.remove({ path: `${range.prefix}${below}` })
}
