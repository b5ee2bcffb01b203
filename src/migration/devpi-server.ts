/** A devpi-server that is followed: where it is, and what it takes to be its replica. */
import type { Ledger } from '#ledger/ledger'
import { devpiKeys, type Followed } from './devpi/keys.ts'
import type { LocalFiles } from './devpi/local-files.ts'
import type { StretchCost } from './devpi/secret-keys.ts'

export { deriveKey, devpiCost, type StretchCost } from './devpi/secret-keys.ts'
export { DevpiServer } from './devpi/server.ts'
export type { LocalFiles } from './devpi/local-files.ts'

export interface DevpiPlace {
  readonly url: string
  /** devpi's own, unless that server was told otherwise. */
  readonly cost: StretchCost
  /** Its folder or an export of it, which is looked into first. */
  readonly local?: LocalFiles | undefined
}

/** Which devpi-server a ledger has followed, if any. */
export const findFollowed = (ledger: Ledger): Promise<Followed | undefined> =>
  ledger.read((tx) => tx.get(devpiKeys.followed()))

/** Files that were to come from there, by its paths. */
export const listMissing = (ledger: Ledger): Promise<string[]> =>
  ledger.read((tx) => tx.listNames(devpiKeys.allComing()))
