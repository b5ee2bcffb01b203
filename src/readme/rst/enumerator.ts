/** How the items of enumerated lists are counted: numbers, letters and Roman numerals. */

export interface Enumerator {
  readonly format: 'parens' | 'rparen' | 'period'
  readonly sequence: Sequence | '#'
  /** Undefined where it is no number at all, as in "iiii." */
  readonly ordinal: number | undefined
  /** The columns of the enumerator and the space behind it. */
  readonly width: number
}

type Sequence = 'arabic' | 'loweralpha' | 'upperalpha' | 'lowerroman' | 'upperroman'

const pattern =
  /^(?:\(([0-9]+|[a-zA-Z]|[ivxlcdm]+|[IVXLCDM]+|#)\)|([0-9]+|[a-zA-Z]|[ivxlcdm]+|[IVXLCDM]+|#)([).]))(?: +|$)/

const sequences: Readonly<Record<Sequence, RegExp>> = {
  arabic: /^[0-9]+$/,
  loweralpha: /^[a-z]$/,
  upperalpha: /^[A-Z]$/,
  lowerroman: /^[ivxlcdm]+$/,
  upperroman: /^[IVXLCDM]+$/,
}

export function readEnumerator(line: string, expected?: string): Enumerator | undefined {
  const found = pattern.exec(line)
  if (!found) return undefined
  const [whole, inParens, text = inParens ?? '', end] = found
  const format = inParens !== undefined ? 'parens' : end === ')' ? 'rparen' : 'period'
  const sequence = text === '#' ? '#' : chooseSequence(text, expected)
  return { format, sequence, ordinal: ordinalOf(text, sequence), width: whole.length }
}

function chooseSequence(text: string, expected: string | undefined): Sequence {
  const names = Object.keys(sequences) as Sequence[]
  const wanted = names.find((name) => name === expected && sequences[name].test(text))
  if (wanted) return wanted
  if (expected === undefined && text === 'i') return 'lowerroman'
  if (expected === undefined && text === 'I') return 'upperroman'
  return names.find((name) => sequences[name].test(text)) ?? 'arabic'
}

function ordinalOf(text: string, sequence: Sequence | '#'): number | undefined {
  if (sequence === '#') return 1
  if (sequence === 'arabic') return Number(text)
  if (sequence.endsWith('alpha')) return text.toLowerCase().charCodeAt(0) - 96
  return romanToNumber(text.toUpperCase())
}

const roman = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
] as const

const wellFormedRoman = /^M{0,4}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/

function romanToNumber(text: string): number | undefined {
  if (!wellFormedRoman.test(text)) return undefined
  let rest = text
  let number = 0
  for (const [value, letters] of roman) {
    for (; rest.startsWith(letters); rest = rest.slice(letters.length)) number += value
  }
  return number
}

function numberToRoman(number: number): string | undefined {
  if (number > 4999) return undefined
  let rest = number
  let text = ''
  for (const [value, letters] of roman) for (; rest >= value; rest -= value) text += letters
  return text
}

/**
 * Whether what looks like an enumerator begins an item. A line behind it that is neither blank nor indented nor the
 * next item makes it the first line of a paragraph.
 */
export function isListItem(enumerator: Enumerator, nextLine: string | undefined): boolean {
  if (enumerator.ordinal === undefined) return false
  if (nextLine === undefined || nextLine.slice(0, 1).trim() === '') return true
  const next = nextEnumerator(enumerator.sequence, enumerator.ordinal + 1)
  if (next === undefined) return false
  return [next, '#'].some((text) => nextLine.startsWith(`${wrap(text, enumerator.format)} `))
}

function nextEnumerator(sequence: Sequence | '#', ordinal: number): string | undefined {
  if (sequence === '#') return '#'
  if (sequence === 'arabic') return String(ordinal)
  if (sequence.endsWith('alpha') && ordinal > 26) return undefined
  const text = sequence.endsWith('alpha')
    ? String.fromCharCode(96 + ordinal)
    : numberToRoman(ordinal)
  return sequence.startsWith('lower') ? text?.toLowerCase() : text?.toUpperCase()
}

function wrap(text: string, format: Enumerator['format']): string {
  if (format === 'parens') return `(${text})`
  return text + (format === 'rparen' ? ')' : '.')
}
