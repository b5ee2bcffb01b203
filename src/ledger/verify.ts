/** Checks a ledger from its first change on: the chain of hashes, and that each life of a key fits. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LedgerBackend } from './backend.ts'
import { emptyHead, hashChange } from './change.ts'
import type { Serial } from './key.ts'

export interface Verified {
  readonly serials: number
  /** The first serial that does not fit. */
  readonly broken: Serial | undefined
}

/** After so many changes, requests get a turn. */
const CHANGES_A_TURN = 64

export async function verifyLedger(backend: LedgerBackend): Promise<Verified> {
  const last = (await backend.head()).serial
  const unsound = (await backend.findUnsoundLife()) ?? Infinity
  let previousHash = emptyHead.hash
  for (let serial = 0; serial <= last; serial++) {
    const change = await backend.change(serial)
    const isWhole = change !== undefined && hashChange(previousHash, change) === change.hash
    if (!isWhole || unsound <= serial) return { serials: last + 1, broken: serial }
    previousHash = change.hash
    if (serial % CHANGES_A_TURN === 0) await nextTurn()
  }
  return { serials: last + 1, broken: unsound === Infinity ? undefined : unsound }
}
