/** A piece of a text around the words that were looked for. */
import type { TextPart } from './search.ts'
import { plainAround } from './without-markup.ts'

const LONGEST = 200
/** Characters before the first word. */
const BEFORE = 40

/** The text in parts; of a long one a piece. */
export function highlight(text: string, words: readonly string[]): TextPart[] {
  const pattern = patternOf(words)
  const at = pattern ? bestMatch(text, pattern) : 0
  return markParts(pieceAround(text, at), words)
}

/** The same of a description, without its markup. A word that stands in marks alone, as in an address, is shown with them. */
export function highlightMarkup(text: string, words: readonly string[]): TextPart[] {
  const pattern = patternOf(words)
  if (!pattern) return highlight(plainAround(text, 0), words)
  const plain = plainAround(text, bestMatch(text, pattern))
  const isLost = plain.search(pattern) < 0 && text.search(pattern) >= 0
  return highlight(isLost ? text : plain, words)
}

export function markParts(text: string, words: readonly string[]): TextPart[] {
  const pattern = patternOf(words)
  const parts: TextPart[] = []
  let end = 0
  for (const match of pattern ? text.matchAll(pattern) : []) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index), isMatch: false })
    parts.push({ text: match[0], isMatch: true })
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ text: text.slice(end), isMatch: false })
  return parts
}

/** Longer words first, so that none hides in another. */
function patternOf(words: readonly string[]): RegExp | undefined {
  const sorted = [...new Set(words)].sort((a, b) => b.length - a.length)
  if (sorted.length === 0) return undefined
  return new RegExp(sorted.map(wordPattern).join('|'), 'giu')
}

/** Names are spelt with one sign or another. */
const wordPattern = (word: string): string =>
  word
    .split(/[._]/)
    .map((part) => RegExp.escape(part))
    .join('[._-]')

const WORD_CHARACTER = /[\p{L}\p{N}_]/u
const MOST_LOOKED_AT = 200

/** The first one that is a whole word, or else the first. */
function bestMatch(text: string, pattern: RegExp): number {
  let first: number | undefined
  let count = 0
  for (const { index, 0: found } of text.matchAll(pattern)) {
    first ??= index
    const around = [text[index - 1] ?? ' ', text[index + found.length] ?? ' ']
    if (!around.some((character) => WORD_CHARACTER.test(character))) return index
    if (++count >= MOST_LOOKED_AT) break
  }
  return first ?? 0
}

function pieceAround(text: string, at: number): string {
  if (text.length <= LONGEST) return text
  const start = at <= BEFORE ? 0 : text.lastIndexOf(' ', at - BEFORE) + 1
  // One without spaces is cut anywhere.
  const from = at - start > 2 * BEFORE ? at - BEFORE : start
  const to = Math.min(from + LONGEST, text.length)
  const end = to === text.length ? to : text.lastIndexOf(' ', to)
  const piece = text.slice(from, end > at + BEFORE ? end : to).toWellFormed()
  return `${from > 0 ? '… ' : ''}${piece}${end < text.length ? ' …' : ''}`
}
