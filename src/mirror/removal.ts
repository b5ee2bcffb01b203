/**
 * Taking away what a mirror has. Upstream has it still: a file stays away until upstream's page changes or is
 * refreshed, everything else until it is asked for again. Bytes are the store's, which sweeps them.
 */
import { refuse } from '#base/refusal'
import type { WriteTransaction } from '#ledger/transaction'
import type { FoundFile } from '#registry/file-path'
import type { FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import { releaseOf } from '#registry/release-links'
import { removeProject, type ReleasePlace } from '#registry/release-removal'

/**
 * Removes a file. `stored` names those of the project whose bytes are here: with the last of them the project goes,
 * and is brought in anew when it is asked for.
 */
export async function removeMirroredFile(
  tx: WriteTransaction,
  { index, project, filename }: FoundFile,
  stored: ReadonlySet<string>,
): Promise<void> {
  tx.remove(keys.file(index, project, filename))
  const left = await tx.listNames(keys.files(index, project))
  if (!left.some((name) => name !== filename && stored.has(name))) {
    await removeProject(tx, index, project)
  }
}

/**
 * Forgets what a release's files have told since they came. Links stay, and what upstream gives no SHA-256 of is
 * fetched again. A version that the project does not have is no error.
 */
export async function forgetRelease(tx: WriteTransaction, place: ReleasePlace): Promise<void> {
  const { index, project, version } = place
  const key = keys.project(index, project)
  const known = await tx.get(key)
  if (!known) throw refuse('project-not-on-index', { project, index })
  let isForgotten = false
  for (const { name: filename, value } of await tx.list(keys.files(index, project))) {
    if (releaseOf(value) !== version || value.hashes['sha256'] !== undefined) continue
    if (value.digest === undefined) continue
    tx.set(keys.file(index, project, filename), withoutLearned(value))
    isForgotten = true
  }
  // No page has this fingerprint: the next one says again what upstream told of them.
  if (isForgotten && known.upstream) {
    tx.set(key, { ...known, upstream: { ...known.upstream, fingerprint: '' } })
  }
}

function withoutLearned(entry: FileEntry): FileEntry {
  const { digest: _digest, size: _size, metadata: _metadata, ...others } = entry
  const { uploadedAt: _at, requiresPython: _python, ...told } = others
  return told
}
