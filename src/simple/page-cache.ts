/**
 * Rendered pages, kept with the ledger keys and ranges they were built from. The first change to one of
 * those drops the page, so nobody ever lists what a change makes stale.
 */
import { LRUCache } from 'lru-cache'
import { waitFor } from '#base/waits'
import type { Serial } from '#ledger/key'
import type { ChangeNotice, Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import { Page } from './page.ts'

interface Kept {
  readonly page: Page<unknown>
  readonly reads: ReadonlySet<string>
  readonly weight: number
}

export interface Built<Extra> {
  readonly text: string | Buffer
  readonly extra: Extra
  /** Bytes that `extra` takes, where they count. */
  readonly weight?: number
  /** It depends on more than the ledger tells, and is not kept. */
  readonly isPassing?: boolean | undefined
}

/** Room that a page takes besides its bytes. */
const OVERHEAD_BYTES = 1024
/** How many changes are remembered while pages are being built; if there are more, a page is not kept. */
const RECENT_LIMIT = 256

export class PageCache {
  readonly #ledger: Ledger
  readonly #pages: LRUCache<string, Kept>
  /** Key paths and range prefixes to the names of the pages that were built from them. */
  readonly #readers = new Map<string, Set<string>>()
  readonly #building = new Map<string, Promise<Page<unknown>>>()
  /** Changes since the oldest build under way began. */
  #recent: ChangeNotice[] = []
  readonly #stop: () => void
  /** How often a page was here, had to be made, and was being made already. */
  readonly counts = { hits: 0, misses: 0, waits: 0 }

  constructor(ledger: Ledger, maxBytes: number) {
    this.#ledger = ledger
    this.#pages = new LRUCache<string, Kept>({
      maxSize: maxBytes,
      sizeCalculation: ({ page, weight }) => page.size + weight + OVERHEAD_BYTES,
      dispose: ({ reads }, name) => this.#forget(name, reads),
    })
    this.#stop = ledger.follow((notice) => this.#hear(notice))
  }

  #hear(notice: ChangeNotice): void {
    if (this.#building.size > 0) this.#recent.push(notice)
    if (this.#recent.length > RECENT_LIMIT) this.#recent.shift()
    for (const path of notice.paths) for (const read of ancestors(path)) this.#drop(read)
  }

  /** The page of that name, if it is here and still true as of the ledger's last `catchUp`. */
  find<Extra>(name: string): Page<Extra> | undefined {
    const kept = this.#pages.get(name)
    if (kept) this.counts.hits++
    return kept?.page as Page<Extra> | undefined
  }

  /** Builds a page and keeps it; one build at a time per name, however many ask. */
  async build<Extra>(
    name: string,
    render: (tx: ReadTransaction) => Promise<Built<Extra>>,
  ): Promise<Page<Extra>> {
    const building = `${name}@${this.#ledger.serial}`
    let running = this.#building.get(building) as Promise<Page<Extra>> | undefined
    if (running) this.counts.waits++
    else {
      this.counts.misses++
      running = this.#render(name, render).finally(() => this.#endBuild(building))
      this.#building.set(building, running)
    }
    return waitFor('render', running)
  }

  #endBuild(building: string): void {
    this.#building.delete(building)
    if (this.#building.size === 0) this.#recent = []
  }

  async #render<Extra>(
    name: string,
    render: (tx: ReadTransaction) => Promise<Built<Extra>>,
  ): Promise<Page<Extra>> {
    const { value, serial, reads } = await this.#ledger.readTracked(render)
    const page = await Page.of(value.text, value.extra, name)
    if (!value.isPassing && this.#isStillTrue(serial, reads)) {
      this.#keep(name, { page, reads, weight: value.weight ?? 0 })
    }
    return page
  }

  /** Whether no change that was told while the page was being built touches what it was built from. */
  #isStillTrue(serial: Serial, reads: ReadonlySet<string>): boolean {
    if (serial === this.#ledger.serial) return true
    const since = this.#recent.filter((notice) => notice.serial > serial)
    if (since.length < this.#ledger.serial - serial) return false
    return !since.some(({ paths }) =>
      paths.some((path) => ancestors(path).some((a) => reads.has(a))),
    )
  }

  #keep(name: string, kept: Kept): void {
    this.#pages.set(name, kept)
    if (this.#pages.peek(name) !== kept) return
    kept.page.onGrowth = () => {
      if (this.#pages.peek(name)?.page === kept.page) this.#keepGrown(name, kept)
    }
    this.#register(name, kept.reads)
  }

  #keepGrown(name: string, kept: Kept): void {
    this.#pages.set(name, { ...kept })
    if (this.#pages.peek(name)?.page === kept.page) this.#register(name, kept.reads)
  }

  #register(name: string, reads: ReadonlySet<string>): void {
    for (const path of reads) {
      const readers = this.#readers.get(path)
      if (readers) readers.add(name)
      else this.#readers.set(path, new Set([name]))
    }
  }

  #forget(name: string, reads: ReadonlySet<string>): void {
    for (const path of reads) {
      const readers = this.#readers.get(path)
      readers?.delete(name)
      if (readers?.size === 0) this.#readers.delete(path)
    }
  }

  #drop(path: string): void {
    for (const name of this.#readers.get(path) ?? []) this.#pages.delete(name)
  }

  /** Bytes of all that is kept, as the limit counts them. */
  get size(): number {
    return this.#pages.calculatedSize
  }

  close(): void {
    this.#stop()
    this.#pages.clear()
  }
}

/** A key's path and the prefixes of all ranges that it lies in. */
function ancestors(path: string): string[] {
  const found = [path]
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    found.push(path.slice(0, slash + 1))
  }
  return found
}
