/** The `Range` header: one range of bytes (RFC 9110 §14). */

export interface ByteRange {
  readonly start: number
  /** Inclusive. */
  readonly end: number
}

/**
 * `whole` also for what is malformed and for several ranges, which a server need not honour;
 * `unsatisfiable` when it begins after the end.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const [, first = '', last = ''] =
    /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '') ?? []
  if (first === '' && last === '') return 'whole'

  if (first === '') {
    const length = Number(last)
    if (length === 0) return 'unsatisfiable'
    if (size === 0) return 'whole' // satisfiable, but no Content-Range can say "none"
    return { start: Math.max(0, size - length), end: size - 1 }
  }

  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return 'whole'
  return start >= size ? 'unsatisfiable' : { start, end }
}
