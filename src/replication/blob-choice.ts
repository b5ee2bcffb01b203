/** Which blobs a replica gets before anybody asks for them, and keeps. The ledger is always whole. */
import type { Serial } from '#ledger/key'

export interface Looked {
  readonly path: string
  readonly value: unknown
  readonly isWanted: boolean
}

export interface BlobChoice {
  /** Another one for each choice: where it has changed, all is looked at again. */
  readonly name: string
  /** None at all is got ahead. */
  readonly isNothing: boolean
  /** Whether a blob is wanted depends on other entries, those without a blob included. */
  readonly isRelative: boolean
  /**
   * The entry that a change has set (or removed: undefined), and those besides of which it may have changed whether
   * they are wanted. `serial`: of the change, or of any state that holds the entry.
   */
  look(path: string, value: unknown, serial: Serial): Promise<readonly Looked[]>
}

export const allBlobs: BlobChoice = {
  name: 'all',
  isNothing: false,
  isRelative: false,
  look: async (path, value) => [{ path, value, isWanted: true }],
}

export const noBlobs: BlobChoice = {
  name: 'on-demand',
  isNothing: true,
  isRelative: false,
  look: async (path, value) => [{ path, value, isWanted: false }],
}
