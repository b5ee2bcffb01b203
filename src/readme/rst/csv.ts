/** Comma-separated values, as Python's `csv` reads them when it is strict. */
import { RstProblem } from './problem.ts'

export interface Dialect {
  readonly delimiter: string
  readonly quote: string
  /** Without it, quotes in quotes are doubled. */
  readonly escape: string | undefined
  readonly keepsSpace: boolean
}

export function parseCsv(lines: readonly string[], dialect: Dialect, first: number): string[][] {
  const text = lines.map((line) => `${line}\n`).join('')
  const rows: string[][] = []
  for (let at = 0; at < text.length;) {
    const row = readRow(text, at, dialect)
    if (!row) throw new RstProblem('These are no comma-separated values.', first)
    rows.push(row.fields)
    at = row.end
  }
  return rows
}

function readRow(
  text: string,
  start: number,
  dialect: Dialect,
): { fields: string[]; end: number } | undefined {
  const fields: string[] = []
  if (text[start] === '\n') return { fields, end: start + 1 }
  let at = start
  for (;;) {
    if (!dialect.keepsSpace) while (text[at] === ' ') at++
    const field =
      text[at] === dialect.quote ? readQuoted(text, at + 1, dialect) : readPlain(text, at, dialect)
    if (!field) return undefined
    fields.push(field.value)
    at = field.end
    if (text[at] === '\n') return { fields, end: at + 1 }
    if (!text.startsWith(dialect.delimiter, at)) return undefined
    at += dialect.delimiter.length
  }
}

interface Field {
  readonly value: string
  readonly end: number
}

function readPlain(text: string, start: number, { delimiter, escape }: Dialect): Field | undefined {
  let value = ''
  let at = start
  while (at < text.length && text[at] !== '\n' && !text.startsWith(delimiter, at)) {
    if (text[at] === escape) at++
    value += text[at] ?? ''
    at++
  }
  return at < text.length ? { value, end: at } : undefined
}

function readQuoted(text: string, start: number, { quote, escape }: Dialect): Field | undefined {
  let value = ''
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === escape) {
      at++
      value += text[at] ?? ''
    } else if (character !== quote) value += character
    else if (escape === undefined && text[at + 1] === quote) {
      at++
      value += quote
    } else return { value, end: at + 1 }
  }
  return undefined
}
