/** What the files for service managers and web servers are written from. */

export interface Service {
  /** The program and its arguments: whole paths, for it is started in no certain folder. */
  readonly command: readonly string[]
  /** Who runs it. */
  readonly user: string
  /** The server's own address, as a proxy on the same machine writes it: `127.0.0.1:3141`. */
  readonly address: string
  /** Where clients reach the proxy, if that was said. */
  readonly outsideUrl: URL | undefined
  /** The same for documentation alone. */
  readonly docsUrl: URL | undefined
  /** The largest body of a request in bytes; undefined: the server judges by itself. */
  readonly maxBodySize: number | undefined
  /** The folder of blobs, if nginx is to send files from there. */
  readonly blobFolder: string | undefined
  /** How long a page that a proxy keeps may outlive the server that made it, in milliseconds. */
  readonly mirrorCacheExpiry: number
  /** How long the server may take to stop, in milliseconds. */
  readonly drainTimeout: number
}

/** Files by their names. */
export type ServiceFiles = Readonly<Record<string, string>>
