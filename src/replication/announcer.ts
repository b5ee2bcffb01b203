/** Tells those who may not know it that this server was promoted, until each has heard it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#base/log'
import { backoffDelay } from '#base/retry'
import type { Membership } from './membership.ts'
import type { Primary } from './primary.ts'

/** A server that comes back takes changes until it has heard. */
const BACKOFF = { firstDelayMs: 200, maxDelayMs: 10_000 }
const ANSWER_MS = 30_000

interface AnnouncerNeeds {
  readonly membership: Membership
  /** Closed with the announcer. */
  readonly targets: readonly Primary[]
  readonly log: Log
}

export class Announcer {
  readonly #needs: AnnouncerNeeds
  readonly #closing = new AbortController()
  #running: Promise<unknown> = Promise.resolve()

  constructor(needs: AnnouncerNeeds) {
    this.#needs = needs
  }

  start(): void {
    this.#running = Promise.all(this.#needs.targets.map((target) => this.#tell(target)))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#needs.targets.map((target) => target.close()))
    await this.#running
  }

  async #tell(target: Primary): Promise<void> {
    const { membership, log } = this.#needs
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted;) {
      try {
        const over = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
        const [{ epoch }, own] = [await membership.exchange(target, over), await membership.view()]
        if (epoch < own.epoch) throw new Error(`it stays in epoch ${epoch}`)
        log.info({ server: target.url, epoch }, 'has heard who takes changes')
        return
      } catch (error) {
        if (signal.aborted) return
        const reason = (error as Error).message
        if (failures++ === 0) log.warn({ reason }, 'a server has not heard who takes changes yet')
      }
      const delay = backoffDelay(failures, BACKOFF)
      await sleep(delay, undefined, { signal, ref: false }).catch(() => {}) // closed meanwhile
    }
  }
}
