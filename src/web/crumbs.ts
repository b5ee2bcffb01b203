/** The path above a page, as far as its address goes. */
import type { Addresses } from './addresses.ts'
import type { Crumb } from './frame.ts'

/** `names`: user, index, project, version. */
export const crumbs = (addresses: Addresses, ...names: readonly string[]): Crumb[] =>
  names.map((title, at) => ({ title, address: addresses.at(...names.slice(0, at + 1)) }))
