/** The documentation of a release: one zip, kept as it came. What is in it is read where it is served. */
import { refuse } from '#base/refusal'
import type { Sha256 } from '#blobs/blob-store'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { compareVersionTexts } from '#python/version-order'
import { logUpload, mergeRelease, type LogEntry } from './files.ts'
import type { IndexName, StageEntry } from './indexes.ts'
import { keys } from './keys.ts'
import type { GivenMetadata } from './releases.ts'

export interface DocsEntry {
  readonly digest: Sha256
  /** Bytes of the zip. */
  readonly size: number
  /** When its entry was made here, in milliseconds. */
  readonly addedAt: number
  /** Who uploaded it. */
  readonly uploader?: string | undefined
  readonly log: readonly LogEntry[]
}

/** The name that the zip is served under, whatever it was called when it came. */
export const docsFilename = (project: ProjectName, version: string): string =>
  `${project}-${version}.doc.zip`

/** A zip of documentation as it comes in, its bytes already in the blob store. */
export interface DocsUpload {
  readonly project: ProjectName
  /** Undefined for that of the latest release. */
  readonly release: DocsRelease | undefined
  /** As the client called it. */
  readonly filename: string
  readonly digest: Sha256
  readonly size: number
}

/** The release as the form has it: it is made known where it is not. */
export interface DocsRelease {
  readonly name: string
  readonly version: string
  readonly fields: GivenMetadata
}

type Outcome = 'adds' | 'replaces' | 'changes nothing'

/**
 * What the upload would do. As with files, the same bytes again change nothing, and other bytes are refused
 * where the index is not volatile. Refuses also what names no version for a project without any.
 */
export async function judgeDocs(
  tx: ReadTransaction,
  index: IndexName,
  { volatile }: StageEntry,
  upload: DocsUpload,
): Promise<Outcome> {
  const { project, filename, digest } = upload
  const version = await getVersion(tx, index, upload)
  const present = await tx.get(keys.docs(index, project, version))
  if (!present) return 'adds'
  if (present.digest === digest) return 'changes nothing'
  if (!volatile) throw refuse('file-exists', { filename })
  return 'replaces'
}

/** Records the documentation, if `judgeDocs` lets it. */
export async function addDocs(
  tx: WriteTransaction,
  index: IndexName,
  stage: StageEntry,
  upload: DocsUpload & { readonly uploader: string | undefined },
): Promise<Outcome> {
  const outcome = await judgeDocs(tx, index, stage, upload)
  if (outcome === 'changes nothing') return outcome

  const { project, release, digest, size, uploader } = upload
  const key = keys.docs(index, project, await getVersion(tx, index, upload))
  const log = logUpload(tx.time, index, uploader, await tx.get(key))
  tx.set(key, { digest, size, addedAt: tx.time, uploader, log })
  if (release) await mergeRelease(tx, index, { project, ...release })
  return outcome
}

async function getVersion(
  tx: ReadTransaction,
  index: IndexName,
  { project, release }: DocsUpload,
): Promise<string> {
  if (release) return release.version
  const versions = await tx.listNames(keys.versions(index, project))
  const latest = versions.toSorted(compareVersionTexts).at(-1)
  if (latest !== undefined) return latest
  const reason = `doczip has no version and '${project}' has no releases to derive one from`
  throw refuse('upload-invalid', { reason })
}
