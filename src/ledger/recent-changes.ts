/** The last changes that went through this process: who follows the ledger reads them as they are committed. */
import type { Change } from './change.ts'
import type { Serial } from './key.ts'

/** Characters of all that is kept. */
const ROOM = 2 * 1024 * 1024

/** What an entry, or a change, takes beside its text. */
const OVERHEAD = 100

export class RecentChanges {
  readonly #changes = new Map<Serial, Change>()
  readonly #room: number
  #size = 0

  constructor(room = ROOM) {
    this.#room = room
  }

  /** Only what has been committed. One too large for this place is left out. */
  add(change: Change): void {
    const size = sizeOf(change)
    if (size > this.#room / 2 || this.#changes.has(change.serial)) return
    this.#changes.set(change.serial, change)
    this.#size += size
    for (const [serial, oldest] of this.#changes) {
      if (this.#size <= this.#room) return
      this.#changes.delete(serial)
      this.#size -= sizeOf(oldest)
    }
  }

  find(serial: Serial): Change | undefined {
    return this.#changes.get(serial)
  }
}

const sizeOf = ({ entries }: Change): number =>
  entries.reduce(
    (sum, { path, value }) => sum + path.length + (value?.length ?? 0) + OVERHEAD,
    OVERHEAD,
  )
