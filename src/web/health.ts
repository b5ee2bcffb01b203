/** Whether all is well, in a word for every page and in sentences for the page of the status. */
import { statfs } from 'node:fs/promises'
import type { Clock } from '#base/clock'
import type { Identity } from '#base/identity'
import type { Log } from '#base/log'
import type { KnownUpstreams, MayKnow } from '#mirror/known-upstreams'
import type { Mirrors } from '#mirror/mirrors'
import { printSize } from './print.ts'

export interface Health {
  readonly status: 'ok' | 'warn' | 'fatal'
  /** devpi's words: `ok`, `degraded`, `fatal`. */
  readonly word: 'ok' | 'degraded' | 'fatal'
  readonly messages: readonly HealthMessage[]
}

export interface HealthMessage {
  readonly status: 'warn' | 'fatal'
  readonly text: string
}

export interface Disk {
  /** Bytes that are left for the server. */
  readonly free: number
  readonly size: number
}

export interface HealthNeeds {
  readonly mirrors: Mirrors
  /** Which of those that fail somebody may know of. */
  readonly upstreams: KnownUpstreams
  /** What else should worry somebody. */
  readonly worries: () => readonly HealthMessage[]
  /** Where the data lies. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
}

const LOOK_MS = 30_000
/** Of the disk; what is left is enough for a while even of a large one. */
const LITTLE = { fraction: 0.05, bytes: 5e9 }
const HARDLY_ANY = { fraction: 0.01, bytes: 1e9 }

export class HealthCheck {
  readonly #needs: HealthNeeds
  #disk: Disk | undefined
  #lookedAt = -Infinity

  constructor(needs: HealthNeeds) {
    this.#needs = needs
  }

  /** As far as the reader may know of it. At once where no index has just changed. */
  tell(who: Identity): Health | Promise<Health> {
    if (this.#needs.mirrors.listUnwell().length === 0) return this.#tell(none)
    const mayKnow = this.#needs.upstreams.now(who)
    return typeof mayKnow === 'function'
      ? this.#tell(mayKnow)
      : mayKnow.then((known) => this.#tell(known))
  }

  /** Says nothing of upstreams where that would take time. */
  tellAtOnce(who: Identity): Health {
    const health = this.tell(who)
    if ('word' in health) return health
    health.catch(() => {}) // who waits for it meets the failure too
    return this.#tell(none)
  }

  /** What is known of the disk may be half a minute old. */
  #tell(mayKnow: MayKnow): Health {
    const { clock, mirrors } = this.#needs
    if (clock.now() - this.#lookedAt > LOOK_MS) void this.look()
    const messages = [
      ...this.#tellDisk(),
      ...this.#needs.worries(),
      ...mirrors
        .listUnwell()
        .filter(({ upstream }) => mayKnow(upstream))
        .map(({ upstream, reason }): HealthMessage => {
          const why = reason === undefined ? '' : `: ${reason}`
          return { status: 'warn', text: `${upstream} fails${why}. What is known of it is served.` }
        }),
    ]
    if (messages.some(({ status }) => status === 'fatal')) {
      return { status: 'fatal', word: 'fatal', messages }
    }
    const isWell = messages.length === 0
    return { status: isWell ? 'ok' : 'warn', word: isWell ? 'ok' : 'degraded', messages }
  }

  async look(): Promise<Disk | undefined> {
    const { folder, clock, log } = this.#needs
    this.#lookedAt = clock.now()
    try {
      const { bavail, blocks, bsize } = await statfs(folder)
      this.#disk = { free: bavail * bsize, size: blocks * bsize }
    } catch (error) {
      log.warn({ error }, 'nobody says how much room the disk has')
    }
    return this.#disk
  }

  #tellDisk(): HealthMessage[] {
    const disk = this.#disk
    if (!disk) return []
    const isBelow = ({ fraction, bytes }: typeof LITTLE): boolean =>
      disk.free < bytes && disk.free < fraction * disk.size
    if (!isBelow(LITTLE)) return []
    const text = `The disk has ${printSize(disk.free)} left.`
    return [{ status: isBelow(HARDLY_ANY) ? 'fatal' : 'warn', text }]
  }
}

const none: MayKnow = () => false
