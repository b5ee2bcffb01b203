/** What makes a data folder that of a replica, or tells that it was one. */
import type { MissingBlob } from './blob-repair.ts'
import { markFile } from '#base/mark-file'

/** As long as it lies there the folder is a replica's. */
export interface ReplicaMark {
  readonly primaryUrl: string
  /** The identity of the server that was followed last; undefined before the first time. */
  readonly primaryUuid?: string | undefined
  /** The addresses that were to be followed, before this one took their place by being promoted. */
  readonly insteadOf?: readonly string[] | undefined
  /** The addresses of other replicas, which are told when this one is promoted. */
  readonly members?: readonly string[] | undefined
  /** The ledger has what the primary does not have: it is set aside at the next start. */
  readonly isParted?: boolean | undefined
}

/** The folder's server was promoted. */
export interface PromotedMark {
  readonly epoch: number
  /** Whom it followed before, and whom it was to follow by its settings. */
  readonly formerUrls?: readonly string[] | undefined
  /** Replicas that it followed beside. */
  readonly members?: readonly string[] | undefined
  /** What was not here then, and has not come since. */
  readonly missing?: readonly MissingBlob[] | undefined
}

export const {
  find: findReplicaMark,
  write: writeReplicaMark,
  remove: removeReplicaMark,
} = markFile<ReplicaMark>('replica.json')

export const {
  find: findPromotedMark,
  write: writePromotedMark,
  remove: removePromotedMark,
} = markFile<PromotedMark>('promoted.json')
