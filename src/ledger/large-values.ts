/** Values so large that reading or decoding them anew each time would be felt: the text of a lock file in an option. */
import { LRUCache } from 'lru-cache'
import type { Serial } from './key.ts'

/** Characters. */
const LARGE = 64 * 1024
const MOST_KEPT = 32 * 1024 * 1024

export interface KnownLife {
  readonly born: Serial
  readonly value: string
}

/** The latest large life of each key that was read. Only for what is committed: nothing else is sure to stay. */
export class LargeLives {
  readonly #lives = new LRUCache<string, KnownLife>({
    maxSize: MOST_KEPT,
    sizeCalculation: ({ value }) => value.length,
  })

  find(path: string): KnownLife | undefined {
    return this.#lives.get(path)
  }

  add(path: string, life: KnownLife): void {
    if (life.value.length >= LARGE) this.#lives.set(path, life)
  }
}

const decoded = new LRUCache<string, { readonly text: string; readonly value: unknown }>({
  maxSize: MOST_KEPT,
  sizeCalculation: ({ text }) => text.length,
})

/** The value of a text: for a large one the same object again, as long as the text is the same. */
export function decodeOnce<V>(path: string, text: string, decode: (text: string) => V): V {
  if (text.length < LARGE) return decode(text)
  const known = decoded.get(path)
  if (known?.text === text) return known.value as V
  const value = Object.freeze(decode(text))
  decoded.set(path, { text, value })
  return value
}
