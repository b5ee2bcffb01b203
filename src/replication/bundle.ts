/**
 * A bundle: changes and the blobs that they name, in one signed file, for where no connection goes.
 *
 * ```text
 * a line of JSON      ["wheelyard bundle", VERSION, ID]
 * frame H             {from, to, hashBefore, uuid}
 *   frame N, P, P …   {digest, size}, and its bytes: each blob before the change that names it
 *   frame C           a change, as in a stream
 * frame E             {blobs, missing}: how many there were, and how many were not there to be put in
 * ```
 */
import { StartRefused } from '#base/start-refused'
import type { Sha256 } from '#base/digest'
import type { Serial } from '#ledger/key'

/** Of the file and what is in it. Whoever does not know it does not read on. */
export const BUNDLE_VERSION = 1

export const MARK = 'wheelyard bundle'

export interface BundleHead {
  /** The first serial. */
  readonly from: Serial
  /** The last. */
  readonly to: Serial
  /** Of the change before the first; empty where there is none. */
  readonly hashBefore: string
  /** Of the server that it was made on. */
  readonly uuid: string
}

export interface BundledBlob {
  readonly digest: Sha256
  /** Bytes. */
  readonly size: number
}

export interface BundleEnd {
  readonly blobs: number
  readonly missing: number
}

/** The file, or what is in it, cannot be taken over. */
export class BundleRefused extends StartRefused {
  constructor(message: string, tries: readonly string[] = []) {
    super(message, tries)
    this.name = 'BundleRefused'
  }
}
