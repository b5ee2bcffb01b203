/**
 * Rendered pages, kept with the ledger keys and ranges they were built from. The first change to one of
 * those drops the page, so nobody ever lists what a change makes stale.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Serial } from '#ledger/key'
import type { ChangeNotice, Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import { compress, type Coding } from './compress.ts'

/** A page ready to be sent. */
export class Page<Extra> {
  readonly body: Buffer
  readonly extra: Extra
  readonly #tag: string
  readonly #forms = new Map<Coding, Buffer | Promise<Buffer>>()
  /** Called when a further form makes the page larger, with its bytes in all. */
  onGrowth: ((bytes: number) => void) | undefined

  constructor(text: string, extra: Extra) {
    this.body = Buffer.from(text)
    this.extra = extra
    this.#tag = createHash('sha256').update(this.body).digest('base64url').slice(0, 27)
    this.#forms.set('identity', this.body)
  }

  /** A strong validator: another for each coding (RFC 9110, section 8.8.3.3). */
  etag(coding: Coding): string {
    return coding === 'identity' ? `"${this.#tag}"` : `"${this.#tag}-${coding}"`
  }

  /** The page in a coding: at once where it was made before. */
  form(coding: Coding): Buffer | Promise<Buffer> {
    const made = this.#forms.get(coding)
    if (made) return made
    const making = compress(this.body, coding as Exclude<Coding, 'identity'>).then((bytes) => {
      this.#forms.set(coding, bytes)
      this.onGrowth?.(this.size)
      return bytes
    })
    this.#forms.set(coding, making)
    return making
  }

  /** Bytes of all forms that are there. */
  get size(): number {
    let bytes = 0
    for (const form of this.#forms.values()) if (Buffer.isBuffer(form)) bytes += form.length
    return bytes
  }
}

interface Kept {
  readonly page: Page<unknown>
  readonly reads: ReadonlySet<string>
}

/** Room that a page takes besides its bytes. */
const OVERHEAD_BYTES = 1024
/** How many of the last changes are remembered for pages that are being built meanwhile. */
const RECENT_LIMIT = 256

export class PageCache {
  readonly #ledger: Ledger
  readonly #pages: LRUCache<string, Kept>
  /** Key paths and range prefixes to the names of the pages that were built from them. */
  readonly #readers = new Map<string, Set<string>>()
  readonly #building = new Map<string, Promise<Page<unknown>>>()
  readonly #recent: ChangeNotice[] = []
  readonly #stop: () => void

  constructor(ledger: Ledger, maxBytes: number) {
    this.#ledger = ledger
    this.#pages = new LRUCache<string, Kept>({
      maxSize: maxBytes,
      sizeCalculation: ({ page }) => page.size + OVERHEAD_BYTES,
      dispose: ({ reads }, name) => this.#forget(name, reads),
    })
    this.#stop = ledger.follow((notice) => {
      this.#recent.push(notice)
      if (this.#recent.length > RECENT_LIMIT) this.#recent.shift()
      for (const path of notice.paths) for (const read of ancestors(path)) this.#drop(read)
    })
  }

  /** The page of that name, if it is here and still true as of the ledger's last `catchUp`. */
  find<Extra>(name: string): Page<Extra> | undefined {
    return this.#pages.get(name)?.page as Page<Extra> | undefined
  }

  /** Builds a page and keeps it; one build at a time per name, however many ask. */
  async build<Extra>(
    name: string,
    render: (tx: ReadTransaction) => Promise<{ text: string; extra: Extra }>,
  ): Promise<Page<Extra>> {
    const building = `${name}@${this.#ledger.serial}`
    let running = this.#building.get(building) as Promise<Page<Extra>> | undefined
    if (!running) {
      running = this.#render(name, render).finally(() => this.#building.delete(building))
      this.#building.set(building, running)
    }
    return running
  }

  async #render<Extra>(
    name: string,
    render: (tx: ReadTransaction) => Promise<{ text: string; extra: Extra }>,
  ): Promise<Page<Extra>> {
    const { value, serial, reads } = await this.#ledger.readTracked(render)
    const page = new Page(value.text, value.extra)
    if (this.#isStillTrue(serial, reads)) this.#keep(name, { page, reads })
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
