/**
 * A fence: this ledger's history goes on elsewhere, in a later epoch, and what were written here would be lost. It lies in
 * the store itself, and each writer looks at it when it has the store for itself, whatever process it is in.
 *
 * Whoever promotes by a lease (several machines on one store) need do nothing else: begin an epoch when the lease is
 * taken (`Ledger.beginEpoch`); who held it before is in an epoch that has ended.
 */
import type { Serial } from './key.ts'

export interface Fence {
  /** The one that is written in elsewhere. */
  readonly epoch: number
  /** The identity of the server that writes in it, and where it is, as far as it was told. */
  readonly by?: string | undefined
  readonly url?: string | undefined
  /** An instant: when it was heard of. */
  readonly at: number
  /** The first change here that the other history does not have, if there is one; undefined where it is not known. */
  readonly lateFrom?: Serial | undefined
}

/** The two together: the later epoch, and all that was told of it. */
export function joinFences(known: Fence | undefined, heard: Fence): Fence {
  if (!known || heard.epoch > known.epoch) return heard
  if (heard.epoch < known.epoch) return known
  return {
    ...known,
    by: known.by ?? heard.by,
    url: heard.url ?? known.url,
    lateFrom: known.lateFrom ?? heard.lateFrom,
  }
}
