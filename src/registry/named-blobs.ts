/** Which blobs an entry of the ledger names: what must be in a store for it to be whole. */
import type { Sha256 } from '#blobs/blob-store'

/** `path`: of the entry's key. Of a mirrored file, its bytes once they have been here. */
export function namedBlobs(path: string, value: unknown): Sha256[] {
  if (!/^(?:file|docs|toxresult)\//.test(path)) return []
  const { digest, attestations } = value as { digest?: Sha256; attestations?: Sha256 }
  return [digest, attestations].filter((one) => one !== undefined)
}
