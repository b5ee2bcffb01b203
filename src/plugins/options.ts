/** Kinds of index options. Each refuses what it can't be when it is set, and says where the mistake is. */
import { parseDuration } from '#base/duration'
import { normalizeName } from '#python/name'
import type { OptionKind } from '#registry/hooks'
import { invalid, readBoolean, readList } from '#registry/option-values'

interface Described {
  /** One sentence for the reference. */
  readonly doc: string
}

/** `7d`, `12h`; a number counts seconds. Stored as it was sent, parsed to milliseconds. */
export function durationOption({ doc }: Described): OptionKind<number> {
  return {
    doc,
    store(value, name) {
      const text = typeof value === 'number' ? String(value) : value
      if (typeof text === 'string' && parseDuration(text) !== undefined) return text
      throw invalid(`'${name}' option must be a duration such as 7d or 12h`)
    },
    parse: (stored) => parseDuration(stored as string) ?? 0,
  }
}

export function flagOption({ doc }: Described): OptionKind<boolean> {
  return { doc, store: readBoolean, parse: (stored) => stored as boolean }
}

/** Projects, stored by their normalised names. */
export function namesOption({ doc }: Described): OptionKind<ReadonlySet<string>> {
  return {
    doc,
    store: (value, name) => readList(value, name).map(normalizeName),
    parse: (stored) => new Set(stored as readonly string[]),
  }
}
