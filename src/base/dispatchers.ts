/** The connections to other servers: pooled, through proxies where the environment names them. */
import type { LookupFunction } from 'node:net'
import type { Dispatcher } from 'undici'

export interface ConnectionSettings {
  readonly connectTimeoutMs: number
  /** How long the other side may be silent, before its answer or in the middle of one. */
  readonly stallTimeoutMs: number
  /** How long it may take until an answer begins; as long as any other silence where it is not said. */
  readonly firstByteTimeoutMs?: number
  /** Finds a host's addresses, in place of the system. */
  readonly lookup?: LookupFunction
}

/** To one origin. What is asked for beyond that waits for a free one. */
const CONNECTIONS = 256

export class Dispatchers {
  readonly #settings: ConnectionSettings
  #plain: Promise<Dispatcher> | undefined
  #secure: Promise<Dispatcher> | undefined

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  /** Made on first use: the library and the certificates take their time to load. */
  for(url: string): Promise<Dispatcher> {
    return url.startsWith('https:')
      ? (this.#secure ??= this.#makeSecure())
      : (this.#plain ??= this.#make({}))
  }

  /** Breaks off everything that runs. */
  async destroy(): Promise<void> {
    const all = [this.#plain, this.#secure].map(async (dispatcher) => (await dispatcher)?.destroy())
    await Promise.allSettled(all)
  }

  /** Trusts what the machine trusts, such as a company's own authority, besides Node's own list. */
  async #makeSecure(): Promise<Dispatcher> {
    const tls = await import('node:tls')
    const own = tls.getCACertificates('default')
    const ca = [...new Set([...own, ...tls.getCACertificates('system')])]
    return this.#make({ secureContext: tls.createSecureContext({ ca }) })
  }

  async #make(trust: object): Promise<Dispatcher> {
    const { EnvHttpProxyAgent } = await import('undici')
    const { connectTimeoutMs, stallTimeoutMs, lookup } = this.#settings
    const { firstByteTimeoutMs = stallTimeoutMs } = this.#settings
    const connect = { timeout: connectTimeoutMs, ...(lookup && { lookup }), ...trust }
    return new EnvHttpProxyAgent({
      connections: CONNECTIONS,
      allowH2: false,
      connect,
      requestTls: connect,
      proxyTls: connect,
      headersTimeout: firstByteTimeoutMs,
      bodyTimeout: stallTimeoutMs,
    })
  }
}
