/**
 * The connections that upstreams are asked over: most share one pool, a mirror with certificates or a proxy of its own has
 * its own. What a public upstream leads to is no address of this machine or of a private network.
 */
import { LRUCache } from 'lru-cache'
import { Dispatchers, type ConnectionSettings } from '#base/dispatchers'
import {
  assertOpenHost,
  assertPublicHost,
  isInnerHost,
  openLookup,
  publicLookup,
} from '#base/local-addresses'
import type { Dispatcher } from 'undici'
import type { ConnectionOptions, UpstreamAddress } from './address.ts'

/** Mirrors with connections of their own; further ones close those that were used least recently. */
const MOST_POOLS = 200
/** For so long the answer of a name server is believed. */
const INNER_MS = 60_000

export class Connections {
  readonly #settings: ConnectionSettings
  readonly #pools = new LRUCache<string, Dispatchers>({
    max: MOST_POOLS,
    dispose: (pool) => void pool.close(),
  })
  readonly #inner = new LRUCache<string, boolean>({ max: 1000, ttl: INNER_MS })

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  /** Refuses addresses that are closed to everyone, or to this mirror's upstream. */
  async for(url: string, address: UpstreamAddress | undefined): Promise<Dispatcher> {
    const { hostname, port, protocol, origin } = new URL(url)
    const place = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
    const isAtHome = address === undefined || origin === address.origin
    const isNamed = [hostname, place].some((name) => address?.privateHosts?.includes(name))
    const isPublic =
      !isAtHome && !isNamed && !(await this.#isInner(new URL(address.origin).hostname))
    if (isPublic) assertPublicHost(hostname)
    else assertOpenHost(hostname)
    const { cert, key, ca, proxy } = address?.connection ?? {}
    const own = { ca, proxy, ...(isAtHome && { cert, key }) }
    return this.#pool(own, isPublic).for(url)
  }

  async destroy(): Promise<void> {
    await Promise.allSettled([...this.#pools.values()].map((pool) => pool.destroy()))
  }

  async #isInner(hostname: string): Promise<boolean> {
    const known = this.#inner.get(hostname)
    if (known !== undefined) return known
    const isInner = await isInnerHost(hostname)
    this.#inner.set(hostname, isInner)
    return isInner
  }

  #pool(options: ConnectionOptions, isPublic: boolean): Dispatchers {
    const key = JSON.stringify([options, isPublic])
    let pool = this.#pools.get(key)
    if (!pool) {
      const lookup = isPublic ? publicLookup : openLookup
      this.#pools.set(key, (pool = new Dispatchers({ ...this.#settings, ...options, lookup })))
    }
    return pool
  }
}
