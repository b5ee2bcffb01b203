/** Gets what was missing when this server was promoted, from whatever member of the group has it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sha256 } from '#base/digest'
import type { Log } from '#base/log'
import { backoffDelay } from '#base/retry'
import type { BlobStore } from '#blobs/blob-store'
import { BlobFetcher } from './blob-fetcher.ts'
import type { Primary } from './primary.ts'

export interface MissingBlob {
  readonly digest: Sha256
  /** The path of the key that names it. */
  readonly neededBy: string
}

interface BlobRepairNeeds {
  readonly blobs: BlobStore
  readonly missing: readonly MissingBlob[]
  /** The addresses of members, as they are known now. */
  readonly listMembers: () => readonly string[]
  /** Closed with the repair. */
  readonly open: (url: string) => Primary
  /** Told what is still missing, each time that something came. */
  readonly onCome: (missing: readonly MissingBlob[]) => Promise<void>
  readonly log: Log
}

const BACKOFF = { firstDelayMs: 500, maxDelayMs: 15_000 }

export class BlobRepair {
  readonly #needs: BlobRepairNeeds
  readonly #closing = new AbortController()
  readonly #members = new Map<string, { primary: Primary; fetcher: BlobFetcher }>()
  #missing: readonly MissingBlob[]
  #running: Promise<void> = Promise.resolve()

  constructor(needs: BlobRepairNeeds) {
    this.#needs = needs
    this.#missing = needs.missing
  }

  get missing(): readonly MissingBlob[] {
    return this.#missing
  }

  start(): void {
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const members = [...this.#members.values()]
    await Promise.all(members.flatMap(({ primary, fetcher }) => [fetcher.close(), primary.close()]))
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; this.#missing.length > 0 && !signal.aborted; failures++) {
      try {
        if (await this.#tryAll()) failures = 0
      } catch (error) {
        this.#needs.log.error({ error }, 'what was missing at the promotion could not be stored')
      }
      const delay = backoffDelay(failures + 1, BACKOFF)
      if (this.#missing.length > 0) await sleep(delay, undefined, { signal }).catch(() => {}) // closed
    }
  }

  /** Whether something came. */
  async #tryAll(): Promise<boolean> {
    const { listMembers, onCome, log } = this.#needs
    const before = this.#missing
    for (const url of new Set(listMembers())) {
      for (const one of this.#missing) {
        if (this.#closing.signal.aborted) return false
        if (await this.#tryOne(url, one)) this.#missing = this.#missing.filter((it) => it !== one)
      }
    }
    const come = before.length - this.#missing.length
    if (come === 0) return false
    await onCome(this.#missing)
    const left = this.#missing.length
    log.info({ come, left }, 'files have come that were missing at the promotion')
    return true
  }

  async #tryOne(url: string, { digest }: MissingBlob): Promise<boolean> {
    if ((await this.#needs.blobs.size(digest)) !== undefined) return true
    try {
      await this.#fetcher(url).keep(digest)
      return true
    } catch {
      return false // another member, or another time
    }
  }

  #fetcher(url: string): BlobFetcher {
    const known = this.#members.get(url)
    if (known) return known.fetcher
    const primary = this.#needs.open(url)
    const fetcher = new BlobFetcher(primary, this.#needs.blobs)
    this.#members.set(url, { primary, fetcher })
    return fetcher
  }
}
