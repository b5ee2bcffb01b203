/** The files of an index, uploaded or mirrored, and the rules for adding and removing one. */
import type { Sha256 } from '#blobs/blob-store'

/**
 * One file on an index. An uploaded file has a digest whose blob is in the store. A mirrored one is a link:
 * it has an `upstream`, its blob may not be here yet, and its digest is unknown until the file has been
 * here once, where upstream does not tell it.
 */
export interface FileEntry {
  readonly digest?: Sha256
  /** Hashes as listed: for a mirrored file exactly upstream's set, else `sha256`. */
  readonly hashes: Readonly<Record<string, string>>
  /** Bytes. */
  readonly size?: number
  /** The version in normal form, or as spelt where it is no PEP 440 version. */
  readonly version: string
  /** When it was uploaded, here or upstream: RFC 3339 with `Z`, as the page shows it. Never invented. */
  readonly uploadedAt?: string
  /** When its entry was made here, in milliseconds. */
  readonly addedAt: number
  readonly requiresPython?: string
  /** `true`, or the reason. Absent when not yanked. */
  readonly yanked?: true | string
  /** SHA-256 of the core metadata file, which is served; `true` where upstream does not tell it. */
  readonly metadata?: Sha256 | true
  /** SHA-256 of the attestations that came with the upload: a blob holding a JSON array. */
  readonly attestations?: Sha256
  /** Who uploaded it. */
  readonly uploader?: string
  readonly upstream?: UpstreamLink
  /** What happened to it, as devpi's `log`. */
  readonly log?: readonly LogEntry[]
}

export interface UpstreamLink {
  /** Where upstream serves it; without credentials. */
  readonly url: string
  /** Upstream's provenance URL, passed through. */
  readonly provenance?: string
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
