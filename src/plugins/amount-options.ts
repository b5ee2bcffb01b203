/** Index options that are an amount: spans of time, sizes, instants, counts. Each refuses what it can't be when it is set. */
import { parseDuration, parseSize } from '#base/duration'
import type { OptionKind } from '#registry/hooks'
import { invalid } from '#registry/option-values'
import { pythonRepr } from '#registry/python-text'
import type { Described } from './options.ts'

export interface Span {
  /** Milliseconds. */
  readonly ms: number
  /** As it was sent. */
  readonly text: string
}

/** `7d`, `12h`: a number and its unit, or `0`. Stored as it was sent. */
export function durationOption({ doc }: Described): OptionKind<Span> {
  return {
    doc,
    input: { kind: 'text', example: '7d' },
    store(value, name) {
      const text = asText(value, name, parseDuration, 'a duration such as 7d or 12h')
      assertUnit(text.trim(), name)
      return text
    },
    parse: (stored) => ({
      ms: parseDuration(stored as string) ?? 0,
      text: (stored as string).trim(),
    }),
  }
}

/** Whoever writes 7 may mean days as well as seconds; of nothing there is one kind only. */
function assertUnit(text: string, name: string): void {
  if (!/\d$/.test(text) || parseDuration(text) === 0) return
  const at = text.length + 1
  throw invalid(
    `'${name}' option lacks a unit at character ${at} of ${pythonRepr(text)}: ${text}d are days, ${text}h hours, ${text}s seconds`,
  )
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

/** A whole number from 1: to turn it off, the option is removed. */
export function countOption({ doc }: Described): OptionKind<number> {
  const parse = (text: string): number | undefined =>
    /^0*[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined
  return {
    doc,
    input: { kind: 'text', example: '10' },
    store: (value, name) => asText(value, name, parse, 'a whole number from 1 to 999999'),
    parse: (stored) => Number(stored),
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
