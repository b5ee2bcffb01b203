/** Keys written in portions: one change for many, and memory for no more than a portion. */
import { isDeepStrictEqual } from 'node:util'
import type { Key } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { WriteTransaction } from '#ledger/transaction'

/** What is to stand under some keys, decided in the transaction. */
export type Write = (tx: WriteTransaction) => Promise<void>

const MOST = 500

export class Portions {
  readonly #ledger: Ledger
  readonly #actor: string
  #writes: Write[] = []

  constructor(ledger: Ledger, actor: string) {
    this.#ledger = ledger
    this.#actor = actor
  }

  /** It may be committed later: `flush` must follow. */
  async add(write: Write): Promise<void> {
    this.#writes.push(write)
    if (this.#writes.length >= MOST) await this.flush()
  }

  async flush(): Promise<void> {
    const writes = this.#writes
    this.#writes = []
    if (writes.length === 0) return
    await this.#ledger.write(this.#actor, async (tx) => {
      for (const write of writes) await write(tx)
    })
  }
}

/** Sets what is not so already. */
export async function setIfOther<V>(tx: WriteTransaction, key: Key<V>, value: V): Promise<boolean> {
  // As the ledger would give it back: without members that are undefined.
  const next = JSON.parse(JSON.stringify(value)) as V
  if (isDeepStrictEqual(await tx.get(key), next)) return false
  tx.set(key, next)
  return true
}
