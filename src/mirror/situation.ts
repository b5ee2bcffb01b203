/** What the ledger says of a mirror and of one of its projects, as far as upstream is concerned. */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { IndexName, MirrorEntry } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { ProjectEntry } from '#registry/projects'
import { addressOf, type UpstreamAddress } from './address.ts'
import type { Look } from './local-state.ts'

export interface Situation {
  readonly mirror: MirrorEntry
  readonly address: UpstreamAddress
  /** Links made from another basis may differ though upstream's page is the same. */
  readonly basis: string
  readonly known: ProjectEntry | undefined
}

/** Refuses an index that is no mirror, and one whose upstream is unknown. */
export async function getSituation(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
): Promise<Situation> {
  const mirror = await getMirror(tx, index)
  const address = getAddress(mirror, index)
  const known = await tx.get(keys.project(index, project))
  return { mirror, address, basis: basisOf(mirror, address), known }
}

export async function getMirror(tx: ReadTransaction, index: IndexName): Promise<MirrorEntry> {
  const entry = await tx.get(keys.index(index))
  if (entry?.type !== 'mirror') throw refuse('index-missing', { index })
  return entry
}

/** Whether a remembered look was at the links that the ledger has now. */
export function isLookAt(look: Look | undefined, { basis, known }: Situation): look is Look {
  return (
    look !== undefined && look.basis === basis && look.fingerprint === known?.upstream?.fingerprint
  )
}

/** Whether the mirror asks the same upstream in the same way as before. */
export async function hasBasis(
  tx: ReadTransaction,
  index: IndexName,
  basis: string,
): Promise<boolean> {
  const entry = await tx.get(keys.index(index))
  const address = entry?.type === 'mirror' ? addressOf(entry) : undefined
  return entry?.type === 'mirror' && address !== undefined && basisOf(entry, address) === basis
}

/** For what needs no upstream to be known, but is asked with its credentials where they belong. */
export async function findAddress(
  tx: ReadTransaction,
  index: IndexName,
): Promise<UpstreamAddress | undefined> {
  return addressOf(await getMirror(tx, index))
}

function getAddress(mirror: MirrorEntry, index: IndexName): UpstreamAddress {
  const address = addressOf(mirror)
  if (!address) throw refuse('upstream-unknown', { index })
  return address
}

function basisOf(mirror: MirrorEntry, address: UpstreamAddress): string {
  const providesMetadata = mirror.mirror_provides_core_metadata ?? false
  const { url, layout, ownOnly } = address
  const unusual = layout === 'simple' && !ownOnly ? [] : [layout, ownOnly]
  return JSON.stringify([url, providesMetadata, ...unusual])
}
