/** Bytes of a stranger as text that can be looked at: nothing in it is unseen, turns lines around or is endless. */
import { isUtf8 } from 'node:buffer'

/** A character that is not shown as itself: `U+202E`. */
export interface Mark {
  readonly mark: string
}

export interface TextLine {
  readonly parts: readonly (string | Mark)[]
  readonly isCut: boolean
}

export interface VisibleText {
  readonly encoding: 'UTF-8' | 'UTF-16' | 'Latin-1'
  readonly lines: readonly TextLine[]
  /** Whether there are more lines than these. */
  readonly isCut: boolean
}

export const textLimits = {
  lines: 10_000,
  /** Characters. */
  line: 2000,
  /** Marks in a line, and in all: each is an element of its own. */
  marks: 200,
  allMarks: 20_000,
} as const

/** Undefined for what is no text. With `isWhole` false the bytes may end in the middle of a character. */
export function viewText(bytes: Buffer, isWhole = true): VisibleText | undefined {
  const decoded = decodeText(bytes, isWhole)
  if (!decoded) return undefined
  const { encoding, text } = decoded
  const lines = text.split(/\r\n|\n|\r/, textLimits.lines + 2)
  if (lines.at(-1) === '') lines.pop() // the last line ends as the others do
  const shown: TextLine[] = []
  let marks = 0
  for (const line of lines.slice(0, textLimits.lines)) {
    if (marks >= textLimits.allMarks) break
    const viewed = viewLine(line)
    marks += viewed.parts.filter((part) => typeof part !== 'string').length
    shown.push(viewed)
  }
  return { encoding, lines: shown, isCut: lines.length > shown.length }
}

export interface DecodedText {
  readonly encoding: VisibleText['encoding']
  readonly text: string
}

/** Undefined for what is no text. */
export function decodeText(bytes: Buffer, isWhole = true): DecodedText | undefined {
  const utf16 = utf16Of(bytes)
  if (utf16) return { encoding: 'UTF-16', text: new TextDecoder(utf16).decode(bytes) }
  if (bytes.includes(0)) return undefined
  const whole = isWhole ? bytes : bytes.subarray(0, endOfWhole(bytes))
  if (isUtf8(whole)) return { encoding: 'UTF-8', text: new TextDecoder().decode(whole) }
  const text = bytes.toString('latin1')
  return controlShare(bytes) > MOST_CONTROLS ? undefined : { encoding: 'Latin-1', text }
}

function utf16Of(bytes: Buffer): string | undefined {
  if (bytes.length % 2 === 1 && bytes.length < 3) return undefined
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** Before a last character that is not whole. */
function endOfWhole(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return bytes.length
    if (byte < 0xc0) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return back < needed ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Of what is neither UTF-8 nor has a byte of zero: more than this, and it is hardly text. */
const MOST_CONTROLS = 0.02

function controlShare(bytes: Buffer): number {
  let controls = 0
  for (const byte of bytes) {
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c) controls++
  }
  return bytes.length === 0 ? 0 : controls / bytes.length
}

/** Controls but the tab, what has no width or turns the direction, other ends of lines, and what has no meaning. */
const unseen = /[^\P{Cc}\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu

export function viewLine(whole: string): TextLine {
  const line = cutText(whole, textLimits.line)
  const parts: (string | Mark)[] = []
  let from = 0
  let marks = 0
  for (const { 0: character, index } of line.matchAll(unseen)) {
    if (++marks > textLimits.marks) return { parts, isCut: true }
    if (index > from) parts.push(line.slice(from, index))
    parts.push({ mark: codeOf(character) })
    from = index + character.length
  }
  if (from < line.length) parts.push(line.slice(from))
  return { parts, isCut: line.length < whole.length }
}

/** Not through the middle of a character. */
function cutText(text: string, length: number): string {
  if (text.length <= length) return text
  const isSplit = /[\uD800-\uDBFF]/.test(text[length - 1]!)
  return text.slice(0, isSplit ? length - 1 : length)
}

const codeOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

/** On one line, for names and titles: what is not shown as itself stands in brackets. */
export const visibleName = (text: string): string =>
  viewLine(text)
    .parts.map((part) => (typeof part === 'string' ? part : `[${part.mark}]`))
    .join('')
