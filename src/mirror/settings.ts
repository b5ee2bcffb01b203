/** What the mirrors are told by the configuration. Index options may override some of it. */

export interface MirrorSettings {
  /** How long a request for a page waits for upstream before it gets what is known. */
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs: number
  /** How long upstream may take until it begins to answer. */
  readonly firstByteTimeoutMs: number
  /** How long it may be silent in the middle of an answer. */
  readonly stallTimeoutMs: number
  /** For how long links are taken as fresh, where the index does not say. */
  readonly cacheExpiryMs: number
  /** For how long links that are no longer fresh are served at once, and looked at behind the answer. */
  readonly staleForMs: number
  /** How long such an answer waits for upstream all the same, which may be quick. */
  readonly staleWaitMs: number
  /** The core metadata of what is looked at first is made before anybody asks for it. */
  readonly makesAhead: boolean
  readonly userAgent: string
  /** Of a replica: what its primary cannot give of files is fetched from their upstreams. */
  readonly filesAlone?: boolean
  /** Nothing is asked of any upstream; what is here is served. */
  readonly offline: boolean
}
