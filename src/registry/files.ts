/** The files of an index, uploaded or mirrored, and the rules for adding one. */
import type { Sha256 } from '#blobs/blob-store'
import { refuse } from '#base/refusal'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { IndexName, StageEntry } from './indexes.ts'
import { keys } from './keys.ts'
import { completeMetadata, type GivenMetadata } from './releases.ts'
import { removeRange } from './remove-range.ts'

/**
 * One file on an index. An uploaded file has a digest whose blob is in the store. A mirrored one is a link:
 * it has an `upstream`, its blob may not be here yet, and its digest is unknown until the file has been
 * here once, where upstream does not tell it.
 */
export interface FileEntry {
  readonly digest?: Sha256 | undefined
  /** Hashes as listed: for a mirrored file exactly upstream's set, for others `sha256`, with upstream's if pushed. */
  readonly hashes: Readonly<Record<string, string>>
  /** Bytes. */
  readonly size?: number
  /** The version in normal form, or as spelt where it is no PEP 440 version. */
  readonly version: string
  /** The release it belongs to, as it was sent, where that is not `version`. */
  readonly release?: string | undefined
  /** When it was uploaded, here or upstream: RFC 3339 with `Z`, as the page shows it. Never invented. */
  readonly uploadedAt?: string
  /** When its entry was made here, in milliseconds. */
  readonly addedAt: number
  /** How old a pushed file is where `uploadedAt` does not tell: as old as at the index that it came from. */
  readonly modifiedAt?: number | undefined
  readonly requiresPython?: string | undefined
  /** An SPDX expression, or what older metadata has; empty where it says nothing, absent where nobody has looked. */
  readonly licence?: string | undefined
  /** `true`, or the reason. Absent when not yanked. */
  readonly yanked?: true | string
  /**
   * SHA-256 of the core metadata file, which is served; `true` where upstream has one and does not tell it, `false` for
   * a mirrored wheel in which none can be read. Absent on one that nobody has looked into yet.
   */
  readonly metadata?: Sha256 | boolean | undefined
  /** SHA-256 of the attestations that came with the upload: a blob holding a JSON array. */
  readonly attestations?: Sha256 | undefined
  /** Who uploaded it. */
  readonly uploader?: string | undefined
  readonly upstream?: UpstreamLink
  /** What happened to it, as devpi's `log`. */
  readonly log?: readonly LogEntry[]
}

export interface UpstreamLink {
  /** Where upstream serves it; without credentials. */
  readonly url: string
  /** Upstream's provenance URL, passed through. */
  readonly provenance?: string
  /** Upstream has come to list other content under the name: what was known first stays. */
  readonly refused?: RefusedContent
}

export interface RefusedContent {
  readonly hashes: Readonly<Record<string, string>>
  /** When it was noticed, in milliseconds. */
  readonly at: number
}

export interface LogEntry {
  readonly what: 'upload' | 'push' | 'overwrite'
  readonly who: string | null
  /** `[Y, M, D, h, m, s]` UTC. */
  readonly when: readonly number[]
  readonly dst?: string
  readonly src?: string
  readonly count?: number
}

/** What an upload brings, its bytes already in the blob store. */
export interface Upload {
  readonly project: ProjectName
  /** As the client spelt it. */
  readonly name: string
  /** As the client spelt it. */
  readonly version: string
  readonly filename: string
  readonly digest: Sha256
  readonly size: number
  /** In normal form. */
  readonly fileVersion: string
  readonly requiresPython: string | undefined
  readonly metadata: Sha256 | undefined
  readonly licence?: string | undefined
  readonly attestations: Sha256 | undefined
  /** The release's metadata fields that the client sent. */
  readonly fields: GivenMetadata
}

/** A release as it is made known: by an upload, or without a file. */
export type Release = Pick<Upload, 'project' | 'name' | 'version' | 'fields'>

/**
 * What an upload would do. The same bytes again change nothing and are no error: CI jobs retry. Other bytes
 * under the same name replace the file on a volatile index and are refused on any other, and wherever
 * uploads are strict.
 */
