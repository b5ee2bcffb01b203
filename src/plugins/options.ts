/** Kinds of index options. Each refuses what it can't be when it is set, and says where the mistake is. */
import { parseDuration, parseSize } from '#base/duration'
import { normalizeName } from '#python/name'
import type { OptionKind } from '#registry/hooks'
import { invalid, readBoolean, readList } from '#registry/option-values'
import { pythonRepr } from '#registry/python-text'

interface Described {
  /** One sentence for the reference. */
  readonly doc: string
}

/** `7d`, `12h`; a number counts seconds. Stored as it was sent, parsed to milliseconds. */
export function durationOption({ doc }: Described): OptionKind<number> {
  return {
    doc,
    input: { kind: 'text', example: '7d' },
    store: (value, name) => asText(value, name, parseDuration, 'a duration such as 7d or 12h'),
    parse: (stored) => parseDuration(stored as string) ?? 0,
  }
}

/** `20MB`; a number counts bytes. Stored as it was sent, parsed to bytes. */
export function sizeOption({ doc }: Described): OptionKind<number> {
  return {
    doc,
    input: { kind: 'text', example: '20MB' },
    store: (value, name) => asText(value, name, parseSize, 'a size such as 20MB'),
    parse: (stored) => parseSize(stored as string) ?? 0,
  }
}

/** A date or an instant of RFC 3339: `2026-01-31` begins that day in UTC. Parsed to milliseconds. */
export function instantOption({ doc }: Described): OptionKind<number> {
  return {
    doc,
    input: { kind: 'text', example: '2026-01-31' },
    store: (value, name) =>
      asText(value, name, parseInstant, 'a date such as 2026-01-31 or 2026-01-31T12:00:00Z'),
    parse: (stored) => parseInstant(stored as string) ?? 0,
  }
}

export function countOption({ doc }: Described): OptionKind<number> {
  const parse = (text: string): number | undefined =>
    /^\d{1,6}$/.test(text) ? Number(text) : undefined
  return {
    doc,
    store: (value, name) => asText(value, name, parse, 'a whole number'),
    parse: (stored) => Number(stored),
  }
}

export function flagOption({ doc }: Described): OptionKind<boolean> {
  return { doc, input: { kind: 'flag' }, store: readBoolean, parse: (stored) => stored as boolean }
}

/** One of some words. */
export function choiceOption<const Word extends string>({
  doc,
  words,
}: Described & { readonly words: readonly Word[] }): OptionKind<Word> {
  return {
    doc,
    input: { kind: 'choice', words },
    store(value, name) {
      const word = typeof value === 'string' ? value.trim().toLowerCase() : value
      const known = words.find((one) => one === word)
      if (known !== undefined) return known
      const shown = pythonRepr(value).slice(0, 100)
      throw invalid(`'${name}' option must be one of ${words.join(', ')}, not ${shown}`)
    },
    parse: (stored) => stored as Word,
  }
}

/** Projects, stored by their normalised names. */
export function namesOption({ doc }: Described): OptionKind<ReadonlySet<string>> {
  return {
    doc,
    input: { kind: 'list' },
    store: (value, name) => readList(value, name).map(normalizeName),
    parse: (stored) => new Set(stored as readonly string[]),
  }
}

/**
 * A list of texts, each of which `read` turns into what the policy works with. Where a member is wrong, `read` gives a
 * `Mistake`, and the refusal names the member by its number, from 1.
 */
export function listOption<T>({
  doc,
  read,
  split,
}: Described & {
  readonly read: (member: string) => T | Mistake
  /** How a plain text is taken apart; at commas, where nothing is said. */
  readonly split?: (text: string) => readonly string[]
}): OptionKind<readonly T[]> {
  return {
    doc,
    input: { kind: 'list' },
    store(value, name) {
      const list = typeof value === 'string' && split ? split(value) : value
      const members = readList(list, name)
      for (const [at, member] of members.entries()) {
        const result = read(member)
        if (!(result instanceof Mistake)) continue
        const shown = pythonRepr(member.slice(0, 100))
        throw invalid(`'${name}' has a mistake in member ${at + 1}, ${shown}: ${result.problem}`)
      }
      return members
    },
    parse: (stored) => (stored as readonly string[]).map((member) => read(member) as T),
  }
}

export class Mistake {
  /** Completes "member 2, 'foo >> 1': …". */
  readonly problem: string

  constructor(problem: string) {
    this.problem = problem
  }
}

function asText(
  value: unknown,
  name: string,
  parse: (text: string) => number | undefined,
  expected: string,
): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && text.length <= 100 && parse(text) !== undefined) return text
  throw invalid(`'${name}' option must be ${expected}, not ${pythonRepr(value).slice(0, 100)}`)
}

function parseInstant(text: string): number | undefined {
  const isInstant = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(
    text,
  )
  const at = isInstant ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) return undefined
  // The parser takes 2026-02-31 for a day in March.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  return day.toISOString().startsWith(text.slice(0, 10)) ? at : undefined
}

/** A text of many lines. `read` gives what the policy works with, or, as a text, what is wrong with it. */
export function textOption<T extends object>({
  doc,
  longest,
  read,
}: Described & {
  /** In characters. */
  readonly longest: number
  readonly read: (text: string) => T | string
}): OptionKind<T> {
  return {
    doc,
    input: { kind: 'document' },
    store(value, name) {
      const isText = typeof value === 'string' && value.length <= longest && value.isWellFormed()
      if (!isText) throw invalid(`'${name}' option must be a text of at most ${longest} characters`)
      const result = read(value)
      if (typeof result === 'string') throw invalid(`'${name}' has a mistake in ${result}`)
      return value
    },
    parse: (stored) => read(stored as string) as T,
  }
}
