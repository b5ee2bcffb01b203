/** Typed keys. A key is a path of segments joined by `/`; its type parameter says what is stored there. */

/** The serial number of a change. The first change (the set-up of a data folder) is serial 0; none yet is -1. */
export type Serial = number & { readonly __brand?: 'Serial' }

/** One key, with the type of its value. */
export interface Key<V> {
  readonly path: string
  /** Never set: it carries the type. */
  readonly __value?: V
}

/** All keys below a path: those that begin with `prefix`, which ends in `/`. */
export interface KeyRange<V> {
  readonly prefix: string
  readonly __value?: V
}

/**
 * A key from its segments. A segment may hold anything but `/` and NUL, is not empty, and is well-formed: a
 * lone surrogate has no UTF-8 bytes, so no backend could give it back.
 */
export function key<V>(...segments: readonly string[]): Key<V> {
  return { path: joinSegments(segments) }
}

/** The range of all keys below the given segments. */
export function keyRange<V>(...segments: readonly string[]): KeyRange<V> {
  return { prefix: `${joinSegments(segments)}/` }
}

function joinSegments(segments: readonly string[]): string {
  for (const segment of segments) {
    if (segment === '' || !segment.isWellFormed() || /[/\0]/.test(segment)) {
      throw new TypeError(`not a key segment: ${JSON.stringify(segment)}`)
    }
  }
  return segments.join('/')
}
