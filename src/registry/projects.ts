/** Projects of an index. */

export interface ProjectEntry {
  /** The name as it was first spelt. */
  readonly name: string
  /** PEP 792 status, where it is not `active`. */
  readonly status?: ProjectStatus
  readonly upstream?: UpstreamProject
}

export interface ProjectStatus {
  readonly status: string
  readonly reason?: string
}

/** What a mirror knows of its upstream's page. */
export interface UpstreamProject {
  /** The `mirror_url` that the links came from. */
  readonly from: string
  /** SHA-256 over the links, to tell whether a remembered ETag belongs to what is in the ledger. */
  readonly fingerprint: string
  /** Upstream's `X-PyPI-Last-Serial`, where it sends one. */
  readonly lastSerial?: number
}
