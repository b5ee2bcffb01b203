/** A file of devpi that has come: what it tells of itself, and its entry in the ledger. */
import { sha256, type Sha256 } from '#base/digest'
import type { WriteTransaction } from '#ledger/transaction'
import { ArchiveProblem } from '#python/archive-problem'
import { packageType } from '#python/filename'
import { readLicence } from '#python/licence'
import { metadataField } from '#python/metadata'
import { normalizeLoosely } from '#python/name'
import { readSdistMetadata } from '#python/sdist-archive'
import { readWheelMetadata } from '#python/wheel-archive'
import type { FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import { devpiKeys, type Coming } from './keys.ts'
import { isStillComing } from './translate-files.ts'

export interface Arrived {
  readonly digest: Sha256
  readonly size: number
  readonly told: Pick<FileEntry, 'metadata' | 'licence'>
}

/** What an index shows of an archive that is read from within. Nothing of one that cannot be read. */
export async function readTold(path: string, coming: Coming): Promise<Arrived['told']> {
  if (coming.rel !== 'releasefile') return {}
  const { filename, project } = coming.file
  const type = packageType(filename)
  if (type !== 'bdist_wheel' && type !== 'sdist') return {}
  try {
    const isWheel = type === 'bdist_wheel'
    const { bytes, metadata } = await (isWheel ? readWheelMetadata : readSdistMetadata)(
      path,
      filename,
    )
    if (normalizeLoosely(metadataField(metadata, 'name') ?? '') !== project) return {}
    return { ...(isWheel && { metadata: sha256(bytes) }), licence: readLicence(metadata) }
  } catch (error) {
    if (error instanceof ArchiveProblem) return {}
    throw error
  }
}

/** Makes the entry whole, or makes it; nothing where it is not wanted any more. */
export async function recordArrived(
  tx: WriteTransaction,
  relpath: string,
  arrived: Arrived,
): Promise<void> {
  const coming = await isStillComing(tx, relpath)
  if (!coming) return
  const { digest, size, told } = arrived
  const { sha256: expected } = coming.hashes
  if (expected !== undefined && expected !== digest) return // it was replaced meanwhile
  tx.remove(devpiKeys.coming(relpath))
  if (coming.rel === 'doczip') {
    const { index, project, version } = coming.release
    tx.set(keys.docs(index, project, version), { ...coming.entry, digest, size })
  } else if (coming.rel === 'toxresult') {
    tx.set(keys.toxresult(coming.file, coming.name), { ...coming.entry, digest, size })
  } else {
    const { index, project, filename } = coming.file
    const key = keys.file(index, project, filename)
    const entry = await tx.get(key)
    if (!entry) return
    // A mirror's own entry says what upstream says; the rest is looked for when it is asked for.
    tx.set(key, { ...entry, digest, size, ...(!entry.upstream && told) })
  }
}
