/** Keys written in portions: one change for many, and memory for no more than a portion. */
import { isDeepStrictEqual } from 'node:util'
import type { Key } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { WriteTransaction } from '#ledger/transaction'

/** What is to stand under some keys, decided in the transaction. */
export type Write = (tx: WriteTransaction) => Promise<void>

const MOST = 500
/** Characters of what they hold. */
const MOST_TEXT = 4 * 1024 * 1024

export class Portions {
  readonly #ledger: Ledger
  readonly #actor: string
  #writes: Write[] = []
  #text = 0

  constructor(ledger: Ledger, actor: string) {
    this.#ledger = ledger
    this.#actor = actor
  }

  /** It may be committed later: `flush` must follow. `text`: characters, where it holds many. */
  async add(write: Write, text = 0): Promise<void> {
    this.#writes.push(write)
    this.#text += text
    if (this.#writes.length >= MOST || this.#text > MOST_TEXT) await this.flush()
  }

  async flush(): Promise<void> {
    const writes = this.#writes
    this.#writes = []
    this.#text = 0
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
