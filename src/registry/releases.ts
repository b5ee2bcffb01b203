/** Releases: core metadata by version. */

/** Core metadata as devpi shows it: text and list fields under their form names (`requires_dist`, …). */
export interface ReleaseMetadata {
  readonly [field: string]: string | readonly string[]
}
