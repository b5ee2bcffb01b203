/** A TOML document beside its text: which strings stand where. */
import { parse, TomlError } from 'smol-toml'
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

const PIECE =
  /#[^\n]*|"""(?:[^\\"]+|\\[^]|"(?!""))*"""|'''(?:[^']+|'(?!''))*'''|"(?:[^"\\\n]+|\\.)*"|'[^'\n]*'|^[ \t]*\[\[[ \t]*([\w-]+)[ \t]*\]\]|\n/gm

/** `name`: what the tables are called. */
export function readToml(text: string, name: string): TomlText {
  const document = parseDocument(text)
  const head: TomlTable = { line: 1, strings: [] }
  const tables: TomlTable[] = []
  let line = 1
  for (const match of text.matchAll(PIECE)) {
    const [piece, table] = match
    if (piece === '\n') line++
    else if (table === name) tables.push({ line, strings: [] })
    else if (/^["']/.test(piece)) {
      const quotes = /^(?:"""|''')/.test(piece) ? 3 : 1
      const raw = piece.slice(quotes, -quotes)
      const start = match.index + quotes
      const { strings } = tables.at(-1) ?? head
      const key = keyBefore(text, match.index)
      const value = raw.includes('\\') && piece.startsWith('"') ? unescape(piece) : raw
      strings.push({ value, key, start, end: start + raw.length, line })
      line += raw.split('\n').length - 1
    }
  }
  return { document, head, tables }
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
