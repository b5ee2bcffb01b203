/** Caches of many small entries. */
import { LRUCache } from 'lru-cache'

interface Options {
  /** Milliseconds after which an entry counts no more. */
  readonly ttl?: number
}

/** At most so many entries, with memory for those that are there: `max` of lru-cache takes it for all from the start. */
export const mostRecent = <Key extends string | number, Value extends {}>(
  most: number,
  options: Options = {},
): LRUCache<Key, Value> =>
  new LRUCache<Key, Value>({ ...options, maxSize: most, sizeCalculation: () => 1 })
