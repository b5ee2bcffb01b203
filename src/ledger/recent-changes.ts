/** The last changes that went through this process: who follows the ledger reads them as they are committed. */
import type { Change } from './change.ts'
import type { Serial } from './key.ts'

/** Characters of all that is kept. */
const ROOM = 640 * 1024

/**
 * How many are kept at most. They stand in a ring that is made once: a Map that things come into and go out of is made
 * anew again and again, and what each of its former tables still points to outlives many collections of garbage.
 */
const PLACES = 1024

/** What an entry, or a change, takes beside its text. */
const OVERHEAD = 100

export class RecentChanges {
  readonly #ring: (Change | undefined)[] = Array.from({ length: PLACES })
  readonly #room: number
  #size = 0
  /** Nothing before it is kept. */
  #first: Serial | undefined

  constructor(room = ROOM) {
    this.#room = room
  }

  /** Only what has been committed, in order. One too large for this place is left out. */
  add(change: Change): void {
    const size = sizeOf(change)
    if (size > this.#room / 2 || this.find(change.serial)) return
    this.#remove(change.serial - PLACES)
    this.#ring[change.serial % PLACES] = change
    this.#size += size
    this.#first = Math.max(this.#first ?? change.serial, change.serial - PLACES + 1)
    while (this.#size > this.#room) this.#remove(this.#first++)
  }

  find(serial: Serial): Change | undefined {
    const change = serial < 0 ? undefined : this.#ring[serial % PLACES]
    return change?.serial === serial ? change : undefined
  }

  #remove(serial: Serial): void {
    const change = this.find(serial)
    if (!change) return
    this.#ring[serial % PLACES] = undefined
    this.#size -= sizeOf(change)
  }
}

const sizeOf = ({ entries }: Change): number =>
  entries.reduce(
    (sum, { path, value }) => sum + path.length + (value?.length ?? 0) + OVERHEAD,
    OVERHEAD,
  )
