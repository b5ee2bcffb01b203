/** The blobs that a change names. */
import type { Sha256 } from '#base/digest'
import type { Change } from '#ledger/change'
import { namedBlobs } from '#registry/named-blobs'

export function blobsOf({ entries }: Change): Sha256[] {
  return entries.flatMap(({ path, value }) =>
    value === null ? [] : namedBlobs(path, JSON.parse(value)),
  )
}
