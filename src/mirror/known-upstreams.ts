/** Which upstreams somebody may know of: those that are asked for a mirror that they may read. */
import type { Identity } from '#base/identity'
import { mostRecent } from '#base/most-recent'
import { isModifier } from '#registry/access'
import type { IndexGraph } from '#registry/index-graph'
import type { IndexName } from '#registry/indexes'
import type { Reading, ReadingLimits } from '#registry/reading'
import { parseAddress } from './address.ts'
import type { Askers } from './askers.ts'

/** Of an origin: scheme, host and port. */
export type MayKnow = (origin: string) => boolean

interface Needs {
  readonly graph: IndexGraph
  readonly reading: Reading
  readonly askers: Askers
}

/** What was worked out is kept for so many pairs of an upstream and a reader. */
const MOST_KEPT = 10_000

export class KnownUpstreams {
  readonly #needs: Needs
  #graphRevision = -1
  #askersRevision = -1
  #mirrors: ReadonlyMap<string, readonly IndexName[]> = new Map()
  readonly #kept = mostRecent<string, { readonly isKnown: boolean }>(MOST_KEPT)

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** At once where no index has changed since the last call. */
  now(who: Identity): MayKnow | Promise<MayKnow> {
    const limits = this.#needs.reading.now()
    return 'isOpen' in limits
      ? this.#knownTo(who, limits)
      : limits.then((read) => this.#knownTo(who, read))
  }

  /** The mirrors that somebody may read, by name. */
  async mirrors(who: Identity): Promise<IndexName[]> {
    const limits = await this.#needs.reading.now()
    return [...this.#needs.graph.indexes]
      .flatMap(([name, { kind }]) => (kind === 'mirror' && limits.mayRead(name, who) ? [name] : []))
      .toSorted()
  }

  #knownTo(who: Identity, limits: ReadingLimits): MayKnow {
    if (limits.isOpen || isModifier(who)) return () => true
    const reader = JSON.stringify([who.user, who.groups])
    return (origin) => {
      this.#refresh()
      const key = `${origin} ${reader}`
      const kept = this.#kept.get(key)
      if (kept) return kept.isKnown
      const isKnown = this.#mirrorsAt(origin).some((index) => limits.mayRead(index, who))
      this.#kept.set(key, { isKnown })
      return isKnown
    }
  }

  #mirrorsAt(origin: string): IndexName[] {
    return [...this.#needs.askers.of(origin)].flatMap((url) => this.#mirrors.get(url) ?? [])
  }

  #refresh(): void {
    const { graph, askers } = this.#needs
    const isSame =
      this.#graphRevision === graph.revision && this.#askersRevision === askers.revision
    if (isSame) return
    if (this.#graphRevision !== graph.revision) this.#mirrors = mirrorsByUrl(graph)
    this.#graphRevision = graph.revision
    this.#askersRevision = askers.revision
    this.#kept.clear()
  }
}

function mirrorsByUrl({ indexes }: IndexGraph): Map<string, IndexName[]> {
  const found = new Map<string, IndexName[]>()
  for (const [name, { upstream }] of indexes) {
    if (upstream?.url === undefined || !URL.canParse(upstream.url)) continue
    const { url } = parseAddress(upstream.url, upstream.layout)
    const known = found.get(url)
    if (known) known.push(name)
    else found.set(url, [name])
  }
  return found
}
