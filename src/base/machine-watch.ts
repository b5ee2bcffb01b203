/**
 * Notices that the machine has slept, that its clock was set, or that its network is another one: connections that were
 * open before may be dead without anybody saying so.
 */
import { networkInterfaces } from 'node:os'
import type { Clock } from './clock.ts'

const LOOK_MS = 1_000

/** By so much more than it should a look may be late on a busy machine. */
const LATE_MS = 5_000

export interface MachineWatchNeeds {
  readonly clock: Clock
  /** The machine's addresses, in any order that stays. */
  readonly listAddresses?: () => string
  /** It has slept, or its clock was set. */
  onJump(): void
  /** It has other addresses than before. */
  onNetwork(): void
}

export class MachineWatch {
  readonly #needs: MachineWatchNeeds
  readonly #listAddresses: () => string
  #timer: NodeJS.Timeout | undefined
  #lookedAt: number
  /** By the clock that nobody can set; it stands still while a machine sleeps, on some. */
  #ranFor: number
  #addresses: string

  constructor(needs: MachineWatchNeeds) {
    this.#needs = needs
    this.#listAddresses = needs.listAddresses ?? listOwnAddresses
    this.#lookedAt = needs.clock.now()
    this.#ranFor = performance.now()
    this.#addresses = this.#listAddresses()
  }

  /** Does not keep the process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const [now, ranFor] = [this.#needs.clock.now(), performance.now()]
    const [passed, ran] = [now - this.#lookedAt, ranFor - this.#ranFor]
    const addresses = this.#listAddresses()
    const isOther = addresses !== this.#addresses
    this.#lookedAt = now
    this.#ranFor = ranFor
    this.#addresses = addresses
    if (Math.abs(passed - LOOK_MS) > LATE_MS || ran > LOOK_MS + LATE_MS) this.#needs.onJump()
    else if (isOther) this.#needs.onNetwork()
  }
}

/** Those that other machines can be reached from. */
function listOwnAddresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all
    .filter(({ internal }) => !internal)
    .map(({ cidr, address }) => cidr ?? address)
    .join(' ')
}
