/**
 * Lists so long that decoding them anew each time would be felt: the files of a large project. A life of a key never
 * changes, so what was decoded of it once holds wherever the key's life began at the same serial.
 */
import { setImmediate } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { BackendReader, Row } from './backend.ts'
import { comparePaths } from './change.ts'
import type { Serial } from './key.ts'
import type { ListedEntry } from './transaction.ts'
import { listed } from './transaction-view.ts'

/** Keys that are read in one go: some milliseconds. */
const PORTION = 300
/** From so many entries on a list is kept. */
const LONG = 500
/** Characters of all values that are kept, as text; decoded they take some three times as many bytes. */
const MOST_KEPT = 8 * 1024 * 1024

interface Life {
  readonly born: Serial
  readonly size: number
  readonly entry: ListedEntry<unknown>
}

export interface ReadRange {
  readonly prefix: string
  /** Begin after this path (exclusive). */
  readonly after?: string | undefined
}

/** Only for what is committed: nothing else is sure to stay. */
export class LongLists {
  readonly #lists = new LRUCache<string, readonly Life[]>({
    maxSize: MOST_KEPT,
    sizeCalculation: (lives) => lives.reduce((sum, { size }) => sum + size, 0),
  })

  /** As it stood at a serial. In portions, between which others have their turns. */
  async read<V>(reader: BackendReader, range: ReadRange, at: Serial): Promise<ListedEntry<V>[]> {
    const { prefix } = range
    const isWhole = range.after === undefined
    const known = (isWhole && this.#lists.get(prefix)) || []
    const walk = new Walk(known)
    const lives: Life[] = []
    let decoded = 0
    let { after } = range
    for (;;) {
      const options = { after, limit: PORTION }
      const births = known.length > 0 ? await reader.scanBirths(prefix, at, options) : []
      const found = births.map(([path, born]) => walk.find(path, born))
      const isKnown = known.length > 0 && !found.includes(undefined)
      const rows = isKnown ? [] : await reader.scan(prefix, at, options)
      for (const [i, row] of rows.entries()) {
        if (!found[i]) decoded++
        found[i] ??= lifeOf(prefix, row)
      }
      for (const life of found) if (life) lives.push(life)
      if (found.length < PORTION) break
      after = lives.at(-1)!.entry.path
      await setImmediate()
    }
    if (isWhole && lives.length >= LONG && (decoded > 0 || lives.length < known.length)) {
      this.#lists.set(prefix, lives)
    }
    return lives.map(({ entry }) => entry as ListedEntry<V>)
  }
}

/** Looks lives up in the order of their paths. */
class Walk {
  readonly #known: readonly Life[]
  #at = 0

  constructor(known: readonly Life[]) {
    this.#known = known
  }

  find(path: string, born: Serial): Life | undefined {
    for (;;) {
      const life = this.#known[this.#at]
      if (!life) return undefined
      const isSame = life.entry.path === path
      if (!isSame && comparePaths(life.entry.path, path) > 0) return undefined
      this.#at++
      if (isSame) return life.born === born ? life : undefined
    }
  }
}

/** Frozen, as all who list it are handed the same. */
function lifeOf(prefix: string, row: Row): Life {
  const [, text, born] = row
  const entry = listed<unknown>(prefix, row)
  Object.freeze(entry.value)
  return { born, size: text.length, entry }
}
