/** Files, results and documentation of devpi's export as entries here. */
import type { Sha256 } from '#base/digest'
import { distributionVersion, parseFilename } from '#python/filename'
import { readLicence } from '#python/licence'
import { metadataField } from '#python/metadata'
import type { ProjectName } from '#python/name'
import type { ArchiveFacts } from '#registry/archive-facts'
import type { DocsEntry } from '#registry/docs'
import { instant, type FileEntry, type LogEntry } from '#registry/files'
import type { ToxresultEntry } from '#registry/toxresults'
import type { FileDesc } from './file-desc.ts'
import { cameAt, uploaderIn } from './log-entries.ts'

export interface FileFacts {
  readonly digest: Sha256
  readonly size: number
  readonly archive: ArchiveFacts
}

export interface FilePlaceFacts {
  readonly index: string
  readonly project: ProjectName
  /** As it was sent. */
  readonly version: string
  /** The time of the import, in milliseconds. */
  readonly now: number
  /** What the release's metadata asks for, where the file itself does not tell. */
  readonly requiresPython: string | undefined
}

/** A file of a stage. */
export function stageFileEntry(
  desc: FileDesc,
  { digest, size, archive }: FileFacts,
  { index, project, version, now, requiresPython }: FilePlaceFacts,
): FileEntry {
  const ofFile = distributionVersion(desc.filename, project) ?? version
  const { metadata } = archive
  const log = desc.log ?? importLog(index, now)
  const uploadedAt = desc.modifiedAt ?? cameAt(desc.log)
  return {
    digest,
    hashes: { sha256: digest },
    size,
    version: ofFile,
    release: version === ofFile ? undefined : version,
    ...(uploadedAt !== undefined && { uploadedAt: new Date(uploadedAt).toISOString() }),
    addedAt: cameAt(desc.log) ?? desc.modifiedAt ?? now,
    requiresPython: metadata ? metadataField(metadata, 'requires_python') : requiresPython,
    metadata: archive.digest,
    licence: metadata && readLicence(metadata),
    uploader: uploaderIn(desc.log),
    log,
  }
}

/** A mirrored file: known under the hashes that upstream listed, so that its address stays what it was. */
export function mirrorFileEntry(
  desc: FileDesc,
  { digest, size, archive }: FileFacts,
  {
    project,
    version,
    now,
    requiresPython,
    yanked,
  }: FilePlaceFacts & { readonly yanked: FileEntry['yanked'] },
): FileEntry {
  const ofFile = distributionVersion(desc.filename, project) ?? version
  return {
    digest,
    hashes: desc.hashes,
    size,
    version: ofFile,
    release: version === ofFile ? undefined : version,
    addedAt: now,
    ...(desc.modifiedAt !== undefined && { modifiedAt: desc.modifiedAt }),
    requiresPython: requiresPython === '' ? undefined : requiresPython,
    ...(yanked !== undefined && { yanked }),
    metadata: archive.digest,
    licence: archive.metadata && readLicence(archive.metadata),
    upstream: { url: withoutSecrets(desc.url ?? '') },
  }
}

function withoutSecrets(address: string): string {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  url.hash = ''
  return url.href
}

export const docsEntry = (
  desc: FileDesc,
  { digest, size }: FileFacts,
  { index, now }: FilePlaceFacts,
): DocsEntry => ({
  digest,
  size,
  // What is logged may be a second later.
  addedAt: desc.modifiedAt ?? cameAt(desc.log) ?? now,
  uploader: uploaderIn(desc.log),
  log: desc.log ?? importLog(index, now),
})

export const toxresultEntry = (
  desc: FileDesc,
  { digest, size }: FileFacts,
  { index, now }: FilePlaceFacts,
): ToxresultEntry => ({
  digest,
  size,
  addedAt: desc.modifiedAt ?? cameAt(desc.log) ?? now,
  log: desc.log ?? importLog(index, now),
})

/** As devpi writes it for what has no log. */
const importLog = (dst: string, at: number): LogEntry[] => [
  { what: 'upload', who: '<import>', when: instant(at), dst },
]

/** The version of a file of a dump that does not name it: as the name spells it. */
export function versionInName(filename: string, project: ProjectName): string | undefined {
  return parseFilename(filename, project)?.versionText
}
