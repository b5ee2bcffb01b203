/** A TOML document beside its text: which strings stand where. */
import { parse, TomlError } from 'smol-toml'
import type { Steps } from '../steps.ts'
import { UnreadableLock } from './lock.ts'

export interface TomlString {
  readonly value: string
  /** The key before it, if it is the value of one. */
  readonly key: string | undefined
  /** Of its characters, without quotes. */
  readonly start: number
  readonly end: number
  readonly line: number
}

/** `[[package]]` and all that belongs to it. */
export interface TomlTable {
  readonly line: number
  readonly strings: TomlString[]
}

export interface TomlText {
  readonly document: Readonly<Record<string, unknown>>
  /** What stands before the first table. */
  readonly head: TomlTable
  readonly tables: readonly TomlTable[]
}

/** What begins a comment, a string or a table, and each line's end. */
const PIECE = /#[^\n]*|"""|'''|"|'|^[ \t]*\[\[[ \t]*([\w-]+)[ \t]*\]\]|\n/gm

/** `name`: what the tables are called. In steps: a lock file may have very many strings. */
export function* readToml(text: string, name: string): Steps<TomlText> {
  const document = parseDocument(text)
  const head: TomlTable = { line: 1, strings: [] }
  const tables: TomlTable[] = []
  const pieces = new RegExp(PIECE)
  let line = 1
  for (let match = pieces.exec(text); match; match = pieces.exec(text)) {
    const [piece, table] = match
    if (piece === '\n') line++
    else if (table === name) tables.push({ line, strings: [] })
    else if (/^["']/.test(piece)) {
      const start = match.index + piece.length
      const end = endOfString(text, start, piece)
      pieces.lastIndex = end + piece.length
      const raw = text.slice(start, end)
      const { strings } = tables.at(-1) ?? head
      const key = keyBefore(text, match.index)
      const value =
        raw.includes('\\') && piece.startsWith('"') ? unescape(piece + raw + piece) : raw
      strings.push({ value, key, start, end, line })
      if (piece.length === 3) line += raw.split('\n').length - 1
    }
    yield
  }
  return { document, head, tables }
}

/** The text is known to be TOML: the string does end. Of more than three quotes the first belong to it. */
function endOfString(text: string, start: number, quote: string): number {
  let at = text.indexOf(quote, start)
  while (at !== -1 && quote.startsWith('"') && isEscaped(text, start, at)) {
    at = text.indexOf(quote, at + 1)
  }
  if (at === -1) return text.length
  if (quote.length === 3) while (text[at + 3] === quote[0]) at++
  return at
}

/** By an odd number of backslashes before it. */
function isEscaped(text: string, start: number, at: number): boolean {
  let from = at
  while (from > start && text[from - 1] === '\\') from--
  return (at - from) % 2 === 1
}

function keyBefore(text: string, at: number): string | undefined {
  const before = text.slice(Math.max(0, at - 60), at)
  return /([\w-]+)["']?[ \t]*=[ \t]*$/.exec(before)?.[1]
}

const unescape = (piece: string): string => textOf(parse(`value = ${piece}`)['value']) ?? ''

function parseDocument(text: string): TomlText['document'] {
  try {
    return parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [first = ''] = error.message.split('\n')
    throw new UnreadableLock(
      error.line,
      first.replace(/^Invalid TOML document: /, 'it is no TOML: '),
    )
  }
}

export type Table = Readonly<Record<string, unknown>>

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

export const tablesOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The packages, each with its text. Throws where they are not written as tables. */
export function pairPackages(toml: TomlText, name: string): (readonly [Table, TomlTable])[] {
  const found = toml.document[name] ?? []
  if (!Array.isArray(found) || !found.every(isTable) || found.length !== toml.tables.length) {
    throw new UnreadableLock(1, `its packages are not written as [[${name}]]`)
  }
  return found.map((one, at) => [one, toml.tables[at]!])
}
