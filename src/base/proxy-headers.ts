/** The headers in which proxies say what their client asked for. */
export const proxyHeaders = [
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-for',
  'x-forwarded-by',
  'forwarded',
] as const
export type ProxyHeader = (typeof proxyHeaders)[number]

export interface TrustedProxy {
  /** An IP address, `localhost` for what comes over a Unix socket, or `*`. */
  readonly address: string
  /** How many proxies stand in a row: so many entries count, from the last. */
  readonly count: number
  readonly headers: readonly ProxyHeader[]
}
