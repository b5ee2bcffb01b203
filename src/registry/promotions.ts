/** Which servers of a group were promoted: each began an epoch, in which it alone writes. */
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import { keys } from './keys.ts'

export interface PromotedEntry {
  /** Of the server that writes from here on. */
  readonly uuid: string
  readonly epoch: number
}

export interface Promotion extends PromotedEntry {
  /** The first change of the epoch. */
  readonly serial: Serial
  /** Of the change before it. */
  readonly hashBefore: string
  /** An instant. */
  readonly at: number
}

/** Makes this server the one that writes. Returns the epoch that begins. */
export function promote(ledger: Ledger, uuid: string): Promise<number> {
  return ledger.beginEpoch('root', async (tx, epoch) => tx.set(keys.promoted(), { uuid, epoch }))
}

export const findPromoted = (ledger: Ledger): Promise<PromotedEntry | undefined> =>
  ledger.read((tx) => tx.get(keys.promoted()))

/** All there have been, in their order. */
export async function listPromotions(ledger: Ledger): Promise<Promotion[]> {
  const lives = await ledger.read((tx) => tx.history(keys.promoted()))
  return Promise.all(
    lives.map(async ({ born: serial, value }) => {
      const [first, before] = await Promise.all([ledger.change(serial), ledger.change(serial - 1)])
      return { ...value, serial, at: first?.at ?? 0, hashBefore: before?.hash ?? '' }
    }),
  )
}
