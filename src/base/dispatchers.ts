/** The connections to other servers: pooled, through proxies where the environment names them. */
import type { LookupFunction } from 'node:net'
import type { Dispatcher, ProxyAgent } from 'undici'

export interface ConnectionSettings {
  readonly connectTimeoutMs: number
  /** How long the other side may be silent, before its answer or in the middle of one. */
  readonly stallTimeoutMs: number
  /** How long it may take until an answer begins; as long as any other silence where it is not said. */
  readonly firstByteTimeoutMs?: number
  /** PEM texts: who we are, and whom to trust beside those that the machine trusts. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly ca?: string | undefined
  /** In place of what the environment names; may embed credentials. */
  readonly proxy?: string | undefined
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

  /** Lets what runs come to its end. */
  async close(): Promise<void> {
    const all = [this.#plain, this.#secure].map(async (dispatcher) => (await dispatcher)?.close())
    await Promise.allSettled(all)
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
    const { cert, key, ca: more } = this.#settings
    const system = tls.getCACertificates('system')
    const ca = [...new Set([...own, ...system, ...(more === undefined ? [] : [more])])]
    return this.#make({ secureContext: tls.createSecureContext({ ca, cert, key }) })
  }

  async #make(trust: object): Promise<Dispatcher> {
    const { EnvHttpProxyAgent, ProxyAgent } = await import('undici')
    const { connectTimeoutMs, stallTimeoutMs, lookup, proxy } = this.#settings
    const { firstByteTimeoutMs = stallTimeoutMs } = this.#settings
    const connect = { timeout: connectTimeoutMs, ...(lookup && { lookup }), ...trust }
    const options = {
      connections: CONNECTIONS,
      allowH2: false,
      connect,
      requestTls: connect,
      proxyTls: connect,
      headersTimeout: firstByteTimeoutMs,
      bodyTimeout: stallTimeoutMs,
    }
    return proxy === undefined
      ? new EnvHttpProxyAgent(options)
      : proxyAgent(ProxyAgent, proxy, options)
  }
}

/** The library takes the proxy's credentials as a header. */
function proxyAgent(
  Agent: typeof ProxyAgent,
  proxy: string,
  options: Omit<ProxyAgent.Options, 'uri'>,
): Dispatcher {
  const url = new URL(proxy)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const token = username === '' ? {} : { token: `Basic ${Buffer.from(pair).toString('base64')}` }
  return new Agent({ ...options, ...token, uri: url.href })
}
