/** What a mirror can offer while no upstream may be asked: the projects that are known, and the files that are here. */
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import type { ProjectName } from '#python/name'
import type { FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'

/** However old the links are, none better can be had. */
export async function offlineStanding(
  ledger: Ledger,
  index: IndexName,
  project: ProjectName,
): Promise<'fresh' | 'missing'> {
  const known = await ledger.read((tx) => tx.get(keys.project(index, project)))
  return known ? 'fresh' : 'missing'
}

/** Those of the links that lead to bytes. */
export async function onlyStored<L extends { readonly file: FileEntry }>(
  blobs: BlobStore,
  links: readonly L[],
): Promise<L[]> {
  const isStored = await Promise.all(links.map(({ file }) => isHere(blobs, file)))
  return links.filter((_, position) => isStored[position])
}

async function isHere(blobs: BlobStore, { digest, upstream }: FileEntry): Promise<boolean> {
  if (!upstream) return true
  return digest !== undefined && (await blobs.size(digest)) !== undefined
}