export async function judgeUpload(
  tx: ReadTransaction,
  index: IndexName,
  stage: StageEntry,
  { project, filename, digest }: Pick<Upload, 'project' | 'filename' | 'digest'>,
): Promise<'adds' | 'replaces' | 'changes nothing'> {
  const present = await tx.get(keys.file(index, project, filename))
  if (!present) return 'adds'
  if (present.digest === digest) return 'changes nothing'
  if (stage.strict_uploads) {
    const reason = `File already exists (${filename}, with other content).`
    throw refuse('upload-invalid', { reason })
  }
  if (!stage.volatile) throw refuse('file-exists', { filename })
  return 'replaces'
}

/** Records an upload, if `judgeUpload` lets it. */
export async function addFile(
  tx: WriteTransaction,
  index: IndexName,
  stage: StageEntry,
  upload: Upload,
  uploader: string | undefined,
): Promise<'added' | 'unchanged'> {
  if ((await judgeUpload(tx, index, stage, upload)) === 'changes nothing') return 'unchanged'

  const key = keys.file(index, upload.project, upload.filename)
  const replaced = await tx.get(key)
  // They tell of other bytes.
  if (replaced) await removeRange(tx, keys.toxresultsOfFile({ index, ...upload }))
  tx.set(key, {
    digest: upload.digest,
    hashes: { sha256: upload.digest },
    size: upload.size,
    version: upload.fileVersion,
    release: upload.version === upload.fileVersion ? undefined : upload.version,
    uploadedAt: new Date(tx.time).toISOString(),
    addedAt: tx.time,
    requiresPython: upload.requiresPython,
    metadata: upload.metadata,
    licence: upload.licence,
    attestations: upload.attestations,
    uploader,
    log: logUpload(tx.time, index, uploader, replaced),
  })
  await mergeRelease(tx, index, upload)
  return 'added'
}

/** A replaced file leaves one `overwrite` entry, which counts, before that of the new upload. */
export function logUpload(
  time: number,
  dst: IndexName,
  who: string | undefined,
  replaced: Pick<FileEntry, 'log'> | undefined,
): LogEntry[] {
  const when = instant(time)
  const own: LogEntry = { what: 'upload', who: who ?? null, when, dst }
  if (!replaced) return [own]
  const earlier = replaced.log?.find(({ what }) => what === 'overwrite')?.count ?? 0
  return [{ what: 'overwrite', who: null, when, count: earlier + 1 }, own]
}

/** Makes the project and the release known; fields that are not given stay as they are. */
export async function mergeRelease(
  tx: WriteTransaction,
  index: IndexName,
  release: Release,
): Promise<void> {
  const before = await tx.get(keys.version(index, release.project, release.version))
  await setRelease(
    tx,
    index,
    before ? { ...release, fields: { ...before, ...release.fields } } : release,
  )
}

/** Makes the project and the release known; fields that are not given are empty from now on. */
export async function setRelease(
  tx: WriteTransaction,
  index: IndexName,
  { project, name, version, fields }: Release,
): Promise<void> {
  if (!(await tx.get(keys.project(index, project)))) tx.set(keys.project(index, project), { name })
  tx.set(keys.version(index, project, version), completeMetadata(fields))
}

/** What a page says of a file's core metadata; `isMade`: the file's index reads it out of wheels where upstream has none. */
export function offeredMetadata(
  { metadata, upstream }: FileEntry,
  filename: string,
  isMade: boolean,
): Sha256 | true | undefined {
  if (metadata !== undefined) return metadata === false ? undefined : metadata
  return isMade && upstream && filename.endsWith('.whl') ? true : undefined
}

/** How old its bytes are, in milliseconds, for `Last-Modified`. */
export function modifiedAt(
  entry: Pick<FileEntry, 'uploadedAt' | 'modifiedAt' | 'addedAt'>,
): number {
  if (entry.uploadedAt !== undefined) return Date.parse(entry.uploadedAt)
  return entry.modifiedAt ?? entry.addedAt
}

/** An instant as devpi's logs have it. */
export const instant = (at: number): number[] => {
  const date = new Date(at)
  return [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ]
}
