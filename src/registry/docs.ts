/** The documentation of a release: one zip, kept as it came. What is in it is read where it is served. */
import type { Sha256 } from '#blobs/blob-store'
import type { ProjectName } from '#python/name'
import type { LogEntry } from './files.ts'

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
