/** What every ledger backend must do, through the `Ledger`; a backend's test calls this with a way to open an empty one. */
import { chainContract } from './contract/chain.ts'
import { followingContract } from './contract/following.ts'
import { listingContract } from './contract/listing.ts'
import { modelContract } from './contract/model.ts'
import { readingContract } from './contract/reading.ts'
import { checkWith, type OpenBackend } from './contract/check.ts'
import { takingOverContract } from './contract/taking-over.ts'
import { writingContract } from './contract/writing.ts'

export type { OpenBackend, OpenedBackend } from './contract/check.ts'

export function ledgerContract(name: string, open: OpenBackend): void {
  const check = checkWith(name, open)
  readingContract(check)
  listingContract(check)
  writingContract(check)
  followingContract(check)
  chainContract(check)
  takingOverContract(check)
  modelContract(check)
}
