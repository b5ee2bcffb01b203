/** What the mirrors are told by the configuration. Index options may override some of it. */

export interface MirrorSettings {
  /** How long a request for a page waits for upstream before it gets what is known. */
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs: number
  /** How long upstream may be silent, before its answer or in the middle of one. */
  readonly stallTimeoutMs: number
  /** For how long links are taken as fresh, where the index does not say. */
  readonly cacheExpiryMs: number
  readonly userAgent: string
  /** Nothing is asked of any upstream; what is here is served. */
  readonly offline: boolean
}
